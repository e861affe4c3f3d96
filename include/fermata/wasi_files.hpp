// What a WASI program's descriptors stand for: streams, sockets, files and directories. Each is an
// interface: the host's, those in memory, a view that only reads and what an embedder supplies are
// the same to a guest.
//
// Owns no rule of WASI: rights, flags, positions of descriptors, paths, links that are followed and
// the guest's memory are the business of `Wasi`, once for all of them. A directory here is asked
// for one name at a time and never follows a link; so what it is asked for cannot lie outside of
// it.
//
// An own file system needs three things, all else refuses by default: directories that give their
// `stat`, `open` and `list`, files that give their `stat` and `read_at`.
//
//     class Greeting final : public wasi::OpenFile {
//       wasi::Expected<wasi::FileStat> stat() const override {
//         return wasi::FileStat{.type = wasi::FileType::regular_file, .size = text_.size()};
//       }
//       wasi::Expected<std::size_t> read_at(std::uint64_t at, std::span<std::byte> into) override;
//       ...
//     };
//     config.directories = {{.guest = "/greetings", .root = std::make_shared<Greetings>()}};
//
// Nothing here may wait: what has nothing now says `Errno::again` (see `Blocked` in wasi.hpp).
// Files and directories of the host wait as long as its disks do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fermata/wasi_types.hpp"

namespace fermata::wasi {

// --- streams -------------------------------------------------------------------------------------

/// Where bytes come from or go to that have no place: a pipe, a terminal, a standard stream. Each
/// default refuses, so an embedder's stream overrides only what it can do.
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
  /// False when `read` would give `Errno::again`. True by default.
  [[nodiscard]] virtual bool readable() const;
  /// False when `write` would. True by default.
  [[nodiscard]] virtual bool writable() const;
  /// Whether the guest's `isatty` says yes.
  [[nodiscard]] virtual bool is_terminal() const;
  /// The descriptor of the host to wait for (`poll`) before asking again; -1, as by default: none.
  [[nodiscard]] virtual int host() const;
};

/// A file descriptor of the host process; it stays the embedder's to close. Reads and writes do not
/// wait (on Windows they do).
[[nodiscard]] std::shared_ptr<Stream> host_descriptor(int fd);
/// Gives these bytes to read, then the end.
[[nodiscard]] std::shared_ptr<Stream> bytes_source(std::string bytes);
/// Appends what is written to `*bytes` until it holds `limit` bytes; then writing fails with
/// `Errno::nospc`. `bytes` must outlive the stream.
[[nodiscard]] std::shared_ptr<Stream> bytes_sink(std::string* bytes,
                                                 std::size_t limit = std::size_t{1} << 30);

/// A socket: `read` and `write` are receiving and sending without flags.
class Socket : public Stream {
 public:
  /// The next connection. `Errno::again`: none now. By default `Errno::notsup`.
  [[nodiscard]] virtual Expected<std::shared_ptr<Socket>> accept();
  struct Received {
    std::size_t count = 0;
    bool truncated = false;  ///< the message was longer, and its rest is lost
  };
  /// `peek`: what is received stays to be received. By default `read`, and `Errno::notsup` to peek.
  [[nodiscard]] virtual Expected<Received> receive(std::span<std::byte> into, bool peek);
  /// No more of it shall be received, or sent. By default `Errno::notsup`.
  [[nodiscard]] virtual Errno shutdown(bool receiving, bool sending);
};

/// A socket of the host process, listening or connected; it stays the embedder's to close, and is
/// made one that does not wait (O_NONBLOCK). The connections it accepts are closed with their
/// `Socket`. On Windows it refuses everything.
[[nodiscard]] std::shared_ptr<Socket> host_socket(int fd);

// --- files ---------------------------------------------------------------------------------------

