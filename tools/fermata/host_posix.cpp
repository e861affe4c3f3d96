// Files and descriptors as POSIX has them. See host.hpp.
//
// A module of 20 MB is read into large pages where the system has them: page faults, thousands of
// them otherwise, cost more than the reading.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>

#include "tools/fermata/host.hpp"

namespace fermata::tool {
namespace {

Result<std::size_t> read_some(int fd, std::span<std::uint8_t> room) {
  ssize_t count = 0;
  do count = ::read(fd, room.data(), room.size());
  while (count < 0 && errno == EINTR);
  if (count < 0) return system_error("cannot be read");
  return static_cast<std::size_t>(count);
}

Result<std::vector<std::uint8_t>> read_descriptor(int fd) {
  struct stat s{};
  if (::fstat(fd, &s) != 0) return system_error("cannot be read");
  if (S_ISDIR(s.st_mode)) return io_error("is a directory, not a WebAssembly module");
  const bool regular = S_ISREG(s.st_mode);
  const auto size = regular ? static_cast<std::uint64_t>(s.st_size) : 0;
  if (size > max_file_bytes) return io_error("larger than 1 GiB");
  return read_all(static_cast<std::size_t>(size),
                  [fd](std::span<std::uint8_t> room) { return read_some(fd, room); });
}

}  // namespace

void expect_filling([[maybe_unused]] std::uint8_t* begin, [[maybe_unused]] std::size_t size) {
#ifdef MADV_HUGEPAGE
  constexpr std::size_t worthwhile = std::size_t{4} << 20;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (size < worthwhile) return;
  const std::size_t skipped = page - reinterpret_cast<std::uintptr_t>(begin) % page;
  static_cast<void>(::madvise(begin + skipped, size - skipped, MADV_HUGEPAGE));
#endif
}

Result<std::vector<std::uint8_t>> read_file(std::string_view path) {
  const bool standard_input = path == "-";
  const int fd =
      standard_input ? STDIN_FILENO : ::open(std::string(path).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return system_error("cannot be opened");
  auto bytes = read_descriptor(fd);
  if (!standard_input) ::close(fd);
  return bytes;
}

std::FILE* create_private(const std::string& path) {
  struct stat s{};
  const bool is_there = ::stat(path.c_str(), &s) == 0;
  int flags = O_WRONLY | O_CLOEXEC;
  if (!is_there || S_ISREG(s.st_mode)) {
    // Who has the former one open shall not read this.
    if (is_there && ::unlink(path.c_str()) != 0) return nullptr;
    flags |= O_CREAT | O_EXCL;
  }
  const int fd = ::open(path.c_str(), flags, 0600);
  return fd < 0 ? nullptr : ::fdopen(fd, "wb");
}

bool prepare_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) != -1) continue;
    // Open for the wrong direction. A file gets the lowest free descriptor, which is this one.
    const int mode = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    if (::open("/dev/null", mode) != stream) return false;
  }
  return true;
}

}  // namespace fermata::tool
