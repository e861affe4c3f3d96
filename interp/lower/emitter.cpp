#include "interp/lower/emitter.hpp"

#include <algorithm>
#include <cassert>

namespace fermata {

void Emitter::clear() {
  code_.clear();
  patches_.clear();
  marked_ = 0;
  forget_accumulators();
  close_window();
}

std::uint32_t Emitter::emit(Word word) {
  assert(op_of(word) != Op::absent);
  close_window();
  code_.push_back(word);
  return here() - 1;
}

std::uint32_t Emitter::emit(Word word, Word second) {
  assert(op_of(word) != Op::absent);
  close_window();
  code_.push_back(word);
  code_.push_back(second);
  return here() - 2;
}

std::uint32_t Emitter::emit(Word word, Word second, Word third) {
  const std::uint32_t at = emit(word, second);
  code_.push_back(third);
  return at;
}

void Emitter::overwrite(std::uint32_t slot) {
  for (auto& held : held_) {
    if (held == slot) held = no_slot;
  }
  std::uint32_t& vector = held_[index(Acc::v128)];
  if (vector != no_slot && vector + 1 == slot) vector = no_slot;
}

void Emitter::begin_result(std::optional<Acc> acc, std::uint32_t slot) {
  before_last_ = last_;
  last_ = {here(), held_};
  overwrite(slot);
  if (acc) held_[index(*acc)] = slot;
}

void Emitter::emit_result(std::optional<Acc> acc, Word word) {
  assert(op_of(word) != Op::absent);
  begin_result(acc, field_a(word));
  code_.push_back(word);
}

void Emitter::emit_result(std::optional<Acc> acc, Word word, Word second) {
  assert(op_of(word) != Op::absent);
  begin_result(acc, field_a(word));
  code_.push_back(word);
  code_.push_back(second);
}

void Emitter::emit_vector(std::initializer_list<Word> words) {
  assert(op_of(*words.begin()) != Op::absent);
  const std::uint32_t slot = field_a(*words.begin());
  begin_result(std::nullopt, slot);
  overwrite(slot + 1);
  code_.insert(code_.end(), words);
}

void Emitter::emit_vector_result(std::initializer_list<Word> words) {
  emit_vector(words);
  held_[index(Acc::v128)] = field_a(*words.begin());
}

void Emitter::emit_move(std::uint32_t slot, Word word) {
  overwrite(slot);
  emit(word);
}

void Emitter::emit_move(std::uint32_t slot, Word word, Word second) {
  overwrite(slot);
  emit(word, second);
}

void Emitter::emit_move2(std::uint32_t slot, Word word) {
  overwrite(slot);
  overwrite(slot + 1);
  emit(word);
}

void Emitter::emit_move2(std::uint32_t slot, Word word, Word second) {
  overwrite(slot);
  overwrite(slot + 1);
  emit(word, second);
}

void Emitter::alias(std::uint32_t from, std::uint32_t slot) {
  for (auto& held : held_) {
    if (held == from) held = slot;
  }
}

std::optional<Emitter::Last> Emitter::last_writing(std::uint32_t slot) const {
  const std::uint32_t at = last_.at;
  if (at == none || field_a(code_[at]) != slot) return std::nullopt;
  return Last{code_[at], at + 1 < here() ? code_[at + 1] : 0};
}

void Emitter::drop_last() {
  assert(last_.at != none);
  code_.resize(last_.at);
  marked_ = std::min(marked_, here());
  held_ = last_.before;
  last_ = before_last_;
  before_last_ = {};
}

void Emitter::retarget_last(std::uint32_t slot) {
  assert(last_.at != none);
  Word& word = code_[last_.at];
  const std::uint32_t before = field_a(word);
  word = (word & ~(Word{0xFFFF} << 16)) | Word{slot} << 16;
  std::optional<Acc> holder;
  for (std::size_t i = 0; i < held_.size(); ++i) {
    if (held_[i] == before) holder = static_cast<Acc>(i);
  }
  overwrite(slot);
  if (holder) held_[index(*holder)] = slot;
}

/// The longest pair that begins at `first`, as the code is by now.
Emitter::Chain Emitter::chain(std::uint32_t first) const {
  Op part = first_part(op_of(code_[first]));
  Chain found{part, first + words_at(&code_[first])};
  std::uint32_t at = first;  // of the last part
  auto to = successor(part, code_[at]);
  while (to) {
    at += static_cast<std::uint32_t>(to->offset);
    if (at >= here()) break;
    part = first_part(op_of(code_[at]));
    const Op both = paired(found.op, part, to->way);
    if (both == Op::absent) break;
    const bool is_behind = to->way == Way::next && at == found.end;
    found = {both, is_behind ? at + words_at(&code_[at]) : here()};
    to = successor(part, code_[at]);
  }
  return found;
}

/// Whether the instruction that charges fuel at `at` is better dispatched alone, because otherwise
/// the code behind it comes apart in more dispatches. Looks no further than a few of them.
bool Emitter::stands_alone(std::uint32_t at) const {
  constexpr int most = 12;
  const std::uint32_t behind = at + words_at(&code_[at]);
  std::uint32_t joined = chain(at).end;
  std::uint32_t alone = behind;
  int dispatches = 0;  // joined, less those alone
  for (int i = 0; i < most && joined != alone && joined < here() && alone < here(); ++i) {
    if (joined < alone) {
      joined = chain(joined).end;
      ++dispatches;
    } else {
      alone = chain(alone).end;
      --dispatches;
    }
  }
  return dispatches > 0;
}

void Emitter::pair_successors() {
  for (std::uint32_t i = 0; i < here(); i += words_at(&code_[i])) {
    if (charges_fuel(op_of(code_[i])) && stands_alone(i)) continue;
    code_[i] = (code_[i] & ~Word{0xFFFF}) | static_cast<Word>(chain(i).op);
  }
}

void Emitter::label() {
  forget_accumulators();
  close_window();
}

void Emitter::label(const Held& held) {
  held_ = held;
  close_window();
}

void Emitter::add_patch(PatchList& list, std::uint32_t at) {
  patches_.push_back({at, at, false, list});
  list = static_cast<PatchList>(patches_.size() - 1);
}

void Emitter::add_table_patch(PatchList& list, std::uint32_t at, std::uint32_t origin) {
  patches_.push_back({at, origin, true, list});
  list = static_cast<PatchList>(patches_.size() - 1);
}

void Emitter::set_offset(std::uint32_t at, std::uint32_t target) { set_wide(at, target - at); }

void Emitter::set_wide(std::uint32_t at, std::uint32_t wide) {
  code_[at] = (code_[at] & 0xFFFF'FFFF) | Word{wide} << 32;
}

void Emitter::patch(PatchList& list, std::uint32_t target) {
  for (PatchList i = list; i != no_patches; i = patches_[i].next) {
    const Patch& p = patches_[i];
    if (p.is_table) {
      code_[p.at] = static_cast<Word>(std::int64_t{target} - std::int64_t{p.origin});
    } else {
      set_offset(p.at, target);
    }
  }
  list = no_patches;
}

}  // namespace fermata