/// What becomes of a time of a file.
struct TimeChange {
  enum class Kind : std::uint8_t { keep, now, set };
  Kind kind = Kind::keep;
  std::uint64_t time = 0;  ///< with `set`: nanoseconds since 1970
};
struct Times {
  TimeChange accessed;
  TimeChange modified;
};

/// How a guest is going to use a file (specification: "advice").
enum class Advice : std::uint8_t { normal, sequential, random, willneed, dontneed, noreuse };

/// A regular file that is open. Places and sizes are in bytes, below 2^63. Each default refuses:
/// what changes the file with `Errno::rofs`, what else there is with `Errno::notsup`; `advise` and
/// `sync` do nothing.
class OpenFile {
 public:
  virtual ~OpenFile() = default;
  [[nodiscard]] virtual Expected<FileStat> stat() const = 0;
  /// How many bytes were read, 0 at and behind the end.
  [[nodiscard]] virtual Expected<std::size_t> read_at(std::uint64_t place,
                                                      std::span<std::byte> into);
  /// How many bytes were written. Behind the end the file grows, with zeros in between.
  [[nodiscard]] virtual Expected<std::size_t> write_at(std::uint64_t place,
                                                       std::span<const std::byte> bytes);
  struct Appended {
    std::size_t count = 0;
    std::uint64_t end = 0;  ///< the place behind the last of them
  };
  /// Writes at the end, wherever that is by now.
  [[nodiscard]] virtual Expected<Appended> append(std::span<const std::byte> bytes);
  /// Cuts it off, or adds zeros.
  [[nodiscard]] virtual Errno resize(std::uint64_t size);
  /// Makes sure of room for these bytes; grows the file if it ends before them.
  [[nodiscard]] virtual Errno allocate(std::uint64_t place, std::uint64_t count);
  [[nodiscard]] virtual Errno advise(std::uint64_t place, std::uint64_t count, Advice advice);
  [[nodiscard]] virtual Errno set_times(const Times& times);
  /// Brings it to the disk; `data_only`: what is needed to read it.
  [[nodiscard]] virtual Errno sync(bool data_only);
};

// --- directories ---------------------------------------------------------------------------------

class OpenDirectory;

/// What was opened: a directory, a regular file, or what has no places (a device, a FIFO).
using Opened = std::variant<std::shared_ptr<OpenDirectory>, std::shared_ptr<OpenFile>,
                            std::shared_ptr<Stream>>;

/// How to open a name of a directory.
struct OpenMode {
  bool read = false;
  bool write = false;      ///< `Errno::isdir` for a directory
  bool create = false;     ///< a regular file, if there is nothing
  bool exclusive = false;  ///< with `create`: `Errno::exist` if there is something
  bool truncate = false;   ///< to size 0
  bool directory = false;  ///< `Errno::notdir` for anything else
};

struct DirectoryEntry {
  std::string_view name;  ///< valid during the call
  std::uint64_t inode = 0;
  FileType type = FileType::unknown;
  std::uint64_t next = 0;  ///< where the entry behind it is found
};

/// A directory that is open. A `name` is one component of a path: not empty, neither "." nor "..",
/// without '/' and NUL. A symbolic link is never followed. Each default refuses: what changes the
/// directory with `Errno::rofs`, `read_link` with `Errno::inval` (it is no link), the rest with
/// `Errno::notsup`.
class OpenDirectory {
 public:
  virtual ~OpenDirectory() = default;
  [[nodiscard]] virtual Expected<FileStat> stat() const = 0;
  /// `Errno::noent`: there is nothing of this name. `Errno::loop`: it is a symbolic link.
  [[nodiscard]] virtual Expected<Opened> open(std::string_view name, const OpenMode& mode) = 0;
  /// Of a symbolic link, the link's own. By default it opens the name and asks that.
  [[nodiscard]] virtual Expected<FileStat> stat_of(std::string_view name);
  /// Calls `each` for one entry after the other, without "." and "..", until that gives false.
  /// `from`: 0 for the first, else `next` of any entry that was listed before, also by another
  /// handle; no entry that stays is left out or given twice, whatever else comes and goes.
  /// `Errno::inval` for a place that was never given.
  [[nodiscard]] virtual Errno list(std::uint64_t from,
                                   const std::function<bool(const DirectoryEntry&)>& each) = 0;
  /// What a symbolic link says.
  [[nodiscard]] virtual Expected<std::string> read_link(std::string_view name);

