// Files and descriptors as POSIX has them. See host.hpp.
//
// A module of 20 MB is read into large pages where the system has them: page faults, thousands of
// them otherwise, cost more than the reading.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <initializer_list>

#include "tools/fermata/host.hpp"

namespace fermata::tool {
namespace {

/// Lets the system take few large pages for memory that is about to be filled, if it has such.
void expect_filling([[maybe_unused]] std::uint8_t* begin, [[maybe_unused]] std::size_t size) {
#ifdef MADV_HUGEPAGE
  constexpr std::size_t worthwhile = std::size_t{4} << 20;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  if (size < worthwhile) return;
  const std::size_t skipped = page - reinterpret_cast<std::uintptr_t>(begin) % page;
  static_cast<void>(::madvise(begin + skipped, size - skipped, MADV_HUGEPAGE));
#endif
}

Result<std::vector<std::uint8_t>> read_all(int fd, std::size_t expected) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(expected + 1);  // room to see the end without growing
  expect_filling(bytes.data(), bytes.capacity());
  bytes.resize(expected + 1);
  std::size_t size = 0;
  for (;;) {
    const ssize_t count = ::read(fd, bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno != EINTR) return system_error("cannot be read");
    if (count > 0) size += static_cast<std::size_t>(count);
    if (size > max_file_bytes) return io_error("larger than 1 GiB");
    if (count == 0) break;
    if (size == bytes.size()) bytes.resize(std::min(2 * size + 4096, max_file_bytes + 1));
  }
  bytes.resize(size);
  return bytes;
}

Result<std::vector<std::uint8_t>> read_descriptor(int fd) {
  struct stat s{};
  if (::fstat(fd, &s) != 0) return system_error("cannot be read");
  if (S_ISDIR(s.st_mode)) return io_error("is a directory, not a WebAssembly module");
  const bool regular = S_ISREG(s.st_mode);
  const auto size = regular ? static_cast<std::uint64_t>(s.st_size) : 0;
  if (size > max_file_bytes) return io_error("larger than 1 GiB");
  return read_all(fd, static_cast<std::size_t>(size));
}

}  // namespace

Result<std::vector<std::uint8_t>> read_file(std::string_view path) {
  const bool standard_input = path == "-";
  const int fd =
      standard_input ? STDIN_FILENO : ::open(std::string(path).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return system_error("cannot be opened");
  auto bytes = read_descriptor(fd);
  if (!standard_input) ::close(fd);
  return bytes;
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
