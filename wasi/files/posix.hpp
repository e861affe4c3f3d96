// What the files of the host have in common where it is POSIX.
#pragma once

#include <sys/stat.h>

#include <cerrno>
#include <memory>

#include "wasi/host.hpp"

namespace fermata::wasi::posix {

[[nodiscard]] FileStat file_stat(const struct stat& s);

/// What `errno` says.
[[nodiscard]] inline Errno last_error() { return from_host_errno(errno); }

/// A call of the system, made again when a signal has interrupted it.
template <class F>
[[nodiscard]] auto retried(const F& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

/// Of a call that gives 0, or -1 and `errno`.
template <class F>
[[nodiscard]] Errno error_of(const F& call) {
  return retried(call) < 0 ? last_error() : Errno::success;
}

/// Of a call that gives a count, or -1 and `errno`.
template <class F>
[[nodiscard]] Expected<std::size_t> count_of(const F& call) {
  const auto count = retried(call);
  if (count < 0) return std::unexpected(last_error());
  return static_cast<std::size_t>(count);
}

/// For utimensat and futimens.
struct HostTimes {
  explicit HostTimes(const Times& times);
  timespec both[2];
};

/// A regular file that is open.
[[nodiscard]] std::shared_ptr<OpenFile> host_file(OwnedFd fd);
/// A stream that closes its descriptor.
[[nodiscard]] std::shared_ptr<Stream> owning_stream(OwnedFd fd);
/// Whether it can be read from, or written to, without waiting.
[[nodiscard]] bool is_ready(int fd, short event);

}  // namespace fermata::wasi::posix
