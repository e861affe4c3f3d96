// What the command needs of the operating system besides the C++ library: files and standard
// streams as bytes.
//
// Which file implements it (host_posix.cpp or host_windows.cpp) is the build's choice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fermata/error.hpp"
#include "fermata/limits.hpp"

namespace fermata::tool {

inline constexpr std::size_t max_file_bytes = limits::module_bytes;

/// Called once before any stream or file is used: the standard streams carry bytes as they are. The
/// descriptors of those that are closed are occupied; otherwise the next file that is opened would
/// get one, and a directory of `run --dir` become the guest's standard input. Reading and writing
/// them fails as before. False: it cannot be done.
[[nodiscard]] bool prepare_streams();

/// All that `read` gives, up to `max_file_bytes`: how many bytes it has put into the room that it
/// is offered, 0 at the end. The first room is for the size that is expected and one byte, which is
/// all there will be of a file; of a pipe there are many, which are joined at the end: what is too
/// large is refused before anything is copied.
using ReadSome = std::function<Result<std::size_t>(std::span<std::uint8_t>)>;
[[nodiscard]] Result<std::vector<std::uint8_t>> read_all(std::size_t expected,
                                                         const ReadSome& read);
/// Lets the system take few large pages for memory that is about to be filled, if it has such.
void expect_filling(std::uint8_t* begin, std::size_t size);

/// The whole of a file, pipe or device of up to `max_file_bytes`; `-` is standard input.
[[nodiscard]] Result<std::vector<std::uint8_t>> read_file(std::string_view path);

/// A new file that only its owner can read, in the place of a file of this name, or what has the name
/// and is no file (a pipe, a device), to write to. Null, and `errno` says why, when it cannot be.
[[nodiscard]] std::FILE* create_private(const std::string& path);

/// `ErrorCode::io_failed` with this message.
[[nodiscard]] std::unexpected<Error> io_error(std::string message);
/// The same with what `errno` says.
[[nodiscard]] std::unexpected<Error> system_error(std::string_view what);

}  // namespace fermata::tool
