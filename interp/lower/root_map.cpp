#include "interp/lower/root_map.hpp"

#include <tuple>

#include "interp/lower/object_type.hpp"

namespace fermata {

void RootRecorder::stored(const Operand& operand) {
  if (!is_traced(operand.type, module_.canonical)) return;
  if (operand.slot >= since_.size()) since_.resize(operand.slot + 1, none);
  since_[operand.slot] = emitter_.here();
}

void RootRecorder::gone(const Operand& operand) {
  if (operand.slot >= since_.size() || since_[operand.slot] == none) return;
  const std::uint32_t begin = since_[operand.slot];
  since_[operand.slot] = none;
  if (begin < emitter_.here()) stays_.push_back({operand.slot, begin, emitter_.here()});
}

void RootRecorder::add_locals(RootMap& map, FuncIdx function) const {
  const auto add = [&](std::uint32_t slot, std::uint32_t count, ValType type) {
    if (is_traced(type, module_.canonical)) map.locals_.push_back({slot, count});
  };
  std::uint32_t slot = 0;
  for (const ValType type : module_.func_type(function).params) {
    add(slot, 1, type);
    slot += type.slots();
  }
  const FrameSizes sizes = frame_sizes(module_, function);
  slot = sizes.header + header_slots;
  for (const LocalRun& run : module_.locals(function)) {
    add(slot, run.count, run.type);
    slot += run.count * run.type.slots();
  }
  if (sizes.caught_slots != 0) map.locals_.push_back({sizes.caught, sizes.caught_slots});
}

RootMap RootRecorder::finish(FuncIdx function) {
  RootMap map;
  add_locals(map, function);
  std::ranges::sort(stays_, {}, [](const Stay& stay) { return std::tuple(stay.slot, stay.begin); });
  for (const Stay& stay : stays_) {
    if (map.slots_.empty() || map.slots_.back().slot != stay.slot) {
      map.slots_.push_back({stay.slot, static_cast<std::uint32_t>(map.spans_.size()), 0});
    }
    ++map.slots_.back().spans;
    map.spans_.push_back({stay.begin, stay.end});
  }
  return map;
}

}  // namespace fermata
