// Reading modules. See input.hpp.
#include "tools/fermata/input.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <deque>
#include <utility>

#include "fermata/text.hpp"
#include "lib/binary/component.hpp"
#include "tools/fermata/component.hpp"
#include "tools/fermata/threads.hpp"

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

namespace {

/// One after the other; each goes when it has been copied.
std::vector<std::uint8_t> joined(std::deque<std::vector<std::uint8_t>> pieces, std::size_t size) {
  if (pieces.size() == 1) return std::move(pieces.front());
  std::vector<std::uint8_t> all;
  all.reserve(size);
  for (; !pieces.empty(); pieces.pop_front()) {
    all.insert(all.end(), pieces.front().begin(), pieces.front().end());
  }
  return all;
}

}  // namespace

Result<std::vector<std::uint8_t>> read_all(std::size_t expected, const ReadSome& read) {
  constexpr std::size_t piece_bytes = std::size_t{1} << 20;
  std::deque<std::vector<std::uint8_t>> pieces;
  std::size_t size = 0;
  for (bool at_end = false; !at_end;) {
    const std::size_t wanted = pieces.empty() && expected != 0 ? expected + 1 : piece_bytes;
    std::vector<std::uint8_t>& piece = pieces.emplace_back();
    piece.reserve(wanted);
    expect_filling(piece.data(), piece.capacity());
    piece.resize(wanted);
    std::size_t filled = 0;
    while (!at_end && filled < piece.size()) {
      const auto count = read(std::span(piece).subspan(filled));
      if (!count) return std::unexpected(count.error());
      at_end = *count == 0;
      filled += *count;
    }
    piece.resize(filled);
    size += filled;
    if (size > max_file_bytes) return io_error("larger than 1 GiB");
  }
  return joined(std::move(pieces), size);
}

Result<std::vector<std::uint8_t>> read_binary_file(std::string_view path) {
  auto bytes = read_file(path);
  if (bytes && bytes->empty()) return io_error("is empty, not a WebAssembly module");
  return bytes;
}

Result<std::vector<std::uint8_t>> read_module_file(std::string_view path) {
  auto bytes = read_binary_file(path);
  if (bytes && is_component(*bytes)) return std::unexpected(component_error(*bytes));
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
  Threads threads;
  ModuleOptions shared = options;
  shared.executor = &threads;
  return Module::load(std::move(*bytes), shared);
}

}  // namespace fermata::tool
