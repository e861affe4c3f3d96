// Module::load_file: a module from the file system.

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "fermata/limits.hpp"
#include "fermata/module.hpp"
#include "lib/out_of_memory.hpp"

namespace fermata {
namespace {

struct Close {
  void operator()(std::FILE* file) const { static_cast<void>(std::fclose(file)); }
};

std::unexpected<Error> io_failed(const std::string& path, std::string_view what) {
  return std::unexpected(Error{ErrorCode::io_failed,
                               Phase::usage,
                               fmt::format("{}: {}: {}", path, what, std::strerror(errno)),
                               {},
                               {},
                               {}});
}

/// A byte more than modules may have tells the decoder that there are too many.
Result<std::vector<std::uint8_t>> read_file(const std::string& path) {
  constexpr std::size_t most = std::size_t{limits::module_bytes} + 1;
  constexpr std::size_t piece = std::size_t{1} << 20;
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (!file) return io_failed(path, "cannot be opened");
  std::vector<std::uint8_t> bytes;
  for (std::size_t size = 0; size < most;) {
    const std::size_t wanted = std::min(piece, most - size);
    bytes.resize(size + wanted);
    const std::size_t count = std::fread(bytes.data() + size, 1, wanted, file.get());
    if (std::ferror(file.get()) != 0) return io_failed(path, "cannot be read");
    size += count;
    bytes.resize(size);
    if (count == 0) break;
  }
  return bytes;
}

}  // namespace

Result<Module> Module::load_file(const std::string& path, const ModuleOptions& options) {
  return or_out_of_memory([&]() -> Result<Module> {
    auto bytes = read_file(path);
    if (!bytes) return std::unexpected(std::move(bytes.error()));
    return load(std::move(*bytes), options);
  });
}

}  // namespace fermata
