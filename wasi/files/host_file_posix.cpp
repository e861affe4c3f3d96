// A regular file of the host.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "wasi/files/posix.hpp"

namespace fermata::wasi::posix {
namespace {

constexpr std::uint64_t max_size = std::numeric_limits<off_t>::max();

class HostFile final : public OpenFile {
 public:
  explicit HostFile(OwnedFd fd) : fd_(std::move(fd)) {}

  Expected<FileStat> stat() const override { return host_stat(fd_.get()); }

  Expected<std::size_t> read_at(std::uint64_t place, std::span<std::byte> into) override {
    if (place > max_size) return std::unexpected(Errno::inval);
    const auto size = std::min<std::uint64_t>(into.size(), max_size - place);
    return count_of([&] {
      return ::pread(fd_.get(), into.data(), static_cast<std::size_t>(size),
                     static_cast<off_t>(place));
    });
  }

  Expected<std::size_t> write_at(std::uint64_t place, std::span<const std::byte> bytes) override {
    if (place > max_size || bytes.size() > max_size - place) return std::unexpected(Errno::fbig);
    if (const Errno error = set_appending(false); error != Errno::success) {
      return std::unexpected(error);
    }
    return count_of(
        [&] { return ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(place)); });
  }

  Expected<Appended> append(std::span<const std::byte> bytes) override {
    if (const Errno error = set_appending(true); error != Errno::success) {
      return std::unexpected(error);
    }
    const auto count = count_of([&] { return ::write(fd_.get(), bytes.data(), bytes.size()); });
    if (!count) return std::unexpected(count.error());
    const auto end = ::lseek(fd_.get(), 0, SEEK_CUR);  // O_APPEND has moved it
    if (end < 0) return std::unexpected(last_error());
    return Appended{*count, static_cast<std::uint64_t>(end)};
  }

  Errno resize(std::uint64_t size) override {
    if (size > max_size) return Errno::fbig;
    return error_of([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); });
  }

  Errno allocate(std::uint64_t place, std::uint64_t count) override {
    if (place > max_size || count > max_size - place) return Errno::fbig;
#ifdef __linux__
    return error_of([&] {
      return ::fallocate(fd_.get(), 0, static_cast<off_t>(place), static_cast<off_t>(count));
    });
#else
    const auto now = stat();
    if (!now) return now.error();
    return now->size < place + count ? resize(place + count) : Errno::success;
#endif
  }

  Errno advise([[maybe_unused]] std::uint64_t place, [[maybe_unused]] std::uint64_t count,
               [[maybe_unused]] Advice advice) override {
#ifdef POSIX_FADV_NORMAL
    constexpr int of_host[] = {POSIX_FADV_NORMAL,   POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM,
                               POSIX_FADV_WILLNEED, POSIX_FADV_DONTNEED,   POSIX_FADV_NOREUSE};
    if (place > max_size || count > max_size) return Errno::inval;
    const int error = ::posix_fadvise(fd_.get(), static_cast<off_t>(place),
                                      static_cast<off_t>(count), of_host[static_cast<int>(advice)]);
    return error == 0 ? Errno::success : from_host_errno(error);
#else
    return Errno::success;
#endif
  }

  Errno set_times(const Times& times) override {
    return error_of([&] { return ::futimens(fd_.get(), HostTimes(times).both); });
  }

  Errno sync(bool data_only) override {
#ifdef __APPLE__
    data_only = false;
#endif
    return error_of([&] { return data_only ? ::fdatasync(fd_.get()) : ::fsync(fd_.get()); });
  }

 private:
  /// Where O_APPEND is set, Linux writes at the end whatever place it is told.
  [[nodiscard]] Errno set_appending(bool appending) {
    if (appending_ == appending) return Errno::success;
    const int flags = ::fcntl(fd_.get(), F_GETFL);
    const int wanted = appending ? flags | O_APPEND : flags & ~O_APPEND;
    if (flags < 0 || ::fcntl(fd_.get(), F_SETFL, wanted) != 0) return last_error();
    appending_ = appending;
    return Errno::success;
  }

  OwnedFd fd_;
  bool appending_ = false;
};

timespec host_time(const TimeChange& change) {
  constexpr std::uint64_t second = 1'000'000'000;
  timespec t{};
  if (change.kind == TimeChange::Kind::keep) t.tv_nsec = UTIME_OMIT;
  if (change.kind == TimeChange::Kind::now) t.tv_nsec = UTIME_NOW;
  if (change.kind == TimeChange::Kind::set) {
    t.tv_sec = static_cast<time_t>(change.time / second);
    t.tv_nsec = static_cast<long>(change.time % second);
  }
  return t;
}

}  // namespace

HostTimes::HostTimes(const Times& times)
    : both{host_time(times.accessed), host_time(times.modified)} {}

std::shared_ptr<OpenFile> host_file(OwnedFd fd) {
  return std::make_shared<HostFile>(std::move(fd));
}

}  // namespace fermata::wasi::posix
