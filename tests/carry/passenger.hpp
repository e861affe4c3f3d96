// Passenger: a metered process with a host whose every answer depends on the call alone, so that it
// has the same run in every build, wherever it is interrupted and carried on.
//
// Owns the host: WASI with a clock that stands, a fixed sequence of random numbers and no input;
// any other import prints its arguments, and invents its results of them. One thread runs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fermata/process.hpp"
#include "fermata/wasi.hpp"

namespace fermata::test {

class Passenger {
 public:
  /// A process whose main thread is to run.
  [[nodiscard]] static Result<Passenger> create(const Module& module, ProcessOptions options);
  /// The snapshot is what `save` gave.
  [[nodiscard]] static Result<Passenger> restore(const Module& module,
                                                 const std::vector<std::byte>& snapshot,
                                                 ThreadId thread, const ProcessOptions& options);
  /// One as this one is; WASI is not forked.
  [[nodiscard]] Result<Passenger> fork() const;
  /// This thread is to run from now on.
  void set_thread(ThreadId thread) { thread_ = thread; }

  /// Runs until the fuel's limit stops it, and gives nothing; or to its end, which it tells in
  /// words.
  [[nodiscard]] std::optional<std::string> run(std::uint64_t limit);
  [[nodiscard]] Result<std::vector<std::byte>> save() const;

  [[nodiscard]] Process& process() { return process_; }
  [[nodiscard]] ThreadId thread() const { return thread_; }
  [[nodiscard]] std::uint64_t fuel_used() { return process_.fuel()->used(); }
  /// All that it has printed since it was made.
  [[nodiscard]] const std::string& output() const { return *output_; }

 private:
  explicit Passenger(Process process);
  [[nodiscard]] Result<void> begin_world();
  [[nodiscard]] std::optional<std::string> end_of(const Result<Outcome>& outcome) const;
  [[nodiscard]] std::optional<std::vector<Value>> answer(const HostCall& call);
  [[nodiscard]] std::optional<Value> invented(ValType type, std::span<const Value> arguments,
                                              std::uint64_t number) const;
  [[nodiscard]] std::string words(std::span<const Value> values) const;
  [[nodiscard]] std::string words(const Value& value) const;

  Process process_;
  ThreadId thread_ = 0;
  std::unique_ptr<std::string> output_ = std::make_unique<std::string>();
  std::optional<wasi::Wasi> wasi_;
  std::optional<std::string> exit_;  // how the guest ended itself
};

/// With metering, and what modules of the suite want. `heap`: the most bytes of objects.
[[nodiscard]] ProcessOptions passenger_options(const ExecutionOptions& execution,
                                               std::uint64_t heap);

}  // namespace fermata::test
