// Limits of this implementation on what a binary module declares.
//
// Each bounds the memory that decoding takes and, but for the one of memories, is the one that web engines share ("WebAssembly
// JavaScript Interface / Implementation-defined Limits"), so that what loads there loads here.
// Exceeding one is `ErrorCode::implementation_limit`. The validator has more of them.
#pragma once

#include <cstdint>

namespace fermata {

inline constexpr std::uint32_t max_module_bytes = 1u << 30;
inline constexpr std::uint32_t max_types = 1'000'000;
inline constexpr std::uint32_t max_rec_groups = 1'000'000;
inline constexpr std::uint32_t max_imports = 1'000'000;
inline constexpr std::uint32_t max_functions = 1'000'000;
inline constexpr std::uint32_t max_tables = 100'000;
inline constexpr std::uint32_t max_memories = 10'000;  // ours: more than anybody has, less than 2^16
inline constexpr std::uint32_t max_globals = 1'000'000;
inline constexpr std::uint32_t max_tags = 1'000'000;
inline constexpr std::uint32_t max_exports = 1'000'000;
inline constexpr std::uint32_t max_elem_segments = 10'000'000;
inline constexpr std::uint32_t max_segment_elements = 10'000'000;
inline constexpr std::uint32_t max_data_segments = 100'000;
inline constexpr std::uint32_t max_function_bytes = 7'654'321;
inline constexpr std::uint32_t max_locals = 50'000;

}  // namespace fermata
