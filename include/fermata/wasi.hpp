// WASI preview 1 for a process: answers the host calls of `wasi_snapshot_preview1`.
//
// Owns what a WASI program can see of the world: arguments, environment, descriptors, clocks,
// randomness, exit code. Written on the public Process API only: the program pauses with a host
// call, `Wasi::handle` answers it, the embedder resumes. Nothing here runs a process,
// and only streams of the operating system (`host_descriptor`) wait, for input or for room.
//
//     auto wasi = wasi::Wasi::create({.arguments = {"hello"}});
//     auto process = Process::create(module, wasi::Wasi::resolve);
//     auto outcome = process->main_thread().run();
//     while (outcome) {
//       const auto* call = std::get_if<HostCall>(&*outcome);
//       if (!call) break;                                              // finished or trapped
//       const auto answer = wasi->handle(*process, *call);
//       const auto* resume = std::get_if<wasi::Resume>(&answer);
//       if (!resume) break;                                            // it called exit()
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

#include "fermata/process.hpp"

namespace fermata::wasi {

/// WASI's error numbers, in the order that gives them their values: `success` is 0,
/// `notcapable` 76.
// clang-format off
enum class Errno : std::uint16_t {
  success, toobig, acces, addrinuse, addrnotavail, afnosupport, again, already, badf, badmsg,  // 0
  busy, canceled, child, connaborted, connrefused, connreset, deadlk, destaddrreq, dom, dquot, // 10
  exist, fault, fbig, hostunreach, idrm, ilseq, inprogress, intr, inval, io,  // 20
  isconn, isdir, loop, mfile, mlink, msgsize, multihop, nametoolong, netdown, netreset,  // 30
  netunreach, nfile, nobufs, nodev, noent, noexec, nolck, nolink, nomem, nomsg,  // 40
  noprotoopt, nospc, nosys, notconn, notdir, notempty, notrecoverable, notsock, notsup, notty, // 50
  nxio, overflow, ownerdead, perm, pipe, proto, protonosupport, prototype, range, rofs,  // 60
  spipe, srch, stale, timedout, txtbsy, xdev, notcapable,  // 70
};
// clang-format on

template <class T>
using Expected = std::expected<T, Errno>;

enum class FileType : std::uint8_t {
  unknown,
  block_device,
  character_device,
  directory,
  regular_file,
  socket_dgram,
  socket_stream,
  symbolic_link,
};

enum class Whence : std::uint8_t { set, cur, end };

enum class ClockId : std::uint32_t { realtime, monotonic, process_cputime, thread_cputime };

/// What `fd_filestat_get` tells of a file. Times are nanoseconds since 1970.
struct FileStat {
  FileType type = FileType::unknown;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t links = 1;
  std::uint64_t size = 0;
  std::uint64_t accessed = 0;
  std::uint64_t modified = 0;
  std::uint64_t changed = 0;
};

/// Where a standard stream's bytes come from or go to. Each default refuses, so an embedder's
/// stream overrides only what it can do.
class Stream {
 public:
  virtual ~Stream() = default;
  /// How many bytes were read, 0 at the end. `Errno::again`: none now (see `Blocked`).
  [[nodiscard]] virtual Expected<std::size_t> read(std::span<std::byte> into);
  /// How many bytes were written. `Errno::again`: none can be taken now (see `Blocked`).
  [[nodiscard]] virtual Expected<std::size_t> write(std::span<const std::byte> bytes);
  /// The new position from the start.
  [[nodiscard]] virtual Expected<std::uint64_t> seek(std::int64_t offset, Whence whence);
  [[nodiscard]] virtual FileStat stat() const;
  /// False when `read` would wait; asked before a read that the guest wants not to wait.
  [[nodiscard]] virtual bool readable() const;
};

/// A file descriptor of the host process; it stays the embedder's to close. Reads and writes wait
/// in the operating system.
[[nodiscard]] std::shared_ptr<Stream> host_descriptor(int fd);
/// Gives these bytes to read, then the end.
[[nodiscard]] std::shared_ptr<Stream> bytes_source(std::string bytes);
/// Appends what is written to `*bytes` until it holds `limit` bytes; then writing fails with
/// `Errno::nospc`. `bytes` must outlive the stream.
[[nodiscard]] std::shared_ptr<Stream> bytes_sink(std::string* bytes,
                                                 std::size_t limit = std::size_t{1} << 30);

/// The time that a guest sees, in nanoseconds. `Errno::inval` for a clock that does not exist.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Expected<std::uint64_t> now(ClockId clock) = 0;
  [[nodiscard]] virtual Expected<std::uint64_t> resolution(ClockId clock) = 0;
};

[[nodiscard]] std::shared_ptr<Clock> system_clock();

