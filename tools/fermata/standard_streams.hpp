// The descriptors of the standard streams, where the command was started without some of them.
#pragma once

namespace fermata::tool {

/// Occupies the descriptors of standard streams that are closed. Otherwise the next file that is
/// opened would get one, and a directory of `run --dir` become the guest's standard input. Reading
/// and writing them fails as before. False: it cannot be done.
[[nodiscard]] bool occupy_standard_streams();

}  // namespace fermata::tool
