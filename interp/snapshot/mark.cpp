#include "interp/snapshot/mark.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "interp/snapshot/memory_blocks.hpp"
#include "interp/snapshot/module_hash.hpp"

namespace fermata::snapshot {
bool Mark::is_of(const ModuleImpl& module) const {
  return &module_.impl() == &module || hash_of(module_.impl()) == hash_of(module);
}

Changes Mark::changes_in(const Memory& memory) const {
  Changes changes;
  const std::uint64_t cut = cut_block(size_, memory.size());
  const auto look_at = [&](std::uint64_t block, const Kept* kept) {
    const std::span<const std::byte> now = bytes_of(memory, {block, 1});
    if (kept != nullptr && now.size() == kept->bytes.size() &&
        std::memcmp(now.data(), kept->bytes.data(), now.size()) == 0) {
      return;
    }
    const bool is_made = initial_.is_block(block, now);
    if (is_made && kept == nullptr && block != cut) return;
    append(is_made ? changes.to_made : changes.to_others, block);
    if (!is_made) changes.digests.push_back({block, sha256(now)});
  };
  std::vector<std::uint64_t> blocks = used_blocks(memory, initial_);
  if (cut != no_block && !std::ranges::binary_search(blocks, cut)) {
    blocks.insert(std::ranges::lower_bound(blocks, cut), cut);
  }
  const std::span<const Kept> all = kept_inside(memory.size());
  auto kept = all.begin();
  for (const std::uint64_t block : blocks) {
    for (; kept != all.end() && kept->number < block; ++kept) look_at(kept->number, &*kept);
    const bool is_kept = kept != all.end() && kept->number == block;
    look_at(block, is_kept ? &*kept++ : nullptr);
  }
  for (; kept != all.end(); ++kept) look_at(kept->number, &*kept);
  return changes;
}

std::span<const Mark::Kept> Mark::kept_inside(std::uint64_t bytes) const {
  const auto end = std::ranges::lower_bound(kept_, blocks_in(bytes), {}, &Kept::number);
  return {kept_.begin(), end};
}

std::vector<BlockDigest> Mark::digests_with(const Memory& memory, const Changes& changes) const {
  std::vector<BlockDigest> stay;
  for (const Kept& kept : kept_inside(memory.size())) {
    if (!changes.has(kept.number)) stay.push_back({kept.number, kept.digest});
  }
  std::vector<BlockDigest> all;
  all.reserve(stay.size() + changes.digests.size());
  std::ranges::merge(stay, changes.digests, std::back_inserter(all), {}, &BlockDigest::number,
                     &BlockDigest::number);
  return all;
}

void Mark::move_on(const Memory& memory, const Changes& changes, const Sha256& name) {
  std::vector<Kept> changed;
  changed.reserve(changes.digests.size());
  for (const auto& [number, digest] : changes.digests) {
    const std::span<const std::byte> now = bytes_of(memory, {number, 1});
    changed.push_back({number, digest, {now.begin(), now.end()}});
  }
  std::vector<Kept> all;
  all.reserve(kept_.size() + changed.size());
  // From here on nothing is allocated: a mark moves on as a whole or not at all.
  name_ = name;
  size_ = memory.size();
  kept_.erase(kept_.begin() + std::ssize(kept_inside(size_)), kept_.end());
  std::erase_if(kept_, [&](const Kept& kept) { return changes.has(kept.number); });
  std::merge(std::move_iterator(kept_.begin()), std::move_iterator(kept_.end()),
             std::move_iterator(changed.begin()), std::move_iterator(changed.end()),
             std::back_inserter(all),
             [](const Kept& a, const Kept& b) { return a.number < b.number; });
  kept_ = std::move(all);
}

}  // namespace fermata::snapshot
