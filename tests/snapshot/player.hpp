// Player: an embedder whose every step depends on the pause and the process alone, so that a
// process and one restored from its snapshot have the same story to tell.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fermata/process.hpp"
#include "fermata/snapshot.hpp"

namespace fermata::test {

/// The modules of samples and others: numbers their imports in order, from a first one on.
[[nodiscard]] Resolver numbered_from(std::uint64_t first);

class Player {
 public:
  /// `first_number`: of the process's resolver.
  Player(Process& process, std::uint64_t first_number, std::uint64_t pause = 0)
      : process_(process), first_number_(first_number), pause_(pause) {}

  /// Does what comes next; false, and nothing was done, when there is nothing.
  bool step();
  [[nodiscard]] std::uint64_t pause() const { return pause_; }
  /// What happened, a line for each thing, and the threads as they are now.
  [[nodiscard]] const std::vector<std::string>& story() const { return story_; }
  [[nodiscard]] std::vector<std::string> state() const;

 private:
  [[nodiscard]] std::string words(const Value& value) const;
  [[nodiscard]] std::string words(std::span<const Value> values) const;
  [[nodiscard]] bool wait_on(Thread thread, const Waiting& waiting);
  [[nodiscard]] Result<Outcome> answer(Thread thread, const HostCall& call);
  void begin_thread(std::string_view how, std::span<const Value> arguments);
  [[nodiscard]] Value invented(ValType type, std::span<const Value> arguments) const;
  void tell(Thread thread, const Outcome& outcome);

  Process& process_;
  std::uint64_t first_number_;
  std::uint64_t pause_;
  std::vector<std::string> story_;
};

}  // namespace fermata::test
