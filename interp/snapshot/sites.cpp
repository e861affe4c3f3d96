#include "interp/snapshot/sites.hpp"

#include <algorithm>

namespace fermata::snapshot {
namespace {

constexpr std::uint32_t unknown = UINT32_MAX;

SiteKind kind_of(const Query& query) {
  switch (query.kind) {
    case Query::Kind::returning:
      return SiteKind::inside;
    case Query::Kind::safe_point:
      return SiteKind::before;
    default:
      return SiteKind::trapped;
  }
}

}  // namespace

Sites::Sites(const ThreadGroup& threads) {
  CodeCache* code = nullptr;
  for (const auto& thread : threads.records()) {
    if (thread->has_ended || !thread->guest.begun()) continue;
    ask(thread->guest);
    if (thread->guest.instance != nullptr) code = thread->guest.instance->code;
  }
  if (asked_.empty()) return;
  std::ranges::sort(asked_);
  asked_.erase(std::ranges::unique(asked_).begin(), asked_.end());
  Lowerer lowerer(*code);
  for (std::span<const Asked> rest = asked_; !rest.empty();) {
    const auto other = std::ranges::find_if(
        rest, [&](const Asked& asked) { return asked.function != rest.front().function; });
    const auto count = static_cast<std::size_t>(other - rest.begin());
    explain(lowerer, rest.first(count));
    rest = rest.subspan(count);
  }
}

// --- asking --------------------------------------------------------------------------------------

/// A frame that waits stands behind a call; after a trap nothing is known of operands.
Sites::Asked Sites::asked(const GuestThread& thread, FrameWalker::SiteId id) const {
  const FrameWalker::Site& site = walker_.site(id);
  auto kind = Query::Kind::returning;
  if (id == FrameWalker::innermost && !thread.awaits_results()) {
    kind = thread.trap != Trap::none ? Query::Kind::at : Query::Kind::safe_point;
  }
  return {site.function->index.value, {kind, site.word}};
}

void Sites::ask(const GuestThread& thread) {
  walker_.walk(thread, [&](const FrameWalker::Frame& frame) {
    if (frame.site >= is_asked_.size()) is_asked_.resize(frame.site + 1);
    if (!is_asked_[frame.site]) asked_.push_back(asked(thread, frame.site));
    is_asked_[frame.site] = frame.site != FrameWalker::innermost;  // that one is always another
    return true;
  });
}

void Sites::explain(Lowerer& lowerer, std::span<const Asked> of_function) {
  std::vector<Query> queries;
  queries.reserve(of_function.size());
  for (const Asked& asked : of_function) queries.push_back(asked.query);
  const FuncIdx index{of_function.front().function};
  auto answers = lowerer.explain(index, queries, Lowerer::Detail::operands);
  functions_.push_back({index, lowerer.layout(), 0});
  take(of_function, std::move(answers));
}

/// Sites of one function, by offset and kind. A trap may have been asked about at several words of
/// one instruction.
void Sites::take(std::span<const Asked> asked, std::vector<Answer> answers) {
  std::vector<std::size_t> order(asked.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto key = [&](std::size_t i) {
    return std::pair(answers[i].offset, kind_of(asked[i].query));
  };
  std::ranges::sort(order, {}, key);
  const auto first = static_cast<std::size_t>(asked.data() - asked_.data());
  numbers_.resize(first + asked.size());
  const Function* const function = &functions_.back();
  std::uint32_t& sites = functions_.back().sites;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || key(order[i]) != key(order[i - 1])) {
      Answer& answer = answers[order[i]];
      sites_.push_back({static_cast<std::uint32_t>(function - functions_.data()),
                        kind_of(asked[order[i]].query), answer.offset, std::move(answer.operands)});
      ++sites;
    }
    numbers_[first + order[i]] = static_cast<std::uint32_t>(sites_.size() - 1);
  }
}

std::uint32_t Sites::number(const Asked& asked) const {
  const auto found = std::ranges::lower_bound(asked_, asked);
  return numbers_[static_cast<std::size_t>(found - asked_.begin())];
}

// --- what is known then --------------------------------------------------------------------------

std::vector<Sites::Frame> Sites::frames(const GuestThread& thread) {
  std::vector<Frame> frames;
  walker_.walk(thread, [&](const FrameWalker::Frame& frame) {
    if (frame.site >= by_call_.size()) by_call_.resize(frame.site + 1, unknown);
    std::uint32_t& site = by_call_[frame.site];
    if (site == unknown || frame.site == FrameWalker::innermost) {
      site = number(asked(thread, frame.site));
    }
    frames.push_back({site, frame.instance, frame.fp});
    return true;
  });
  std::ranges::reverse(frames);
  return frames;
}

namespace {

void write_local_types(Output& out, const FrameLayout& layout) {
  std::vector<std::pair<std::uint32_t, std::uint8_t>> runs;
  for (std::uint32_t i = 0; i < layout.local_count(); ++i) {
    const std::uint8_t code = code_of(layout.local_type(i));
    if (runs.empty() || runs.back().second != code) runs.emplace_back(0, code);
    ++runs.back().first;
  }
  out.number(runs.size());
  for (const auto& [count, code] : runs) {
    out.number(count);
    out.byte(code);
  }
}

}  // namespace

void Sites::write(Output& out) const {
  out.number(functions_.size());
  std::size_t next = 0;
  for (const Function& function : functions_) {
    out.number(function.index.value);
    write_local_types(out, function.layout);
    out.number(function.layout.sizes.caught_slots);
    out.number(function.sites);
    for (std::uint32_t i = 0; i < function.sites; ++i, ++next) {
      const Site& site = sites_[next];
      out.number(site.offset);
      out.byte(static_cast<std::uint8_t>(site.kind));
      out.number(site.operands.size());
      for (const Operand& operand : site.operands) out.byte(code_of(operand.type));
    }
  }
}

}  // namespace fermata::snapshot
