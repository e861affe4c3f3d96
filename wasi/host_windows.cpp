// The host as the C library of Windows has it: descriptors in binary mode, no directories.
//
// Smaller than host_posix.cpp: a descriptor counts as ready at all times and may wait, and no
// directory and no socket of the host can be given to a guest (docs/wasi.md).
#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <random>

#include "wasi/host.hpp"

namespace fermata::wasi {
namespace {

/// The C library counts bytes as `unsigned` and answers with `int`.
unsigned at_once(std::size_t bytes) {
  return static_cast<unsigned>(std::min<std::size_t>(bytes, INT_MAX));
}

Expected<std::size_t> count_or_error(int count) {
  if (count < 0) return std::unexpected(from_host_errno(errno));
  return static_cast<std::size_t>(count);
}

class HostDescriptor final : public Stream {
 public:
  // A guest's bytes are its own: none is added before a line feed.
  explicit HostDescriptor(int fd) : fd_(fd) { ::_setmode(fd, _O_BINARY); }

  Expected<std::size_t> read(std::span<std::byte> into) override {
    return count_or_error(::_read(fd_, into.data(), at_once(into.size())));
  }

  Expected<std::size_t> write(std::span<const std::byte> bytes) override {
    return count_or_error(::_write(fd_, bytes.data(), at_once(bytes.size())));
  }

  Expected<std::uint64_t> seek(std::int64_t offset, Whence whence) override {
    constexpr int host_whence[] = {SEEK_SET, SEEK_CUR, SEEK_END};
    const auto position = ::_lseeki64(fd_, offset, host_whence[static_cast<int>(whence)]);
    if (position < 0) return std::unexpected(from_host_errno(errno));
    return static_cast<std::uint64_t>(position);
  }

  FileStat stat() const override { return host_stat(fd_).value_or(FileStat{}); }
  bool is_terminal() const override { return ::_isatty(fd_) != 0; }

 private:
  int fd_;
};

FileType file_type(unsigned short mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return FileType::regular_file;
    case S_IFDIR:
      return FileType::directory;
    case S_IFCHR:
      return FileType::character_device;
    default:
      return FileType::unknown;
  }
}

std::uint64_t nanoseconds(std::int64_t seconds) {
  return static_cast<std::uint64_t>(seconds) * 1'000'000'000u;
}

}  // namespace

std::shared_ptr<Stream> host_descriptor(int fd) { return std::make_shared<HostDescriptor>(fd); }

Expected<FileStat> host_stat(int fd) {
  struct _stat64 s{};
  if (::_fstat64(fd, &s) != 0) return std::unexpected(from_host_errno(errno));
  return FileStat{.type = file_type(s.st_mode),
                  .device = static_cast<std::uint64_t>(s.st_dev),
                  .inode = static_cast<std::uint64_t>(s.st_ino),
                  .links = static_cast<std::uint64_t>(s.st_nlink),
                  .size = static_cast<std::uint64_t>(s.st_size),
                  .accessed = nanoseconds(s.st_atime),
                  .modified = nanoseconds(s.st_mtime),
                  .changed = nanoseconds(s.st_ctime)};
}

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) ::_close(fd_);
}

Expected<std::shared_ptr<OpenDirectory>> host_directory(const std::string&, HostWalk) {
  return std::unexpected(Errno::notsup);
}

namespace {

class NoSocket final : public Socket {};

}  // namespace

std::shared_ptr<Socket> host_socket(int) { return std::make_shared<NoSocket>(); }

bool wait_for(const Blocked&) { return true; }

Errno fill_random(std::span<std::byte> bytes) {
  std::random_device system;
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(system());
  return Errno::success;
}

}  // namespace fermata::wasi
