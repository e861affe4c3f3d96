// The words of WASI preview 1 that its host calls, its streams and its file systems share: error
// numbers, kinds of files, clocks.
//
// Specification: WASI "snapshot preview 1".
#pragma once

#include <cstdint>
#include <expected>
#include <memory>

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

enum class ClockId : std::uint32_t { realtime, monotonic, process_cputime, thread_cputime };

/// The time that a guest sees, in nanoseconds. `Errno::inval` for a clock that does not exist.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Expected<std::uint64_t> now(ClockId clock) = 0;
  [[nodiscard]] virtual Expected<std::uint64_t> resolution(ClockId clock) = 0;
};

[[nodiscard]] std::shared_ptr<Clock> system_clock();

}  // namespace fermata::wasi