/// A directory of the host that the guest finds open under a name of its own.
struct Directory {
  std::string host;
  std::string guest;
};

/// What a program starts with. A string ends at its first NUL, as everywhere in C. A stream that is
/// null is closed.
struct Config {
  std::vector<std::string> arguments{};    ///< the program's name first
  std::vector<std::string> environment{};  ///< each "NAME=VALUE"; the host's is not inherited
  std::vector<Directory> directories{};    ///< descriptors 3, 4, ... in this order
  std::shared_ptr<Stream> in = host_descriptor(0);
  std::shared_ptr<Stream> out = host_descriptor(1);
  std::shared_ptr<Stream> err = host_descriptor(2);
  std::shared_ptr<Clock> clock = system_clock();
  /// With a seed `random_get` gives the same bytes in every run; without, the system's randomness.
  std::optional<std::uint64_t> random_seed{};
};

/// All that a Wasi remembers between two calls but the streams and the clock, which are the
/// embedder's: with it another one goes on (`Wasi::restore`).
struct State {
  struct Descriptor {
    std::uint32_t number = 0;
    std::variant<std::uint32_t, Directory> file;  ///< 0 `in`, 1 `out`, 2 `err`; or a directory
    std::uint16_t flags = 0;
  };
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::vector<Descriptor> descriptors;  ///< those that are open, ascending
  /// Where `in` is, when it is a regular file.
  std::optional<std::uint64_t> in_position;
  /// What the guest's clocks show: monotonic, CPU time of the process, of the thread.
  std::array<std::uint64_t, 3> clocks{};
  std::optional<std::uint64_t> random;  ///< the state of the fixed sequence, if there is one
  std::int32_t next_thread = 1;         ///< the number of the next thread that is spawned
};

/// Run the thread again with this one result, but not before `delay` has passed: `poll_oneoff` on
/// clocks has one, everything else answers at once. Whether, and how, to wait is the embedder's
/// choice.
struct Resume {
  Value result;
  std::chrono::nanoseconds delay{0};
};
/// The program ended itself: `proc_exit`'s code, or 128 and the signal's number for `proc_raise`.
/// Its process stays paused in the call; do not run it again.
struct Exited {
  std::uint32_t code = 0;
};
/// The stream behind this descriptor has nothing now and the guest wants to wait. Nothing was
/// consumed: give the same call (`Thread::pending_host_call`) to `handle` again when it may
/// succeed.
struct Blocked {
  std::uint32_t descriptor = 0;
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

struct WasiImpl;  // wasi/wasi_impl.hpp

/// The world of one process. Movable; to be used by one OS thread at a time.
class Wasi {
 public:
  /// Opens the directories: `ErrorCode::io_failed` when one cannot be.
  [[nodiscard]] static Result<Wasi> create(Config config = {});
  /// One that goes on where another one was (`state`). The streams and the clock are those of
  /// `config`, of which else the directories alone are looked at: one with the guest's name of a
  /// directory in the state is opened in its place. What is a regular file as `in` is read from the
  /// position that the state has. The clocks go on from what they showed, but for real time.
  /// Errors: `io_failed` when a directory cannot be opened; `invalid_snapshot` for a state that no
  /// Wasi can be in.
  [[nodiscard]] static Result<Wasi> restore(State state, const Config& config = {});
  Wasi(Wasi&&) noexcept;
  Wasi& operator=(Wasi&&) noexcept;
  ~Wasi();

  /// The number of a function of `wasi_snapshot_preview1`, or of `wasi`.`thread-spawn` (the
  /// proposal wasi-threads); nothing for any other import and for one of the right name with
  /// another signature. Is a `Resolver`, or a part of an embedder's own.
  [[nodiscard]] static std::optional<std::uint64_t> resolve(const FunctionImport& import);
  /// Whether `resolve` gave this number out. Such numbers are far from small ones.
  [[nodiscard]] static bool owns(std::uint64_t number);

  /// Answers a host call of a paused process. Precondition: `owns(call.number)`. A guest's
  /// mistakes, bad pointers included, are answered with WASI's error numbers. A thread that the
  /// guest has spawned is among `process.threads()` afterwards, and paused: when to run it is the
  /// embedder's choice (`Process::spawn_thread`; the process must be created with
  /// `allow_reexported_memory`, since such modules export the memory that they import). The
  /// observer, if there is one, is told of this call.
  [[nodiscard]] Answer handle(Process& process, const HostCall& call,
                              MemoryObserver* observer = nullptr);

  /// What it remembers now.
  [[nodiscard]] State state() const;

 private:
  explicit Wasi(std::unique_ptr<WasiImpl> impl);
  std::unique_ptr<WasiImpl> impl_;
};

}  // namespace fermata::wasi
