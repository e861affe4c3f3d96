// Runs of locals and their initialisation; see local_types.hpp.
#include "lib/validate/local_types.hpp"

#include <algorithm>

#include "lib/validate/context.hpp"

namespace fermata::validation {

void LocalTypes::reset(std::span<const StackType> params, std::span<const LocalRun> locals) {
  runs_.clear();
  first_count_ = 0;
  initialised_.clear();
  slots_ = 0;
  tracks_ = false;
  ++function_;
  for (std::span<const StackType> rest = params; !rest.empty();) {
    const StackType type = rest.front();
    const auto other = std::ranges::find_if(rest, [&](StackType t) { return t != type; });
    const auto count = static_cast<std::size_t>(other - rest.begin());
    add(count, type);
    rest = rest.subspan(count);
  }
  param_count_ = params.size();
  for (const LocalRun& run : locals) {
    add(run.count, run.type);
    tracks_ |= run.count > 0 && !is_defaultable(run.type);
  }
}

void LocalTypes::add(std::uint64_t count, StackType type) {
  if (count == 0) return;
  runs_.push_back({this->count() + count, type});
  slots_ += count * type.slots();
  const std::uint64_t end = std::min<std::uint64_t>(first_count_ + count, max_laid_out);
  while (first_count_ < end) first_[first_count_++] = type;
}

StackType LocalTypes::search(std::uint32_t local) const {
  return std::ranges::upper_bound(runs_, local, {}, &Run::end)->type;
}

bool LocalTypes::is_marked(std::uint32_t local) const {
  if (local < param_count_ || is_defaultable(type(local).val_type())) return true;
  return local < marks_.size() && marks_[local] == function_;
}

void LocalTypes::mark(std::uint32_t local) {
  if (local >= marks_.size()) marks_.resize(local + std::size_t{1});
  marks_[local] = function_;
  initialised_.push_back(local);
}

}  // namespace fermata::validation
