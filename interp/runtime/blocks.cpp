// Blocks: slabs of blocks of one size, and mappings.

#include "interp/runtime/blocks.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <new>

#include "interp/runtime/pages.hpp"
#include "interp/runtime/pages_parts.hpp"

namespace fermata {

/// One mapping, cut into up to 64 blocks of one size.
struct Slab {
  std::byte* base = nullptr;
  std::size_t size_class = 0;
  std::uint32_t count = 0;
  std::uint64_t free = 0;  // one bit for each block
  Slab* previous = nullptr;
  Slab* next = nullptr;

  [[nodiscard]] std::uint64_t all_free() const noexcept {
    return ~std::uint64_t{0} >> (64 - count);
  }
};

namespace {

constexpr std::uint32_t least_blocks = 4;
constexpr std::uint32_t most_blocks = 64;
constexpr std::uint64_t largest_slab = sizeof(void*) >= 8 ? 32u << 20 : 8u << 20;

void link_in(Slab*& list, Slab& slab) noexcept {
  slab.previous = nullptr;
  slab.next = list;
  if (list != nullptr) list->previous = &slab;
  list = &slab;
}

/// Adds unless the sum would be more than `most`: what is refused is never counted, not for a
/// moment.
bool add_up_to(std::atomic<std::uint64_t>& sum, std::uint64_t amount, std::uint64_t most) noexcept {
  for (std::uint64_t old = sum;;) {
    if (old > most || amount > most - old) return false;
    if (sum.compare_exchange_weak(old, old + amount)) return true;
  }
}

void unlink(Slab*& list, Slab& slab) noexcept {
  (slab.previous != nullptr ? slab.previous->next : list) = slab.next;
  if (slab.next != nullptr) slab.next->previous = slab.previous;
}

}  // namespace

// Never destroyed: memories may outlive everything that is.
Blocks& Blocks::shared() noexcept {
  alignas(Blocks) static std::byte place[sizeof(Blocks)];
  static Blocks& blocks = *new (place) Blocks;
  return blocks;
}

Block Blocks::take(std::uint64_t bytes) noexcept {
  if (bytes <= largest_in_slab) {
    const Block block = take_from_slab(class_of(bytes));
    if (block.base != nullptr) return block;
  }
  std::byte* const base = map(bytes);
  return base != nullptr ? Block{base, bytes, nullptr} : Block{};
}

void Blocks::give(const Block& block) noexcept {
  if (block.base == nullptr) return;
  if (block.slab != nullptr) {
    give_to_slab(block);
  } else {
    unmap(block.base, block.bytes);
  }
}

// --- growth -------------------------------------------------------------------------------------

Block Blocks::grow(const Block& block, std::uint64_t used, std::uint64_t bytes,
                   std::uint64_t wanted) noexcept {
  assert(used <= block.bytes && block.bytes < bytes && bytes <= wanted);
  const bool is_mapping = block.base != nullptr && block.slab == nullptr;
  for (const std::uint64_t size : {wanted, bytes}) {
    const Block grown = is_mapping ? grow_mapping(block, used, size) : move(block, used, size);
    if (grown.base != nullptr) return grown;
    if (bytes == wanted) break;
  }
  return {};
}

Block Blocks::grow_mapping(const Block& block, std::uint64_t used, std::uint64_t bytes) noexcept {
  if (!admit(bytes - block.bytes, 0)) return {};
  std::byte* const base = pages::grow(block.base, block.bytes, used, bytes);
  if (base != nullptr) return {base, bytes, nullptr};
  dismiss(bytes - block.bytes, 0);
  return {};
}

// Of a slab no part can be moved without making the system's mappings more; blocks in it are small.
Block Blocks::move(const Block& block, std::uint64_t used, std::uint64_t bytes) noexcept {
  const Block moved = take(bytes);
  if (moved.base == nullptr) return {};
  pages::copy_into_zeros(moved.base, block.base, used);
  give(block);
  return moved;
}

// --- slabs --------------------------------------------------------------------------------------

std::size_t Blocks::class_of(std::uint64_t bytes) noexcept {
  assert(bytes != 0 && bytes <= largest_in_slab);
  const std::uint64_t last = (bytes - 1) / page_size;
  const int shift =
      std::max(static_cast<int>(std::bit_width(last)) - 3, 0);  // doublings beyond 8 pages
  return static_cast<std::size_t>(4 * shift) + static_cast<std::size_t>(last >> shift);
}

std::uint64_t Blocks::class_bytes(std::size_t size_class) noexcept {
  if (size_class < 8) return (size_class + 1) * page_size;
  return (size_class % 4 + 5) * page_size << (size_class / 4 - 1);
}

Block Blocks::take_from_slab(std::size_t size_class) noexcept {
  const std::lock_guard lock(mutex_);
  SizeClass& of = classes_[size_class];
  Slab* const slab = of.open != nullptr ? of.open : make_slab(size_class);
  if (slab == nullptr) return {};
  const int at = std::countr_zero(slab->free);
  slab->free &= slab->free - 1;
  if (slab->free == 0) unlink(of.open, *slab);
  const std::uint64_t bytes = class_bytes(size_class);
  return {slab->base + static_cast<std::uint64_t>(at) * bytes, bytes, slab};
}

// With as many blocks as there are already, so that few blocks take little.
Slab* Blocks::make_slab(std::size_t size_class) noexcept {
  SizeClass& of = classes_[size_class];
  const std::uint64_t bytes = class_bytes(size_class);
  const std::uint64_t most = std::min<std::uint64_t>(most_blocks, largest_slab / bytes);
  for (std::uint64_t count = std::clamp<std::uint64_t>(of.blocks, least_blocks, most);;
       count = least_blocks) {
    auto* const slab = new (std::nothrow) Slab;
    if (slab == nullptr) return nullptr;
    slab->base = map(count * bytes);
    if (slab->base != nullptr) {
      slab->size_class = size_class;
      slab->count = static_cast<std::uint32_t>(count);
      slab->free = slab->all_free();
      of.blocks += count;
      link_in(of.open, *slab);
      return slab;
    }
    delete slab;
    if (count == least_blocks) return nullptr;
  }
}

// A slab whose blocks are all free is unmapped.
void Blocks::give_to_slab(const Block& block) noexcept {
  Slab& slab = *block.slab;
  const bool is_clear = pages::clear(block.base, block.bytes);
  const std::lock_guard lock(mutex_);
  if (!is_clear) return;  // never given out again
  SizeClass& of = classes_[slab.size_class];
  if (slab.free == 0) link_in(of.open, slab);
  slab.free |= std::uint64_t{1} << static_cast<std::uint64_t>(block.base - slab.base) / block.bytes;
  if (slab.free != slab.all_free()) return;
  unlink(of.open, slab);
  of.blocks -= slab.count;
  unmap(slab.base, slab.count * block.bytes);
  delete &slab;
}

// --- the share ----------------------------------------------------------------------------------

std::byte* Blocks::map(std::uint64_t bytes) noexcept {
  if (!admit(bytes, 1)) return nullptr;
  std::byte* const base = pages::map(bytes);
  if (base == nullptr) dismiss(bytes, 1);
  return base;
}

void Blocks::unmap(std::byte* base, std::uint64_t bytes) noexcept {
  pages::unmap(base, bytes);
  dismiss(bytes, 1);
}

bool Blocks::admit(std::uint64_t bytes, std::uint64_t mappings) noexcept {
  if (!add_up_to(bytes_, bytes, pages::share())) return false;
  if (add_up_to(mappings_, mappings, most_mappings)) return true;
  dismiss(bytes, 0);
  return false;
}

void Blocks::dismiss(std::uint64_t bytes, std::uint64_t mappings) noexcept {
  bytes_ -= bytes;
  mappings_ -= mappings;
}

}  // namespace fermata
