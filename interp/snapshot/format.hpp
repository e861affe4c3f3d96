// The snapshot format's numbers. What they mean says docs/snapshot-format.md.
#pragma once

#include <array>
#include <cstdint>

#include "fermata/types.hpp"
#include "interp/lower/object_type.hpp"

namespace fermata::snapshot {

inline constexpr std::array<std::uint8_t, 4> magic{0x00, 'f', 'r', 'm'};
inline constexpr std::array<std::uint8_t, 4> delta_magic{0x00, 'f', 'r', 'd'};
inline constexpr std::uint32_t version = 1;

/// Sections stand in this order. One that a reader does not know it skips if its id is at least
/// `first_optional`, else it refuses the snapshot.
enum class Section : std::uint8_t {
  module = 1,
  imports,
  process,
  memory,
  heap,
  instances,
  sites,
  threads,
  lines,    // only when a thread waits at an address
  results,  // only when the thread that finished last had results
  fuel,     // only of a metered process
  end = 127,
};
inline constexpr std::uint8_t first_optional = 128;

/// Memory is compared and written in blocks of so many bytes.
inline constexpr std::uint64_t block_bytes = 4096;

// The codes of the binary format for value types, packed types and heap types; of all reference
// types there is one.
inline constexpr std::uint8_t i32_code = 0x7F;
inline constexpr std::uint8_t i64_code = 0x7E;
inline constexpr std::uint8_t f32_code = 0x7D;
inline constexpr std::uint8_t f64_code = 0x7C;
inline constexpr std::uint8_t v128_code = 0x7B;
inline constexpr std::uint8_t i8_code = 0x78;
inline constexpr std::uint8_t i16_code = 0x77;
inline constexpr std::uint8_t ref_code = 0x64;

[[nodiscard]] constexpr std::uint8_t code_of(ValType type) {
  constexpr std::uint8_t codes[] = {i32_code, i64_code, f32_code, f64_code, v128_code, ref_code};
  return codes[static_cast<std::size_t>(type.kind)];
}
[[nodiscard]] constexpr std::uint8_t code_of(Storage storage) {
  constexpr std::uint8_t codes[] = {i8_code,  i16_code, i32_code, f32_code,
                                    i64_code, f64_code, ref_code, v128_code};
  return codes[static_cast<std::size_t>(storage)];
}

/// What a reference refers to.
enum class Referent : std::uint8_t { null, function, i31, host, object };

enum class ObjectKind : std::uint8_t { struct_ = 0x5F, array = 0x5E, exception = 0x69 };

/// How a frame stands at its instruction.
enum class SiteKind : std::uint8_t {
  inside,   // in a call or a wait, whose operands are taken
  before,   // the instruction is the next
  trapped,  // the instruction trapped; the frame's values are not known
};

/// How far a thread has come.
enum class ThreadPhase : std::uint8_t { not_begun, in_start, in_function };

enum class Doing : std::uint8_t { ready, host_call, waiting, waited, trapped };

}  // namespace fermata::snapshot
