#include "lib/text/labels.hpp"

#include <utility>

namespace fermata::text {

void Labels::push(std::string_view name) {
  Label label{name, 0};
  const std::uint32_t position = size();
  if (!name.empty()) label.shadowed = std::exchange(positions_[name], position + 1);
  stack_.push_back(label);
}

void Labels::pop() {
  const Label& label = stack_.back();
  if (!label.name.empty()) positions_[label.name] = label.shadowed;
  stack_.pop_back();
}

std::optional<std::uint32_t> Labels::find(std::string_view name) const {
  const auto found = positions_.find(name);
  if (found == positions_.end() || found->second == 0) return std::nullopt;
  return size() - found->second;
}

}  // namespace fermata::text
