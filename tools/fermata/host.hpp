// What the command needs of the operating system besides the C++ library: files and standard
// streams as bytes.
//
// Which file implements it (host_posix.cpp or host_windows.cpp) is the build's choice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "fermata/error.hpp"

namespace fermata::tool {

inline constexpr std::size_t max_file_bytes = std::size_t{1} << 30;

/// Called once before any stream or file is used: the standard streams carry bytes as they are. The
/// descriptors of those that are closed are occupied; otherwise the next file that is opened would
/// get one, and a directory of `run --dir` become the guest's standard input. Reading and writing
/// them fails as before. False: it cannot be done.
[[nodiscard]] bool prepare_streams();

/// The whole of a file, pipe or device of up to `max_file_bytes`; `-` is standard input.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_file(std::string_view path);

/// `ErrorCode::io_failed` with this message.
[[nodiscard]] std::unexpected<Error> io_error(std::string message);
/// The same with what `errno` says.
[[nodiscard]] std::unexpected<Error> system_error(std::string_view what);

}  // namespace fermata::tool
