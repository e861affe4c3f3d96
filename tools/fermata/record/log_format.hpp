// The numbers of the log's format. What they mean says docs/recording.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace fermata::tool {

inline constexpr std::array log_magic{std::byte{0x00}, std::byte{'f'}, std::byte{'r'},
                                      std::byte{'l'}};
inline constexpr std::uint32_t log_version = 1;

enum class LogKind : std::uint8_t {
  call = 1,
  answer,
  pause,
  wait,
  timeout,
  finish,
  trap,
  end,
};
/// From here on a reader skips what it does not know.
inline constexpr std::uint8_t first_optional_kind = 128;

// The codes of the binary format.
inline constexpr std::uint8_t log_i32 = 0x7F;
inline constexpr std::uint8_t log_i64 = 0x7E;
inline constexpr std::uint8_t log_f32 = 0x7D;
inline constexpr std::uint8_t log_f64 = 0x7C;

}  // namespace fermata::tool
