// The cache itself; the work is the lowering's.
#include "interp/lower/code.hpp"

#include <algorithm>
#include <cassert>
#include <memory>
#include <new>

#include "interp/isa/bootstrap.hpp"
#include "interp/lower/frame_layout.hpp"
#include "interp/lower/lowerer.hpp"
#include "lib/out_of_memory.hpp"

namespace fermata {

CodeCache::CodeCache(const ModuleImpl& module, CodeMode mode)
    : module_(module), mode_(mode), functions_(module.data.functions.size()) {
  for (std::uint32_t i = 0; i < functions_.size(); ++i) {
    const FuncIdx index{module.imported_funcs + i};
    const FrameSizes sizes = frame_sizes(module, index);
    FuncCode& function = functions_[i];
    function.entry.store(&lower_code, std::memory_order_relaxed);
    function.frame_slots = sizes.total;
    function.header = sizes.header;
    function.zeroed = sizes.zeroed;
    function.index = index;
    function.cache = this;
  }
}

CodeCache::~CodeCache() = default;

CodeCache& CodeCache::of(const ModuleImpl& module, CodeMode mode) {
  if (mode.debug) mode.fusion = false;  // in between fused instructions nothing can be looked at
  return static_cast<CodeCache&>(module.attachments.get_or_make(
      mode.key(), [&] { return std::make_unique<CodeCache>(module, mode); }));
}

const Word* CodeCache::lower(FuncCode& function, Budget& budget) {
  const std::lock_guard lock(mutex_);
  if (const Word* entry = function.entry.load(std::memory_order_acquire); entry != &lower_code) {
    return entry;
  }
  const Word* entry = nullptr;
  return finds_memory([&] { entry = make_code(function, budget); }) ? entry : nullptr;
}

const Word* CodeCache::make_code(FuncCode& function, Budget& budget) {
  std::size_t code_words = 0;
  Lowered lowered{&function, nullptr, nullptr};
  ask_lowerer([&](Lowerer& lowerer) {
    const std::vector<Word>& code = lowerer.lower(function.index);
    code_words = code.size();
    lowered.words.reset(new (std::nothrow) Word[code_words]);
    if (lowered.words != nullptr) std::ranges::copy(code, lowered.words.get());
    lowered.handlers = lowerer.take_handlers();
  });
  const Word* const entry = lowered.words.get();
  if (entry == nullptr) return nullptr;
  const HandlerTable* const handlers = lowered.handlers.get();
  const auto place = by_begin_.emplace(entry, std::move(lowered)).first;
  if (!budget.take(std::uint64_t{code_words} * sizeof(Word) + (handlers ? handlers->bytes() : 0))) {
    by_begin_.erase(place);
    return nullptr;
  }
  function.handlers = handlers;
  function.entry.store(entry, std::memory_order_release);
  return entry;
}

// One that was left in the middle of a function does not go on.
template <class Ask>
void CodeCache::ask_lowerer(Ask ask) {
  std::unique_ptr<Lowerer> lowerer = std::move(lowerer_);
  if (lowerer == nullptr) lowerer = std::make_unique<Lowerer>(*this);
  ask(*lowerer);
  lowerer_ = std::move(lowerer);
}

std::int64_t CodeCache::overcharge(const Word* pc) {
  const Place place = find(pc);
  const std::lock_guard lock(mutex_);
  const Query at{Query::Kind::at, place.word};
  std::int64_t overcharge = 0;
  ask_lowerer([&](Lowerer& lowerer) {
    overcharge = lowerer.explain(place.function->index, {&at, 1}, Lowerer::Detail::offsets)
                     .front()
                     .overcharge;
  });
  return overcharge;
}

const RootMap& CodeCache::roots(const FuncCode& function) {
  const std::lock_guard lock(mutex_);
  auto& map = roots_[function.index.value];
  if (map == nullptr) {
    ask_lowerer(
        [&](Lowerer& lowerer) { map = std::make_unique<RootMap>(lowerer.roots(function.index)); });
  }
  return *map;
}

CodeCache::Place CodeCache::find(const Word* pc) const {
  const std::lock_guard lock(mutex_);
  auto next = by_begin_.upper_bound(pc);
  assert(next != by_begin_.begin());
  const auto& [begin, lowered] = *std::prev(next);
  return {lowered.function, static_cast<std::uint32_t>(pc - begin)};
}

}  // namespace fermata
