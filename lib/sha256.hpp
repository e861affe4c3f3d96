// SHA-256: the name of a module's bytes in a snapshot. Specification: FIPS 180-4, section 6.2.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace fermata {

using Sha256 = std::array<std::uint8_t, 32>;

[[nodiscard]] Sha256 sha256(std::span<const std::uint8_t> bytes);

}  // namespace fermata
