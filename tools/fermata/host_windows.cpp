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
  std::vector<std::uint8_t> bytes;
  for (std::size_t size = 0;; size = bytes.size()) {
    bytes.resize(size + (std::size_t{1} << 20));
    bytes.resize(size + std::fread(bytes.data() + size, 1, bytes.size() - size, file));
    if (std::ferror(file) != 0) return system_error("cannot be read");
    if (bytes.size() > max_file_bytes) return io_error("larger than 1 GiB");
    if (bytes.size() == size) return bytes;
  }
}

}  // namespace fermata::tool
