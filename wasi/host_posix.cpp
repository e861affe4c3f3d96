// The host as POSIX has it: descriptors, directories, randomness.
#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "wasi/host.hpp"

namespace fermata::wasi {
namespace {

static_assert(sizeof(off_t) == 8, "files have 64-bit sizes on every host");

class HostDescriptor final : public Stream {
 public:
  explicit HostDescriptor(int fd) : fd_(fd) {}

  Expected<std::size_t> read(std::span<std::byte> into) override {
    return retry(POLLIN, [&] { return ::read(fd_, into.data(), into.size()); });
  }

  Expected<std::size_t> write(std::span<const std::byte> bytes) override {
    return retry(POLLOUT, [&] { return ::write(fd_, bytes.data(), bytes.size()); });
  }

  Expected<std::uint64_t> seek(std::int64_t offset, Whence whence) override {
    constexpr int host_whence[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    const auto position = ::lseek(fd_, offset, host_whence[static_cast<int>(whence)]);
    if (position < 0) return std::unexpected(from_host_errno(errno));
    return static_cast<std::uint64_t>(position);
  }

  FileStat stat() const override { return host_stat(fd_).value_or(FileStat{}); }
  bool readable() const override { return poll_for(POLLIN, 0); }

 private:
  /// Repeats a call that was interrupted, or that would have waited because somebody else made
  /// the descriptor non-blocking.
  template <class F>
  Expected<std::size_t> retry(short event, const F& call) const {
    for (;;) {
      const ssize_t count = call();
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno == EAGAIN || errno == EWOULDBLOCK)
        (void)poll_for(event, -1);
      else if (errno != EINTR)
        return std::unexpected(from_host_errno(errno));
    }
  }

  bool poll_for(short event, int milliseconds) const {
    pollfd p{.fd = fd_, .events = event, .revents = 0};
    return ::poll(&p, 1, milliseconds) != 0;
  }

  int fd_;
};

FileType file_type(mode_t mode) {
  if (S_ISREG(mode)) return FileType::regular_file;
  if (S_ISDIR(mode)) return FileType::directory;
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

Expected<FileStat> host_stat(int fd) {
  struct stat s{};
  if (::fstat(fd, &s) != 0) return std::unexpected(from_host_errno(errno));
  return FileStat{.type = file_type(s.st_mode),
                  .device = static_cast<std::uint64_t>(s.st_dev),
                  .inode = static_cast<std::uint64_t>(s.st_ino),
                  .links = static_cast<std::uint64_t>(s.st_nlink),
                  .size = static_cast<std::uint64_t>(s.st_size),
                  .accessed = nanoseconds(s.st_atim),
                  .modified = nanoseconds(s.st_mtim),
                  .changed = nanoseconds(s.st_ctim)};
}

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) ::close(fd_);
}

std::expected<OwnedFd, int> open_directory(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return std::unexpected(errno);
  return OwnedFd(fd);
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
