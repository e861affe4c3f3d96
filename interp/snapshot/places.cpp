#include "interp/snapshot/places.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fermata::snapshot {
namespace {

constexpr CodeMode standard_mode{};

Query::Kind query_kind(SiteKind kind) {
  switch (kind) {
    case SiteKind::inside:
      return Query::Kind::returning;
    case SiteKind::before:
      return Query::Kind::safe_point;
    default:
      return Query::Kind::at;
  }
}

}  // namespace

Places::Places(Input& in, Instance& instance, Budget& budget)
    : in_(in),
      instance_(instance),
      module_(*instance.module),
      budget_(budget),
      lowerer_(*instance.code) {
  if (instance.code->mode() != standard_mode) {
    standard_.emplace(CodeCache::of(module_, standard_mode));
  }
}

void Places::read() {
  const std::uint32_t count = in_.count(4);
  for (std::uint32_t i = 0; i < count && in_.ok(); ++i) read_function();
}

void Places::read_function() {
  const FuncIdx index{in_.number32()};
  if (!in_.ok()) return;
  if (module_.is_imported(index) || index.value >= module_.func_types.size()) {
    return in_.invalid(fmt::format("function {} has no frames", index.value));
  }
  if (!functions_.empty() && functions_.back().index >= index) {
    return in_.malformed(fmt::format("function {} stands behind function {}", index.value,
                                     functions_.back().index.value));
  }
  FuncCode& code = instance_.code->function(index);
  const Word* const entry = instance_.code->lower(code, budget_);
  if (entry == nullptr) {
    return in_.fail(ErrorCode::out_of_memory, in_.offset(),
                    fmt::format("register code of function {}", index.value));
  }
  Function& function = functions_.emplace_back();
  function.index = index;
  function.code = &code;
  function.entry = entry;
  function.layout.assign(module_, index);
  function.initialised = std::make_unique<InitialisedLocals>(module_, index);
  read_local_types(function.layout);
  const std::uint32_t caught = in_.number32();
  if (in_.ok() && caught != function.layout.sizes.caught_slots) {
    return in_.invalid(fmt::format("expected {} slots of exceptions, found {}",
                                   function.layout.sizes.caught_slots, caught));
  }
  const std::uint32_t sites = in_.count(3);
  if (in_.ok() && sites == 0) return in_.malformed("a function without a site");
  const std::size_t first = places_.size();
  std::vector<std::vector<std::uint8_t>> operands;
  for (std::uint32_t i = 0; i < sites && in_.ok(); ++i) {
    read_site(places_.emplace_back(), operands.emplace_back());
  }
  if (in_.ok()) locate(first, operands);
}

void Places::read_local_types(const FrameLayout& layout) {
  const std::uint32_t runs = in_.count(2);
  std::uint32_t local = 0;
  for (std::uint32_t i = 0; i < runs && in_.ok(); ++i) {
    const std::uint32_t count = in_.number32();
    const std::uint8_t code = in_.byte();
    if (!in_.ok()) return;
    if (count == 0 || count > layout.local_count() - local) {
      return in_.invalid(fmt::format("expected {} locals, found others", layout.local_count()));
    }
    for (const std::uint32_t end = local + count; local < end; ++local) {
      if (code_of(layout.local_type(local)) == code) continue;
      return in_.invalid(fmt::format("local {}: expected {}, found the type code {:#04x}", local,
                                     to_string(layout.local_type(local)), code));
    }
  }
  if (in_.ok() && local != layout.local_count()) {
    in_.invalid(fmt::format("expected {} locals, found {}", layout.local_count(), local));
  }
}

