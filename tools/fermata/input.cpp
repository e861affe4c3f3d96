// Reading modules. See input.hpp.
#include "tools/fermata/input.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "fermata/text.hpp"

namespace fermata::tool {

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
