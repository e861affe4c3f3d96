// Player: repeats a run with its log, and finds out when the program does not do what the log says.
//
// Knows nothing of WASI: what a call has written is in the log.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fermata/fermata.hpp"
#include "tools/fermata/guest.hpp"
#include "tools/fermata/record/log.hpp"

namespace fermata::tool {

struct PlayerOptions {
  std::uint64_t to = FuelRef::unlimited;  ///< goes no further than fuel would let it
  /// What went to standard output (1) or to standard error (2).
  std::function<void(const LoggedOutput&)> output;
  /// Of each call, once it is answered: a line.
  std::function<void(std::string_view)> call;
};

/// As much fuel as was wanted has been used.
struct Reached {
  Thread thread;  ///< the one that was running
};
/// The log ends before the program.
struct LogEnds {
  std::optional<Thread> thread;  ///< likewise, if one has run
};
/// The program did something else than the log has. The message says what, and where.
struct Diverged {
  std::string message;
};
using Played = std::variant<Ending, Reached, LogEnds, Diverged>;

/// For one run.
class Player {
 public:
  /// A metered process that was just created, with `resolver`.
  Player(Process& process, LogReader& log, PlayerOptions options);

  /// Takes whatever is imported.
  [[nodiscard]] static Resolver resolver();

  /// Errors: the reader's.
  [[nodiscard]] Result<Played> play(std::optional<std::uint32_t> initialize);

  /// What the program is besides its process.
  [[nodiscard]] GuestState state();

 private:
  using Step = std::expected<void, Played>;
  /// The call that a thread waits for.
  struct Call {
    std::uint64_t number = 0;  // calls count from 1
    std::string text;
    const std::vector<ValType>* results = nullptr;  // the types that an answer has
    std::optional<std::vector<Value>> answer;
    std::uint64_t delay = 0;
  };

  [[nodiscard]] std::expected<Outcome, Played> run(ThreadId id, std::uint64_t limit);
  [[nodiscard]] std::expected<Outcome, Played> run_until(ThreadId id, std::uint64_t fuel,
                                                         bool pauses, const std::string& wanted);
  [[nodiscard]] Step play(const LoggedCall& event);
  [[nodiscard]] Step play(const LoggedAnswer& event);
  [[nodiscard]] Step play(const LoggedPause& event);
  [[nodiscard]] Step play(const LoggedWait& event);
  [[nodiscard]] Step play(const LoggedTimeout& event);
  [[nodiscard]] Step play(const LoggedFinish& event);
  [[nodiscard]] Step play(const LoggedTrap& event);
  [[nodiscard]] Step play(const LoggedEnd& event);
  [[nodiscard]] Step look(const Call& call, const LoggedView& view);
  [[nodiscard]] Step write(const Call& call, const LoggedWrite& write);
  [[nodiscard]] std::string pending_import() const;
  [[nodiscard]] Ending ending(const LoggedEnd& event);
  [[nodiscard]] std::string text_of(const Outcome& outcome) const;
  [[nodiscard]] std::string place() const;
  [[nodiscard]] std::unexpected<Played> diverged(std::string_view what) const;
  [[nodiscard]] std::unexpected<Played> differs(std::string_view wanted,
                                                std::string_view found) const;

  Process& process_;
  LogReader& log_;
  PlayerOptions options_;
  FuelRef fuel_;
  std::vector<ImportType> imports_;  // the functions
  std::map<ThreadId, Call> calls_;
  std::uint64_t call_count_ = 0;
  ThreadId initializer_ = 0;
  std::optional<ThreadId> last_;  // that has run
  std::vector<Value> results_;    // of the main thread
  Trap trap_ = Trap::none;
};

}  // namespace fermata::tool
