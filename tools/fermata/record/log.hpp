// The log of a run: what `fermata run --record` writes and `fermata replay` reads, as values.
// docs/recording.md.
//
// Knows the format and nothing of processes: a log is whatever its bytes say.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fermata/fermata.hpp"
#include "fermata/snapshot.hpp"

namespace fermata::tool {

/// What the program was when it began.
struct LogHeader {
  std::string module;  ///< path of the file; empty: it has none
  std::array<std::uint8_t, 32> hash{};
  std::vector<std::string> features;
  std::string entry;
  std::vector<std::string> arguments;       ///< of the entry, as `run --invoke` reads them
  std::optional<std::uint32_t> initialize;  ///< the function that is run in a thread before
  bool canonical_nan = false;               ///< as ExecutionOptions has it
  std::uint64_t max_fuel = 0;               ///< the limit; FuelRef::unlimited without one
  // As ExecutionOptions has them.
  std::uint64_t max_bytes = 0;
  std::uint64_t max_stack_bytes = 0;
  std::uint64_t max_memory_pages = 0;
  std::uint64_t max_heap_bytes = 0;
  std::uint64_t max_table_elements = 0;
};

// --- events, each with the thread and what fuel had been used in all

/// The thread called an imported function.
struct LoggedCall {
  ThreadId thread = 0;
  std::uint64_t fuel = 0;
  std::string module;
  std::string name;
  std::vector<Value> arguments;  // numbers
};
/// Bytes of the memory that the call looked at, as they were before.
struct LoggedView {
  std::uint64_t address = 0;
  std::uint64_t size = 0;
  std::uint64_t hash = 0;  ///< `log_hash`
};
/// What the host has written there.
struct LoggedWrite {
  std::uint64_t address = 0;
  std::vector<std::byte> bytes;
};
/// What went to standard output (1) or to standard error (2).
struct LoggedOutput {
  std::uint8_t stream = 1;
  std::vector<std::byte> bytes;
};
/// The thread that the call has started.
struct LoggedSpawn {
  std::string entry;  ///< the export
  std::vector<Value> arguments;
};
/// The call that the thread waits for was answered. It goes on when an event says so.
struct LoggedAnswer {
  ThreadId thread = 0;
  std::vector<Value> results;
  std::uint64_t delay = 0;  ///< nanoseconds that it had to wait before it went on
  std::vector<LoggedView> views;
  std::vector<LoggedWrite> writes;
  std::vector<LoggedOutput> outputs;
  std::optional<LoggedSpawn> spawn;
};
/// The thread was paused, since its turn was over or something interrupted it.
struct LoggedPause {
  ThreadId thread = 0;
  std::uint64_t fuel = 0;
};
/// The thread began to wait at an address.
struct LoggedWait {
  ThreadId thread = 0;
  std::uint64_t fuel = 0;
};
/// Its time was over.
struct LoggedTimeout {
  ThreadId thread = 0;
};
struct LoggedFinish {
  ThreadId thread = 0;
  std::uint64_t fuel = 0;
  std::vector<std::string> results;  ///< as `run --invoke` prints them
};
struct LoggedTrap {
  ThreadId thread = 0;
  std::uint64_t fuel = 0;
  std::string trap;  ///< the wording of `to_string(Trap)`
};
enum class EndKind : std::uint8_t {
  returned,
  exited,  // number: the code
  trapped,
  deadlocked,
  out_of_fuel,
  out_of_time,
  signalled,  // number: the signal's
  called_unknown,
};
/// What came of the program. The last event.
struct LoggedEnd {
  EndKind kind{};
  std::uint64_t fuel = 0;
  std::uint32_t number = 0;
};
using LogEvent = std::variant<LoggedCall, LoggedAnswer, LoggedPause, LoggedWait, LoggedTimeout,
                              LoggedFinish, LoggedTrap, LoggedEnd>;

/// FNV-1a of 64 bits.
[[nodiscard]] std::uint64_t log_hash(std::span<const std::byte> bytes);
/// `wasi_snapshot_preview1.fd_write(1, 1024, 1, 1020)`.
[[nodiscard]] std::string call_text(std::string_view module, std::string_view name,
                                    std::span<const Value> arguments);
/// Whether the bytes begin as a log does.
[[nodiscard]] bool begins_as_log(std::span<const std::byte> bytes);

/// Makes bytes, header first.
class LogWriter {
 public:
  [[nodiscard]] static std::vector<std::byte> bytes_of(const LogHeader& header);
  [[nodiscard]] std::vector<std::byte> bytes_of(const LogEvent& event);

 private:
  std::map<std::pair<std::string, std::string>, std::uint32_t> functions_;  // numbered as named
};

/// Reads a log from a source, event by event. Errors: `malformed_snapshot`, `unsupported_snapshot`,
/// with the offset in the log; the source's. Whatever the bytes are, it takes no more memory than
/// in proportion to those that it was given.
class LogReader {
 public:
  explicit LogReader(SnapshotSource& source) : source_(source) {}

  /// Called first.
  [[nodiscard]] Result<LogHeader> header();
  /// Nothing behind the last whole event.
  [[nodiscard]] Result<std::optional<LogEvent>> next();
  /// Whether there was something behind that, which is no whole event.
  [[nodiscard]] bool is_cut() const { return is_cut_; }
  /// Where the event that was read last begins; or, behind the last one, where it ends.
  [[nodiscard]] std::uint64_t offset() const { return begin_; }

  struct Function {
    std::string module;
    std::string name;
  };

 private:
  [[nodiscard]] bool read(std::span<std::byte> into);
  [[nodiscard]] std::optional<std::uint64_t> read_number();
  [[nodiscard]] bool read_body();

  SnapshotSource& source_;
  std::optional<Error> error_;
  std::vector<std::byte> buffer_;
  std::size_t next_ = 0;  // of the buffer
  std::uint64_t offset_ = 0;
  std::uint64_t begin_ = 0;
  std::uint64_t body_begin_ = 0;
  std::vector<std::byte> body_;
  std::vector<Function> functions_;
  bool is_cut_ = false;
};

}  // namespace fermata::tool
