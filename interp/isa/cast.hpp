// What a test or cast wants a reference to be, as the word of an instruction.
//
// Either one of some kinds of reference, which its bits and at most its object's type tell, or of a
// module's own type.
#pragma once

#include "interp/isa/word.hpp"

namespace fermata {

/// `null`, an `i31`, a `host` reference, a `structure`, an `array`: a set of these.
class WantedKinds {
 public:
  enum Kind : std::uint8_t { null = 1, i31 = 2, host = 4, structure = 8, array = 16 };
  static constexpr Word all_but_null = i31 | host | structure | array;

  /// `kinds` has the bits of Kind.
  [[nodiscard]] static constexpr Word word(Word kinds) noexcept { return kinds; }
  [[nodiscard]] static constexpr bool has(Word word, Kind kind) noexcept {
    return (word & kind) != 0;
  }
  /// Whether all that are not null are alike: of a function there is nothing to look at.
  [[nodiscard]] static constexpr bool ask_for_null_alone(Word word) noexcept {
    const Word others = word & all_but_null;
    return others == 0 || others == all_but_null;
  }
};

/// A concrete type: its canonical id, how many supertypes it has, whether null will do, and whether
/// it is a function's.
struct WantedType {
  std::uint32_t id = 0;
  std::uint32_t depth = 0;
  bool null = false;
  bool function = false;

  [[nodiscard]] constexpr Word word() const noexcept {
    return id | Word{depth} << 32 | Word{null} << 48 | Word{function} << 49;
  }
  [[nodiscard]] static constexpr WantedType from(Word word) noexcept {
    return {static_cast<std::uint32_t>(word), static_cast<std::uint32_t>(word >> 32) & 0xFFFF,
            (word >> 48 & 1) != 0, (word >> 49 & 1) != 0};
  }
};

}  // namespace fermata
