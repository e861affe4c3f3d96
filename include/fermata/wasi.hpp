// WASI preview 1 for a process: answers the host calls of `wasi_snapshot_preview1`, and of its
// predecessor `wasi_unstable`.
//
// Owns what a WASI program can see of the world: arguments, environment, descriptors, files,
// clocks, randomness, exit code. Written on the public Process API only: the program pauses with a
// host call, `Wasi::handle` answers it, the embedder resumes. Nothing here runs a process or waits.
//
//     auto wasi = wasi::Wasi::create({.arguments = {"hello"}});
//     auto process = Process::create(module, wasi::Wasi::resolve);
//     auto outcome = process->main_thread().run();
//     while (outcome) {
//       const auto* call = std::get_if<HostCall>(&*outcome);
//       if (!call) break;                                              // finished or trapped
//       auto answer = wasi->handle(*process, *call);
//       while (const auto* blocked = std::get_if<wasi::Blocked>(&answer)) {
//         const bool over = !wasi::wait_for(*blocked);
//         answer = wasi->handle(*process, *call, {.time_is_over = over});
//       }
//       const auto* resume = std::get_if<wasi::Resume>(&answer);
//       if (!resume) break;                                            // it called exit()
//       std::this_thread::sleep_for(resume->delay);
//       outcome = process->main_thread().run({resume->result});
//     }
//
// Specification: WASI "snapshot preview 1" (docs/wasi.md says which functions do what).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "fermata/limits.hpp"
#include "fermata/process.hpp"
#include "fermata/wasi_files.hpp"
#include "fermata/wasi_types.hpp"

namespace fermata::wasi {

/// A directory that the guest finds open under a name of its own.
struct Directory {
  std::string host{};      ///< its path on the host; empty with `root`
  std::string guest{};     ///< its name for the guest
  bool read_only = false;  ///< whether the guest may change nothing in it
  /// The directory itself, of any file system (fermata/wasi_files.hpp).
  std::shared_ptr<OpenDirectory> root{};
};

/// What a program starts with. A string ends at its first NUL, as everywhere in C. A stream that is
/// null is closed.
struct Config {
  std::vector<std::string> arguments{};    ///< the program's name first
  std::vector<std::string> environment{};  ///< each "NAME=VALUE"; the host's is not inherited
  std::vector<Directory> directories{};    ///< descriptors 3, 4, ... in this order
  std::vector<std::shared_ptr<Socket>> sockets{};  ///< the descriptors behind them
  std::shared_ptr<Stream> in = host_descriptor(0);
  std::shared_ptr<Stream> out = host_descriptor(1);
  std::shared_ptr<Stream> err = host_descriptor(2);
  std::shared_ptr<Clock> clock = system_clock();
  /// With a seed `random_get` gives the same bytes in every run; without, the system's randomness.
  std::optional<std::uint64_t> random_seed{};
  /// As many can be open at once; then `Errno::mfile`.
  std::uint32_t max_descriptors = limits::default_descriptors;
};

/// All that a Wasi remembers between two calls but the streams, the sockets, the embedder's own
/// file systems and the clock: with it another one goes on (`Wasi::restore`).
struct State {
  /// A directory that the guest has found open at its start.
  struct StartDirectory {
    std::string host;
    std::string guest;
    bool read_only = false;
    /// All that is in it, when its root is one of `memory_directory`: `memory_contents`.
    std::optional<std::vector<std::byte>> memory{};
  };
  /// One of `directories` as it was at the start, by its place.
  struct Preopened {
    std::uint32_t directory = 0;
  };
  /// One of `Config::sockets`, by its place; or a connection that was accepted, which nothing can
  /// open again.
  struct SocketPlace {
    std::optional<std::uint32_t> socket;
  };
  /// A file or directory that was opened by its path.
  struct File {
    std::uint32_t directory = 0;  ///< of `directories`, by its place
    std::string path;             ///< beneath it; empty: not known, or too long
    FileType type = FileType::unknown;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;      ///< of a regular file, in bytes
    std::uint64_t position = 0;  ///< of a regular file: where it is read and written next
    bool read = false;           ///< what it was opened for
    bool write = false;
  };
  struct Descriptor {
    std::uint32_t number = 0;
    /// 0 `in`, 1 `out`, 2 `err`; or a directory, a file, a socket.
    std::variant<std::uint32_t, Preopened, File, SocketPlace> file;
    std::uint16_t flags = 0;
    std::uint64_t rights = 0;      ///< specification: "rights"
    std::uint64_t inheriting = 0;  ///< those of what is opened through it
  };
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::vector<StartDirectory> directories;  ///< `Config::directories`
  std::vector<Descriptor> descriptors;      ///< those that are open, ascending
  /// Where `in` is, when it is a regular file.
  std::optional<std::uint64_t> in_position;
  /// What the guest's clocks show: monotonic, CPU time of the process, of the thread.
  std::array<std::uint64_t, 3> clocks{};
  std::optional<std::uint64_t> random;  ///< the state of the fixed sequence, if there is one
  std::int32_t next_thread = 1;         ///< the number of the next thread that is spawned
};

/// Run the thread again with this one result, but not before `delay` has passed: `poll_oneoff` on
/// clocks alone has one, everything else answers at once. Whether, and how, to wait is the
/// embedder's choice.
struct Resume {
  Value result;
  std::chrono::nanoseconds delay{0};
};
/// The program ended itself: `proc_exit`'s code, or 128 and the signal's number for `proc_raise`.
/// Its process stays paused in the call; do not run it again.
struct Exited {
  std::uint32_t code = 0;
};
/// Nothing can be done now and the guest wants to wait. Nothing was consumed: give the same call
/// (`Thread::pending_host_call`) to `handle` again when one of `waits` is ready; or, and then say
/// so, when `timeout` has passed since the call was first blocked.
struct Blocked {
  struct Wait {
    std::uint32_t descriptor = 0;  ///< the guest's
    bool for_writing = false;      ///< else for something to read, or to accept
    int host = -1;                 ///< what to `poll` (`Stream::host`); -1: the embedder's own
  };
  std::vector<Wait> waits;
  std::optional<std::chrono::nanoseconds> timeout{};
};
using Answer = std::variant<Resume, Exited, Blocked>;

/// Told what calls see of the guest's memory, for an embedder that records them. Must not throw.
class MemoryObserver {
 public:
  virtual ~MemoryObserver() = default;
  /// From now on, and until `Wasi::handle` returns, the call reads or writes these bytes of the
  /// memory, at this address, and nothing else that it was not told of. Pieces may be told of
  /// twice, and may overlap; what is told of first has not been written yet.
  virtual void sees(std::uint64_t address, std::span<const std::byte> bytes) = 0;
};

/// Waits, in the operating system, until one of the descriptors of the host is ready: true; or
/// until the timeout is over: false. True at once when none of `waits` has one. For programs that
/// have nothing else to do; others put `waits` into a loop of their own. On Windows true at once.
bool wait_for(const Blocked& blocked);

/// How `Wasi::handle` answers a call.
struct HandleOptions {
  /// The timeout of the `Blocked` that the call was answered with has passed.
  bool time_is_over = false;
  /// Told of this call; null: nobody is.
  MemoryObserver* observer = nullptr;
};

/// What is open for the guest under a number. Flags and rights are what the guest has; whoever uses
/// `what` in functions of its own holds to them itself.
struct OpenDescriptor {
  Opened what;                   ///< a socket is a stream here
  std::uint16_t flags = 0;       ///< specification: "fdflags"
  std::uint64_t rights = 0;      ///< specification: "rights"
  std::uint64_t inheriting = 0;  ///< those of what is opened through it
  std::uint64_t position = 0;    ///< of a regular file: where it is read and written next
};

struct WasiImpl;  // wasi/wasi_impl.hpp

/// The world of one process. Movable; to be used by one OS thread at a time.
class Wasi {
 public:
  /// Opens the directories: `ErrorCode::io_failed` when one cannot be.
  [[nodiscard]] static Result<Wasi> create(Config config = {});
  /// One that goes on where another one was (`state`). The streams, the sockets and the clock are
  /// those of `config`; of its directories those are looked at that have the guest's name of one in
  /// the state, and are opened in its place: an embedder's own file system must be among them. One
  /// in memory is made again from the state. What the guest had open is opened again by its path:
  /// it must be of the same type and have the same device and inode, or, beneath a directory in the
  /// place of another, the same size. What is a regular file as `in` is read from the position that
  /// the state has. The clocks go on from what they showed, but for real time. Errors: `io_failed`
  /// when a directory or a file cannot be opened or is another one, naming it; `invalid_snapshot`
  /// for a state that no Wasi can be in.
  [[nodiscard]] static Result<Wasi> restore(State state, const Config& config = {});
  Wasi(Wasi&&) noexcept;
  Wasi& operator=(Wasi&&) noexcept;
  ~Wasi();

