// Reading files. See input.hpp.
//
// A module of 20 MB is read into large pages where the system has them: page faults, thousands of
// them otherwise, cost more than the reading.
#include "tools/fermata/input.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "fermata/text.hpp"

namespace fermata::tool {
namespace {

constexpr std::size_t max_file_bytes = std::size_t{1} << 30;

std::unexpected<Error> io_error(std::string message) {
  Error error;
  error.code = ErrorCode::io_failed;
  error.phase = Phase::usage;
  error.message = std::move(message);
  return std::unexpected(std::move(error));
}

std::unexpected<Error> system_error(std::string_view what) {
  return io_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

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

Result<std::vector<std::uint8_t>> read_module_file(std::string_view path) {
  auto bytes = read_file(path);
  if (bytes && bytes->empty()) return io_error("is empty, not a WebAssembly module");
  return bytes;
}

namespace {

/// By its name, or by how it begins: no binary module begins with these.
bool is_text(std::string_view path, std::string_view bytes) {
  return path.ends_with(".wat") || bytes.starts_with('(') || bytes.starts_with(";;");
}

}  // namespace

Result<Module> load_module(std::string_view path, const ModuleOptions& options) {
  auto bytes = read_module_file(path);
  if (!bytes) return std::unexpected(std::move(bytes.error()));
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  if (is_text(path, text)) return parse_text(text, options);
  return Module::load(std::move(*bytes), options);
}

}  // namespace fermata::tool
