// Labels: the names of the blocks around an instruction, while its function is parsed or printed.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "lib/keyed_hash.hpp"

namespace fermata::text {

/// The labels in scope, innermost last.
class Labels {
 public:
  void push(std::string_view name);  // empty: no name
  void pop();
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(stack_.size()); }
  /// The index of the innermost label of this name, counted from the inside.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const;
  [[nodiscard]] std::string_view innermost() const { return stack_.back().name; }

 private:
  struct Label {
    std::string_view name;
    std::uint32_t shadowed = 0;  // 1 + the position of the outer label of the same name, or 0
  };
  std::vector<Label> stack_;
  KeyedMap<std::string_view, std::uint32_t> positions_;  // 1 + the innermost's
};

}  // namespace fermata::text
