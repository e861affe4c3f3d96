// Asks the lowering what the frames of a paused thread mean.
#include "interp/process/frame_map.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "fermata/module.hpp"

namespace fermata {

// --- walking ------------------------------------------------------------------------------------

/// Calls take(SiteId, frame pointer) for each frame that is asked for, whose sites become wanted.
template <class Take>
void FrameMap::take_range(std::size_t count, std::size_t first, Take take) {
  if (count == 0) return;
  std::size_t taken = 0;
  walker_.walk(thread_, [&](const FrameWalker::Frame& frame) {
    const SiteId at = frame.site;
    if (first != 0) {
      --first;
      return true;
    }
    if (at >= explained_.size()) explained_.resize(at + 1);
    explained_[at].wanted = true;
    take(at, frame.fp);
    return ++taken < count;
  });
}

/// A frame that waits stands behind a call; after a trap nothing is known of operands.
Query FrameMap::query(SiteId id) const {
  const FrameWalker::Site& site = walker_.site(id);
  if (id != FrameWalker::innermost) return {Query::Kind::returning, site.word};
  const auto kind = thread_.awaits_results()     ? Query::Kind::returning
                    : thread_.trap != Trap::none ? Query::Kind::at
                                                 : Query::Kind::safe_point;
  return {kind, site.word};
}

// --- explaining ---------------------------------------------------------------------------------

/// Answers for all wanted sites, function by function.
void FrameMap::explain_sites(Lowerer::Detail detail) {
  views_.clear();
  std::vector<SiteId> ids;
  for (SiteId id = 0; id < explained_.size(); ++id) {
    if (std::exchange(explained_[id].wanted, false)) ids.push_back(id);
  }
  const auto function_at = [&](SiteId id) { return walker_.site(id).function; };
  std::ranges::sort(ids, [&](SiteId a, SiteId b) {
    if (function_at(a) != function_at(b)) return std::less<>{}(function_at(a), function_at(b));
    return query(a) < query(b);
  });
  std::span<const SiteId> rest = ids;
  while (!rest.empty()) {
    const FuncCode* const function = function_at(rest.front());
    const auto other =
        std::ranges::find_if(rest, [&](SiteId id) { return function_at(id) != function; });
    const auto size = static_cast<std::size_t>(other - rest.begin());
    explain_function(rest.first(size), detail);
    rest = rest.subspan(size);
  }
}

/// Answers for sites of one function, in the order of their queries. Two can have the same one: a
/// call_indirect that has called the host, paused, and the function itself, further out.
void FrameMap::explain_function(std::span<const SiteId> ids, Lowerer::Detail detail) {
  const FuncCode& function = *walker_.site(ids.front()).function;
  std::vector<Query> queries;
  queries.reserve(ids.size());
  for (const SiteId id : ids) {
    if (queries.empty() || queries.back() != query(id)) queries.push_back(query(id));
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
    Explained& explained = explained_[id];
    if (queries[answer] != query(id)) ++answer;
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

Frame FrameMap::read_frame(SiteId id, const Slot* fp) const {
  const Explained& site = explained_[id];
  const auto& [name, layout] = views_[site.view];
  Frame frame;
  frame.function = walker_.site(id).function->index;
  frame.function_name = name;
  frame.offset = site.answer.offset;
  frame.at_safe_point = query(id).kind != Query::Kind::at;
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
  walker_.walk(thread_, [&](const FrameWalker::Frame&) {
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
  for (const auto& [at, fp] : places) frames.push_back(read_frame(at, fp));
  return frames;
}

std::vector<TraceEntry> FrameMap::trace(std::size_t count, std::size_t first) {
  std::vector<TraceEntry> trace;
  // A line holds its site until that is explained: a second list would double the memory.
  take_range(count, first, [&](SiteId at, const Slot*) { trace.emplace_back().offset = at; });
  explain_sites(Lowerer::Detail::offsets);
  for (TraceEntry& entry : trace) {
    const auto id = static_cast<SiteId>(entry.offset);
    entry.function = walker_.site(id).function->index;
    entry.function_name = views_[explained_[id].view].name;
    entry.offset = explained_[id].answer.offset;
  }
  return trace;
}

}  // namespace fermata
