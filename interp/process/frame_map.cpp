// Walks the frames of a paused thread and asks the lowering what they mean.
#include "interp/process/frame_map.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "fermata/module.hpp"
#include "interp/isa/bootstrap.hpp"
#include "interp/isa/op.hpp"
#include "lib/keyed_hash.hpp"

namespace fermata {

// --- walking ------------------------------------------------------------------------------------

/// Calls visit(SiteId, frame pointer) for each frame, innermost first, until it says no.
template <class Visit>
void FrameMap::walk(Visit visit) {
  const Word* pc = thread_.pc;
  const Slot* fp = thread_.stack() + thread_.fp;
  if (in_bootstrap(pc)) return;
  const Instance* instance = thread_.instance;
  std::size_t crossings = thread_.cross_calls ? thread_.cross_calls->size() : 0;
  const auto kind = thread_.host_call != nullptr ? Query::Kind::returning
                    : thread_.trap != Trap::none ? Query::Kind::at
                                                 : Query::Kind::safe_point;
  const SiteId innermost = add_site(*instance->code, pc, kind);
  if (!visit(innermost, fp)) return;
  pc = reinterpret_cast<const Word*>(fp[sites_[innermost].function->header]);
  const Return* at = nullptr;
  for (;;) {
    if (at == nullptr || at->pc != pc) at = returns_.find(pc);  // a recursion returns where it did
    if (at == nullptr) {
      if (in_bootstrap(pc)) return;
      if (op_of(*pc) == Op::return_cross) {
        const CrossCall& back = (*thread_.cross_calls)[--crossings];
        pc = back.return_pc;
        instance = back.instance;
        continue;
      }
      at = &add_return(*instance->code, pc);
    }
    fp -= at->callee_frame;
    if (!visit(at->site, fp)) return;
    pc = reinterpret_cast<const Word*>(fp[at->header]);
  }
}

/// Calls take(SiteId, frame pointer) for each frame that is asked for, whose sites become wanted.
template <class Take>
void FrameMap::take_range(std::size_t count, std::size_t first, Take take) {
  if (count == 0) return;
  std::size_t taken = 0;
  walk([&](SiteId at, const Slot* fp) {
    if (first != 0) {
      --first;
      return true;
    }
    sites_[at].wanted = true;
    take(at, fp);
    return ++taken < count;
  });
}

FrameMap::SiteId FrameMap::add_site(const CodeCache& code, const Word* pc, Query::Kind kind) {
  const CodeCache::Place place = code.find(pc);
  Site& added = sites_.emplace_back();
  added.function = place.function;
  added.query = {kind, place.word};
  return static_cast<SiteId>(sites_.size() - 1);
}

const FrameMap::Return& FrameMap::add_return(const CodeCache& code, const Word* pc) {
  const SiteId site = add_site(code, pc, Query::Kind::returning);
  const Word call = pc[-static_cast<int>(call_words)];
  return returns_.add({pc, site, static_cast<std::uint16_t>(sites_[site].function->header),
                       static_cast<std::uint16_t>(field_c(call))});
}

/// Where the pc is, or the free place where it would be.
std::size_t FrameMap::ReturnTable::place(const Word* pc) const {
  const std::uint64_t word = reinterpret_cast<std::uintptr_t>(pc) / sizeof(Word);
  const std::size_t mask = places_.size() - 1;
  // Where calls stand is the module's choice, so the multiplier is not known to it.
  const std::uint64_t secret = process_hash_key().first | 1;
  auto i = static_cast<std::size_t>((word * secret) >> 32) & mask;
  while (places_[i].pc != nullptr && places_[i].pc != pc) i = (i + 1) & mask;
  return i;
}

const FrameMap::Return* FrameMap::ReturnTable::find(const Word* pc) const {
  const Return& found = places_[place(pc)];
  return found.pc == pc ? &found : nullptr;
}

const FrameMap::Return& FrameMap::ReturnTable::add(const Return& added) {
  if (++used_ > places_.size() / 2) grow();
  return places_[place(added.pc)] = added;
}

void FrameMap::ReturnTable::grow() {
  const std::vector<Return> old = std::exchange(places_, std::vector<Return>(places_.size() * 2));
  for (const Return& known : old) {
    if (known.pc != nullptr) places_[place(known.pc)] = known;
  }
}

// --- explaining ---------------------------------------------------------------------------------

/// Answers for all wanted sites, function by function.
void FrameMap::explain_sites(Lowerer::Detail detail) {
  views_.clear();
  std::vector<SiteId> ids;
  for (SiteId id = 0; id < sites_.size(); ++id) {
    if (std::exchange(sites_[id].wanted, false)) ids.push_back(id);
  }
  std::ranges::sort(ids, [&](SiteId a, SiteId b) {
    const Site& left = sites_[a];
    const Site& right = sites_[b];
    if (left.function != right.function) return std::less<>{}(left.function, right.function);
    return left.query < right.query;
  });
  std::span<const SiteId> rest = ids;
  while (!rest.empty()) {
    const FuncCode* const function = sites_[rest.front()].function;
    const auto other =
        std::ranges::find_if(rest, [&](SiteId id) { return sites_[id].function != function; });
    const auto size = static_cast<std::size_t>(other - rest.begin());
    explain_function(rest.first(size), detail);
    rest = rest.subspan(size);
  }
}

/// Answers for sites of one function, in the order of their queries. Two can have the same one: a
/// call_indirect that has called the host, paused, and the function itself, further out.
void FrameMap::explain_function(std::span<const SiteId> ids, Lowerer::Detail detail) {
  const FuncCode& function = *sites_[ids.front()].function;
  std::vector<Query> queries;
  queries.reserve(ids.size());
  for (const SiteId id : ids) {
    if (queries.empty() || queries.back() != sites_[id].query) queries.push_back(sites_[id].query);
  }
  if (lowered_from_ != function.cache) lowerer_.emplace(*function.cache);
  lowered_from_ = function.cache;
  const std::vector<Answer> answers = lowerer_->explain(function.index, queries, detail);
  ++lowerings_;

  FunctionView& view = views_.emplace_back();
  view.name = function_name(function.cache->module(), function.index);
  if (detail == Lowerer::Detail::operands) view.layout = lowerer_->layout();
  std::size_t answer = 0;
  for (const SiteId id : ids) {
    Site& explained = sites_[id];
    if (queries[answer] != explained.query) ++answer;
    explained.answer = answers[answer];
    explained.view = static_cast<std::uint32_t>(views_.size() - 1);
  }
}

// --- reading ------------------------------------------------------------------------------------

namespace {

/// The value of a type in a slot; of an i32 or f32 only the low half counts.
Value read(ValType type, const Slot* at) {
  switch (type.kind) {
    case ValKind::i32:
    case ValKind::f32:
      return Value::from_bits(type, static_cast<std::uint32_t>(at[0]));
    case ValKind::v128:
      return Value::from_bits(type, at[0], at[1]);
    default:
      return Value::from_bits(type, at[0]);
  }
}

Value read(const Operand& operand, const Slot* fp, const FrameLayout& layout) {
  switch (operand.kind) {
    case Operand::Kind::constant:
      return Value::from_bits(operand.type, operand.bits);
    case Operand::Kind::sum:
      return Value::u32(static_cast<std::uint32_t>(fp[layout.local_slot(operand.local)]) +
                        static_cast<std::uint32_t>(operand.bits));
    case Operand::Kind::local:
      return read(operand.type, fp + layout.local_slot(operand.local));
    case Operand::Kind::slot:
      break;
  }
  return read(operand.type, fp + operand.slot);
}

}  // namespace

Frame FrameMap::read_frame(const Site& site, const Slot* fp) const {
  const auto& [name, layout] = views_[site.view];
  Frame frame;
  frame.function = site.function->index;
  frame.function_name = name;
  frame.offset = site.answer.offset;
  frame.at_safe_point = site.query.kind != Query::Kind::at;
  frame.locals.reserve(layout.local_count());
  for (std::uint32_t i = 0; i < layout.local_count(); ++i) {
    frame.locals.push_back(read(layout.local_type(i), fp + layout.local_slot(i)));
  }
  frame.operands.reserve(site.answer.operands.size());
  for (const Operand& operand : site.answer.operands) {
    frame.operands.push_back(read(operand, fp, layout));
  }
  return frame;
}

std::uint64_t FrameMap::count() {
  std::uint64_t frames = 0;
  walk([&](SiteId, const Slot*) {
    ++frames;
    return true;
  });
  return frames;
}

std::vector<Frame> FrameMap::frames(std::size_t count, std::size_t first) {
  std::vector<std::pair<SiteId, const Slot*>> places;
  take_range(count, first, [&](SiteId at, const Slot* fp) { places.emplace_back(at, fp); });
  explain_sites(Lowerer::Detail::operands);
  std::vector<Frame> frames;
  frames.reserve(places.size());
  for (const auto& [at, fp] : places) frames.push_back(read_frame(sites_[at], fp));
  return frames;
}

std::vector<TraceEntry> FrameMap::trace(std::size_t count, std::size_t first) {
  std::vector<TraceEntry> trace;
  // A line holds its site until that is explained: a second list would double the memory.
  take_range(count, first, [&](SiteId at, const Slot*) { trace.emplace_back().offset = at; });
  explain_sites(Lowerer::Detail::offsets);
  for (TraceEntry& entry : trace) {
    const Site& at = sites_[static_cast<SiteId>(entry.offset)];
    entry.function = at.function->index;
    entry.function_name = views_[at.view].name;
    entry.offset = at.answer.offset;
  }
  return trace;
}

}  // namespace fermata
