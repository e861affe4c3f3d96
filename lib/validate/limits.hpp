// What the validator refuses with `implementation_limit`, beside `max_frame_slots`.
//
// Each limit bounds the work that one byte of a module can cause. The numbers are those that the
// JavaScript interface prescribes, so no module that runs in a browser is refused.
#pragma once

#include <cstdint>

namespace fermata {

inline constexpr std::uint32_t max_function_params = 1'000;
inline constexpr std::uint32_t max_function_results = 1'000;
inline constexpr std::uint32_t max_struct_fields = 10'000;
inline constexpr std::uint32_t max_subtype_depth = 63;

/// Slots that the interpreter needs in a frame beside parameters, locals and operands.
inline constexpr std::uint32_t frame_reserve_slots = 16;

}  // namespace fermata
