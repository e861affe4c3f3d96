// The cache itself; the work is the lowering's.
#include "interp/lower/code.hpp"

#include <algorithm>
#include <cassert>
#include <memory>
#include <new>

#include "interp/isa/bootstrap.hpp"
#include "interp/lower/frame_layout.hpp"
#include "interp/lower/lowerer.hpp"

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
  if (!lowerer_) lowerer_ = std::make_unique<Lowerer>(*this);
  const std::vector<Word>& code = lowerer_->lower(function.index);
  auto handlers = lowerer_->take_handlers();
  const std::uint64_t bytes =
      std::uint64_t{code.size()} * sizeof(Word) + (handlers ? handlers->bytes() : 0);
  if (!budget.take(bytes)) return nullptr;
  std::unique_ptr<Word[]> words(new (std::nothrow) Word[code.size()]);
  if (words == nullptr) {
    budget.give(bytes);
    return nullptr;
  }
  std::ranges::copy(code, words.get());
  const Word* entry = words.get();
  Lowered& lowered = by_begin_[entry];
  lowered = {&function, std::move(words), std::move(handlers)};
  function.handlers = lowered.handlers.get();
  function.entry.store(entry, std::memory_order_release);
  return entry;
}

std::int64_t CodeCache::overcharge(const Word* pc) {
  const Place place = find(pc);
  const std::lock_guard lock(mutex_);
  const Query at{Query::Kind::at, place.word};
  return lowerer_->explain(place.function->index, {&at, 1}, Lowerer::Detail::offsets)
      .front()
      .overcharge;
}

const RootMap& CodeCache::roots(const FuncCode& function) {
  const std::lock_guard lock(mutex_);
  auto& map = roots_[function.index.value];
  if (map == nullptr) map = std::make_unique<RootMap>(lowerer_->roots(function.index));
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