  [[nodiscard]] virtual Errno make_directory(std::string_view name);
  [[nodiscard]] virtual Errno make_symbolic_link(std::string_view name, std::string_view target);
  /// Anything but a directory: `Errno::isdir`.
  [[nodiscard]] virtual Errno remove_file(std::string_view name);
  /// An empty directory: else `Errno::notdir`, `Errno::notempty`.
  [[nodiscard]] virtual Errno remove_directory(std::string_view name);
  /// Moves what has the name into `to`, which may be this one, in the place of a file or an empty
  /// directory of the new name. `Errno::xdev` for a directory of another file system.
  [[nodiscard]] virtual Errno rename(std::string_view name, OpenDirectory& to,
                                     std::string_view new_name);
  /// Another name of the same file. `Errno::exist` if there is one already; `Errno::perm` for a
  /// directory; `Errno::xdev`.
  [[nodiscard]] virtual Errno link(std::string_view name, OpenDirectory& to,
                                   std::string_view new_name);
  [[nodiscard]] virtual Errno set_times(const Times& times);
  [[nodiscard]] virtual Errno set_times_of(std::string_view name, const Times& times);
  [[nodiscard]] virtual Errno sync(bool data_only);

  /// Whether everything that would change it is refused. A guest is told so before anything else.
  [[nodiscard]] virtual bool is_read_only() const;
  /// A file system that walks paths itself gives the directory at a relative path, with "." and
  /// "..", links followed, but never one that is not beneath this one: `Errno::notcapable`. By
  /// default `Errno::notsup`: the path is walked by `open` and `read_link`.
  [[nodiscard]] virtual Expected<std::shared_ptr<OpenDirectory>> beneath(std::string_view path);
};

/// How paths in the host's directories are walked. `automatic`: by the system where it keeps a path
/// beneath a directory (Linux 5.6 and newer), else by components.
enum class HostWalk : std::uint8_t { automatic, by_components };

/// A directory of the host. Nothing outside of it can be reached through it, whatever links, ".."
/// and renames there are, and whoever makes them meanwhile. On Windows `Errno::notsup`.
[[nodiscard]] Expected<std::shared_ptr<OpenDirectory>> host_directory(
    const std::string& path, HostWalk walk = HostWalk::automatic);

/// A file system in memory, empty. It takes up to `limit` bytes for contents, names and all that
/// belongs to them; past that `Errno::nospc`. Its times are the clock's. To be used by one OS
/// thread at a time.
[[nodiscard]] std::shared_ptr<OpenDirectory> memory_directory(
    std::size_t limit = std::size_t{64} << 20, std::shared_ptr<Clock> clock = system_clock());

/// All that has a name in a file system in memory, as bytes: of its first directory, the one that
/// `memory_directory` gave. `Errno::notsup` for any other directory.
[[nodiscard]] Expected<std::vector<std::byte>> memory_contents(const OpenDirectory& directory);
/// A file system in memory with these contents, and the limit that it had. `Errno::inval` for bytes
/// that `memory_contents` does not give.
[[nodiscard]] Expected<std::shared_ptr<OpenDirectory>> memory_directory(
    std::span<const std::byte> contents, std::shared_ptr<Clock> clock = system_clock());

/// The same directory with everything beneath it, but nothing can be changed: `Errno::rofs`.
[[nodiscard]] std::shared_ptr<OpenDirectory> read_only(std::shared_ptr<OpenDirectory> directory);

}  // namespace fermata::wasi
