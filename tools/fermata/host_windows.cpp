// Files as the C library of Windows has them. See host.hpp.
#include <fcntl.h>
#include <io.h>

#include <cstdio>
#include <memory>

#include "tools/fermata/host.hpp"

namespace fermata::tool {

// A closed stream has no descriptor that another file could get.
bool prepare_streams() {
  for (std::FILE* stream : {stdin, stdout, stderr}) ::_setmode(::_fileno(stream), _O_BINARY);
  return true;
}

Result<std::vector<std::uint8_t>> read_file(std::string_view path) {
  constexpr auto close = [](std::FILE* file) { std::fclose(file); };
  std::unique_ptr<std::FILE, decltype(close)> opened;
  if (path != "-") opened.reset(std::fopen(std::string(path).c_str(), "rb"));
  std::FILE* const file = path == "-" ? stdin : opened.get();
  if (file == nullptr) return system_error("cannot be opened");
  return read_all(0, [file](std::span<std::uint8_t> room) -> Result<std::size_t> {
    const std::size_t count = std::fread(room.data(), 1, room.size(), file);
    if (std::ferror(file) != 0) return system_error("cannot be read");
    return count;
  });
}

// Who can read it is what the folder says.
std::FILE* create_private(const std::string& path) { return std::fopen(path.c_str(), "wb"); }

void expect_filling(std::uint8_t*, std::size_t) {}

}  // namespace fermata::tool