  /// The number of a function of `wasi_snapshot_preview1`, of `wasi_unstable` (preview 0), or of
  /// `wasi`.`thread-spawn` (the proposal wasi-threads); nothing for any other import and for one of
  /// the right name with another signature. Is a `Resolver`, or a part of an embedder's own.
  [[nodiscard]] static std::optional<std::uint64_t> resolve(const FunctionImport& import);
  /// Whether `resolve` gave this number out. Such numbers are far from small ones.
  [[nodiscard]] static bool owns(std::uint64_t number);

  /// Answers a host call of a paused process. Precondition: `owns(call.number)`. A guest's
  /// mistakes, bad pointers included, are answered with WASI's error numbers. A thread that the
  /// guest has spawned is among `process.threads()` afterwards, and paused: when to run it is the
  /// embedder's choice (`Process::spawn_thread`; the process must be created with
  /// `allow_reexported_memory`, since such modules export the memory that they import).
  [[nodiscard]] Answer handle(Process& process, const HostCall& call,
                              const HandleOptions& options = {});

  // --- the descriptor table, for functions that an embedder adds or puts in the place of WASI's own
  // (docs/wasi.md, "Functions of your own")

  /// The numbers of all that is open, ascending.
  [[nodiscard]] std::vector<std::uint32_t> descriptors() const;
  [[nodiscard]] std::optional<OpenDescriptor> descriptor(std::uint32_t number) const;
  /// Opens something for the guest, with all rights that such a thing has; its number, the lowest
  /// that is free. Nothing says how to open it again: `restore` refuses a state with it. Error:
  /// `Errno::mfile`.
  [[nodiscard]] Expected<std::uint32_t> add(Opened what);
  /// False: it was not open.
  bool close(std::uint32_t number);

  /// What it remembers now.
  [[nodiscard]] State state() const;

 private:
  explicit Wasi(std::unique_ptr<WasiImpl> impl);
  std::unique_ptr<WasiImpl> impl_;
};

}  // namespace fermata::wasi