void Places::read_site(Place& place, std::vector<std::uint8_t>& operands) {
  place.function = static_cast<std::uint32_t>(functions_.size() - 1);
  place.offset = in_.number32();
  const std::uint64_t at = in_.offset();
  const ByteRange body = module_.definition(functions_.back().index).body;
  if (in_.ok() && (place.offset < body.begin || place.offset >= body.end)) {
    return in_.invalid(fmt::format("expected an offset from {:#x} up to {:#x}, found {:#x}",
                                   body.begin, body.end, place.offset));
  }
  place.kind = in_.choice(SiteKind::trapped, "how frames stand at a site");
  const Place* const before = &place == places_.data() ? nullptr : &place - 1;
  const auto key = [](const Place& of) { return std::pair(of.offset, of.kind); };
  if (before != nullptr && before->function == place.function && key(*before) >= key(place)) {
    in_.fail(ErrorCode::malformed_snapshot, at, "the sites of a function do not ascend");
  }
  const std::uint32_t count = in_.count();
  for (std::uint32_t i = 0; i < count && in_.ok(); ++i) operands.push_back(in_.byte());
}

// --- the lowering's answers ----------------------------------------------------------------------

/// Asks about the function's sites, from `first` on, all at once.
void Places::locate(std::size_t first, std::span<const std::vector<std::uint8_t>> operands) {
  const auto places = std::span(places_).subspan(first);
  std::vector<Stand> stands;
  stands.reserve(places.size());
  for (const Place& place : places) stands.push_back({query_kind(place.kind), place.offset});
  std::ranges::sort(stands);
  const FuncIdx function = functions_.back().index;
  auto standings = lowerer_.locate(function, stands);
  std::vector<Standing> standard;
  if (standard_) standard = standard_->locate(function, stands);
  for (std::size_t i = 0; i < places.size() && in_.ok(); ++i) {
    Place& place = places[i];
    const Stand stand{query_kind(place.kind), place.offset};
    const auto at =
        static_cast<std::size_t>(std::ranges::lower_bound(stands, stand) - stands.begin());
    if (standard_) {
      locate_one(place, standard[at], operands[i]);
      place.standard = std::move(place.operands);
    }
    if (in_.ok()) locate_one(place, standings[at], operands[i]);
    if (in_.ok()) look_at_instruction(place);
  }
}

void Places::locate_one(Place& place, Standing& standing,
                        const std::vector<std::uint8_t>& operands) {
  const auto refuse = [&](std::string_view what) {
    in_.invalid(
        fmt::format("function {} at {:#x}: {}", functions_.back().index.value, place.offset, what));
  };
  if (!standing.word) return refuse("no frame can stand there");
  place.pc = functions_.back().entry + *standing.word;
  place.operands = std::move(standing.answer.operands);
  place.caught = standing.answer.caught;
  const bool same = std::ranges::equal(place.operands, operands, {},
                                       [](const Operand& o) { return code_of(o.type); });
  if (!same) {
    refuse(fmt::format("expected {} operands of certain types, found {} or others",
                       place.operands.size(), operands.size()));
  }
}

void Places::look_at_instruction(Place& place) const {
  const std::uint32_t end = module_.definition(functions_.back().index).body.end;
  InstructionReader reader(module_.data.bytes, {place.offset, end}, module_.features);
  Instruction in;
  if (!reader.next(in)) return;
  switch (in.op) {
    case WasmOp::call:
    case WasmOp::return_call:
      place.callee = module_.func_types[in.index];
      if (module_.is_imported(FuncIdx{in.index})) place.direct = FuncIdx{in.index};
      break;
    case WasmOp::call_indirect:
    case WasmOp::return_call_indirect:
    case WasmOp::call_ref:
    case WasmOp::return_call_ref:
      place.callee = TypeIdx{in.index};
      break;
    case WasmOp::memory_atomic_wait32:
      place.op = SiteOp::wait32;
      return;
    case WasmOp::memory_atomic_wait64:
      place.op = SiteOp::wait64;
      return;
    default:
      return;
  }
  const bool tail = in.op == WasmOp::return_call || in.op == WasmOp::return_call_indirect ||
                    in.op == WasmOp::return_call_ref;
  place.op = tail ? SiteOp::tail_call : SiteOp::call;
}

}  // namespace fermata::snapshot
