// Reduce: makes bytes that show a failure shorter and simpler, by leaving parts out.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace fermata::test {

/// The simplest bytes found by which `fails` still holds. Precondition: it holds for `bytes`.
[[nodiscard]] std::vector<std::uint8_t> reduce(
    std::vector<std::uint8_t> bytes,
    const std::function<bool(const std::vector<std::uint8_t>&)>& fails);

}  // namespace fermata::test
