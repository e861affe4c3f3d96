// The host as POSIX has it: descriptors as streams, waiting for them, randomness.
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "wasi/files/posix.hpp"
#include "wasi/host.hpp"

namespace fermata::wasi {
namespace {

static_assert(sizeof(off_t) == 8, "files have 64-bit sizes on every host");

/// A descriptor that never waits: whoever shares it may have made it one that does, so it is asked
/// first. What says that it can be written to takes PIPE_BUF bytes then; a file, as much as there
/// is.
class HostDescriptor final : public Stream {
 public:
  explicit HostDescriptor(int fd)
      : fd_(fd), is_file_(host_stat(fd).value_or(FileStat{}).type == FileType::regular_file) {}

  Expected<std::size_t> read(std::span<std::byte> into) override {
    if (!readable()) return std::unexpected(Errno::again);
    return posix::count_of([&] { return ::read(fd_, into.data(), into.size()); });
  }

  Expected<std::size_t> write(std::span<const std::byte> bytes) override {
    if (is_file_) return write_some(bytes);
    std::size_t done = 0;
    do {
      const bool ready = posix::is_ready(fd_, POLLOUT);
      const auto part = bytes.subspan(done, std::min<std::size_t>(bytes.size() - done, PIPE_BUF));
      const auto count = ready ? write_some(part) : std::unexpected(Errno::again);
      if (!count && done == 0) return count;
      if (!count || *count == 0) break;
      done += *count;
    } while (done < bytes.size());
    return done;
  }

  Expected<std::uint64_t> seek(std::int64_t offset, Whence whence) override {
    constexpr int host_whence[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    const auto position = ::lseek(fd_, offset, host_whence[static_cast<int>(whence)]);
    if (position < 0) return std::unexpected(posix::last_error());
    return static_cast<std::uint64_t>(position);
  }

  FileStat stat() const override { return host_stat(fd_).value_or(FileStat{}); }
  bool readable() const override { return is_file_ || posix::is_ready(fd_, POLLIN); }
  bool writable() const override { return is_file_ || posix::is_ready(fd_, POLLOUT); }
  bool is_terminal() const override { return ::isatty(fd_) == 1; }
  int host() const override { return fd_; }

 private:
  [[nodiscard]] Expected<std::size_t> write_some(std::span<const std::byte> bytes) const {
    return posix::count_of([&] { return ::write(fd_, bytes.data(), bytes.size()); });
  }

  int fd_;
  bool is_file_;
};

/// Keeps the descriptor open as long as the stream is there.
class OwningStream final : public Stream {
 public:
  explicit OwningStream(OwnedFd fd) : fd_(std::move(fd)), stream_(fd_.get()) {}

  Expected<std::size_t> read(std::span<std::byte> into) override { return stream_.read(into); }
  Expected<std::size_t> write(std::span<const std::byte> bytes) override {
    return stream_.write(bytes);
  }
  Expected<std::uint64_t> seek(std::int64_t offset, Whence whence) override {
    return stream_.seek(offset, whence);
  }
  FileStat stat() const override { return stream_.stat(); }
  bool readable() const override { return stream_.readable(); }
  bool writable() const override { return stream_.writable(); }
  bool is_terminal() const override { return stream_.is_terminal(); }
  int host() const override { return stream_.host(); }

 private:
  OwnedFd fd_;
  HostDescriptor stream_;
};

FileType file_type(mode_t mode) {
  if (S_ISREG(mode)) return FileType::regular_file;
  if (S_ISDIR(mode)) return FileType::directory;
  if (S_ISLNK(mode)) return FileType::symbolic_link;
  if (S_ISCHR(mode)) return FileType::character_device;
  if (S_ISBLK(mode)) return FileType::block_device;
  if (S_ISSOCK(mode)) return FileType::socket_stream;
  return FileType::unknown;  // WASI has no type for a pipe
}

std::uint64_t nanoseconds(const timespec& t) {
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(t.tv_nsec);
}

}  // namespace

std::shared_ptr<Stream> host_descriptor(int fd) { return std::make_shared<HostDescriptor>(fd); }

namespace posix {

FileStat file_stat(const struct stat& s) {
#ifdef __APPLE__
  const timespec times[] = {s.st_atimespec, s.st_mtimespec, s.st_ctimespec};
#else
  const timespec times[] = {s.st_atim, s.st_mtim, s.st_ctim};
#endif
  return FileStat{.type = file_type(s.st_mode),
                  .device = static_cast<std::uint64_t>(s.st_dev),
                  .inode = static_cast<std::uint64_t>(s.st_ino),
                  .links = static_cast<std::uint64_t>(s.st_nlink),
                  .size = static_cast<std::uint64_t>(s.st_size),
                  .accessed = nanoseconds(times[0]),
                  .modified = nanoseconds(times[1]),
                  .changed = nanoseconds(times[2])};
}

std::shared_ptr<Stream> owning_stream(OwnedFd fd) {
  return std::make_shared<OwningStream>(std::move(fd));
}

bool is_ready(int fd, short event) {
  pollfd p{.fd = fd, .events = event, .revents = 0};
  return ::poll(&p, 1, 0) != 0;
}

}  // namespace posix

Expected<FileStat> host_stat(int fd) {
  struct stat s{};
  if (::fstat(fd, &s) != 0) return std::unexpected(posix::last_error());
  return posix::file_stat(s);
}

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) ::close(fd_);
}

bool wait_for(const Blocked& blocked) {
  using Time = std::chrono::steady_clock;
  std::vector<pollfd> all;
  for (const auto& wait : blocked.waits) {
    const short event = wait.for_writing ? POLLOUT : POLLIN;
    if (wait.host >= 0) all.push_back({.fd = wait.host, .events = event, .revents = 0});
  }
  if (all.empty()) return true;
  const auto begin = Time::now();
  for (;;) {
    int wait = -1;
    if (blocked.timeout) {
      const auto left = *blocked.timeout - (Time::now() - begin);
      if (left.count() <= 0) return false;
      const auto most = std::chrono::nanoseconds(std::chrono::hours(24));
      wait = static_cast<int>(
          std::chrono::ceil<std::chrono::milliseconds>(left < most ? left : most).count());
    }
    const int ready = ::poll(all.data(), static_cast<nfds_t>(all.size()), wait);
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;
  }
}

Errno fill_random(std::span<std::byte> bytes) {
  constexpr std::size_t most = 256;  // that getentropy gives at once
  while (!bytes.empty()) {
    const auto part = bytes.first(std::min(bytes.size(), most));
    if (::getentropy(part.data(), part.size()) != 0) return Errno::io;
    bytes = bytes.subspan(part.size());
  }
  return Errno::success;
}

}  // namespace fermata::wasi
