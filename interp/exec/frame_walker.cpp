#include "interp/exec/frame_walker.hpp"

#include <utility>

#include "lib/keyed_hash.hpp"

namespace fermata {

FrameWalker::Site FrameWalker::site_of(const CodeCache& code, const Word* pc) {
  const CodeCache::Place place = code.find(pc);
  return {place.function, place.word};
}

const FrameWalker::Return& FrameWalker::add_return(const CodeCache& code, const Word* pc) {
  const auto id = static_cast<SiteId>(sites_.size());
  const Site& site = sites_.emplace_back(site_of(code, pc));
  const Word call = pc[-static_cast<int>(call_words)];
  return returns_.add({pc, id, static_cast<std::uint16_t>(site.function->header),
                       static_cast<std::uint16_t>(field_c(call))});
}

/// Where the pc is, or the free place where it would be.
std::size_t FrameWalker::ReturnTable::place(const Word* pc) const {
  const std::uint64_t word = reinterpret_cast<std::uintptr_t>(pc) / sizeof(Word);
  const std::size_t mask = places_.size() - 1;
  // Where calls stand is the module's choice, so the multiplier is not known to it.
  const std::uint64_t secret = process_hash_key().first | 1;
  auto i = static_cast<std::size_t>((word * secret) >> 32) & mask;
  while (places_[i].pc != nullptr && places_[i].pc != pc) i = (i + 1) & mask;
  return i;
}

const FrameWalker::Return* FrameWalker::ReturnTable::find(const Word* pc) const {
  const Return& found = places_[place(pc)];
  return found.pc == pc ? &found : nullptr;
}

const FrameWalker::Return& FrameWalker::ReturnTable::add(const Return& added) {
  if (used_ + 1 > places_.size() / 2) grow();
  ++used_;
  return places_[place(added.pc)] = added;
}

void FrameWalker::ReturnTable::grow() {
  const std::vector<Return> old = std::exchange(places_, std::vector<Return>(places_.size() * 2));
  for (const Return& known : old) {
    if (known.pc != nullptr) places_[place(known.pc)] = known;
  }
}

}  // namespace fermata
