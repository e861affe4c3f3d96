// The streams that an embedder need not write: a descriptor of the host, bytes in memory.
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "wasi/wasi_impl.hpp"

namespace fermata::wasi {
namespace {

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

class BytesSource final : public Stream {
 public:
  explicit BytesSource(std::string bytes) : bytes_(std::move(bytes)) {}

  Expected<std::size_t> read(std::span<std::byte> into) override {
    const auto count = std::min(into.size(), bytes_.size() - at_);
    std::memcpy(into.data(), bytes_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

class BytesSink final : public Stream {
 public:
  BytesSink(std::string* bytes, std::size_t limit) : bytes_(bytes), limit_(limit) {}

  Expected<std::size_t> write(std::span<const std::byte> bytes) override {
    const auto room = limit_ - std::min(limit_, bytes_->size());
    const auto count = std::min(bytes.size(), room);
    if (count == 0 && !bytes.empty()) return std::unexpected(Errno::nospc);
    bytes_->append(reinterpret_cast<const char*>(bytes.data()), count);
    return count;
  }

 private:
  std::string* bytes_;
  std::size_t limit_;
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

Expected<std::size_t> Stream::read(std::span<std::byte>) { return std::unexpected(Errno::badf); }
Expected<std::size_t> Stream::write(std::span<const std::byte>) {
  return std::unexpected(Errno::badf);
}
Expected<std::uint64_t> Stream::seek(std::int64_t, Whence) { return std::unexpected(Errno::spipe); }
FileStat Stream::stat() const { return {}; }
bool Stream::readable() const { return true; }

std::shared_ptr<Stream> host_descriptor(int fd) { return std::make_shared<HostDescriptor>(fd); }

std::shared_ptr<Stream> bytes_source(std::string bytes) {
  return std::make_shared<BytesSource>(std::move(bytes));
}

std::shared_ptr<Stream> bytes_sink(std::string* bytes, std::size_t limit) {
  return std::make_shared<BytesSink>(bytes, limit);
}

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

Errno from_host_errno(int error) {
  switch (error) {
    case EACCES:
      return Errno::acces;
    case EAGAIN:
      return Errno::again;
    case EBADF:
      return Errno::badf;
    case EFBIG:
      return Errno::fbig;
    case EINVAL:
      return Errno::inval;
    case EISDIR:
      return Errno::isdir;
    case ENOSPC:
      return Errno::nospc;
    case EOVERFLOW:
      return Errno::overflow;
    case EPIPE:
      return Errno::pipe;
    case ESPIPE:
      return Errno::spipe;
    default:
      return Errno::io;
  }
}

}  // namespace fermata::wasi
