#include "interp/runtime/cells.hpp"

#include <cstdlib>
#include <new>
#include <utility>

namespace fermata {

// --- a set of addresses --------------------------------------------------------------------------

AddressSet::~AddressSet() { std::free(places_); }

// Where the address is, or the free place where it would be. Precondition: there is a free one.
std::size_t AddressSet::place(std::uintptr_t address) const noexcept {
  const std::size_t mask = capacity_ - 1;
  auto i = static_cast<std::size_t>((address / 16 * std::uint64_t{0x9E37'79B9'7F4A'7C15}) >> 32);
  for (i &= mask; places_[i] != 0 && places_[i] != address;) i = (i + 1) & mask;
  return i;
}

bool AddressSet::contains(std::uintptr_t address) const noexcept {
  return used_ != 0 && address != 0 && places_[place(address)] == address;
}

bool AddressSet::add(std::uintptr_t address) noexcept {
  if (used_ >= capacity_ / 2 && !grow()) return false;
  places_[place(address)] = address;
  ++used_;
  return true;
}

bool AddressSet::grow() noexcept {
  const std::size_t wanted = std::max<std::size_t>(16, capacity_ * 2);
  auto* const places = static_cast<std::uintptr_t*>(std::calloc(wanted, sizeof(std::uintptr_t)));
  if (places == nullptr) return false;
  std::uintptr_t* const old = std::exchange(places_, places);
  const std::size_t old_capacity = std::exchange(capacity_, wanted);
  for (std::size_t i = 0; i < old_capacity; ++i) {
    if (old[i] != 0) places_[place(old[i])] = old[i];
  }
  std::free(old);
  return true;
}

// Those behind it move up, so that no search ends too early.
void AddressSet::remove(std::uintptr_t address) noexcept {
  const std::size_t mask = capacity_ - 1;
  const std::size_t hole = place(address);
  places_[hole] = 0;
  --used_;
  for (std::size_t i = (hole + 1) & mask; places_[i] != 0; i = (i + 1) & mask) {
    const std::uintptr_t moved = std::exchange(places_[i], 0);
    places_[place(moved)] = moved;
  }
}

// --- blocks --------------------------------------------------------------------------------------

struct Cells::Block {
  Block* next;
  std::uint32_t cell_bytes;
  std::uint32_t end;  // of the cells that have ever been in use
  bool is_swept;

  // One number on every host.
  static constexpr std::uint32_t first_cell = 32;
  [[nodiscard]] Object* cell(std::uint32_t offset) noexcept {
    return reinterpret_cast<Object*>(reinterpret_cast<std::byte*>(this) + offset);
  }
};

struct Cells::Large {
  Large* next;
  std::uint64_t bytes;  // the object's

  static constexpr std::uint32_t header = 32;
  [[nodiscard]] Object* object() noexcept {
    return reinterpret_cast<Object*>(reinterpret_cast<std::byte*>(this) + header);
  }
};

std::uint32_t Cells::class_bytes(std::size_t size_class) noexcept {
  if (size_class < 15) return static_cast<std::uint32_t>(size_class + 2) * 8;
  const auto doubling = static_cast<std::uint32_t>(size_class - 15) / 4;
  const auto quarter = static_cast<std::uint32_t>(size_class - 15) % 4;
  return (128u << doubling) / 4 * (5 + quarter);
}

Cells::~Cells() {
  for (const SizeClass& in : classes_) {
    for (Block* block = in.blocks; block != nullptr;) give(std::exchange(block, block->next));
  }
  while (large_ != nullptr) give(std::exchange(large_, large_->next));
}

// A cell of that size when no swept block has one: from a block that is swept now, or one that was
// never in use.
Object* Cells::take_unused(SizeClass& in, std::uint64_t bytes) noexcept {
  while (in.free == nullptr && in.unswept != nullptr) sweep(in);
  if (in.free != nullptr) {
    return reinterpret_cast<Object*>(std::exchange(in.free, in.free->next));
  }
  Block* block = in.blocks;  // only the newest may have cells that were never in use
  if (block == nullptr || block->end + block->cell_bytes > block_bytes) {
    block = make_block(class_bytes(class_of(bytes)));
    if (block == nullptr) return nullptr;
    block->next = std::exchange(in.blocks, block);
  }
  return block->cell(std::exchange(block->end, block->end + block->cell_bytes));
}

Cells::Block* Cells::make_block(std::uint32_t cell_bytes) noexcept {
  static_assert(sizeof(Block) <= Block::first_cell);
  if (!budget_.take(block_bytes)) return nullptr;
  void* const memory = ::operator new(block_bytes, std::align_val_t{block_bytes}, std::nothrow);
  if (memory == nullptr || !blocks_.add(reinterpret_cast<std::uintptr_t>(memory))) {
    ::operator delete(memory, std::align_val_t{block_bytes});
    budget_.give(block_bytes);
    return nullptr;
  }
  return new (memory) Block{nullptr, cell_bytes, Block::first_cell, true};
}

void Cells::give(Block* block) noexcept {
  blocks_.remove(reinterpret_cast<std::uintptr_t>(block));
  ::operator delete(block, std::align_val_t{block_bytes});
  budget_.give(block_bytes);
}

Object* Cells::take_large(std::uint64_t bytes) noexcept {
  static_assert(sizeof(Large) <= Large::header);
  const std::uint64_t all = bytes + Large::header;
  if (all > SIZE_MAX / 2 || !budget_.take(all)) return nullptr;
  auto* const memory = static_cast<Large*>(std::malloc(static_cast<std::size_t>(all)));
  if (memory == nullptr ||
      !large_objects_.add(reinterpret_cast<std::uintptr_t>(memory->object()))) {
    std::free(memory);
    budget_.give(all);
    return nullptr;
  }
  memory->bytes = bytes;
  memory->next = std::exchange(large_, memory);
  return memory->object();
}

void Cells::give(Large* large) noexcept {
  large_objects_.remove(reinterpret_cast<std::uintptr_t>(large->object()));
  budget_.give(large->bytes + Large::header);
  std::free(large);
}

// --- sweeping ------------------------------------------------------------------------------------

void Cells::begin_sweep() noexcept {
  for (SizeClass& in : classes_) {
    in.free = nullptr;  // each block's cells are found again
    in.unswept = in.blocks != nullptr ? &in.blocks : nullptr;
    for (Block* block = in.blocks; block != nullptr; block = block->next) block->is_swept = false;
  }
  sweep_large();
}

void Cells::finish_sweep() noexcept {
  for (SizeClass& in : classes_) {
    while (in.unswept != nullptr) sweep(in);
  }
}

void Cells::unmark() noexcept {
  for (const SizeClass& in : classes_) {
    for (Block* block = in.blocks; block != nullptr; block = block->next) {
      for (std::uint32_t at = Block::first_cell; at < block->end; at += block->cell_bytes) {
        block->cell(at)->type_bits &= ~Object::mark;
      }
    }
  }
  for (Large* large = large_; large != nullptr; large = large->next) {
    large->object()->type_bits &= ~Object::mark;
  }
}

// One block. A block is made only when this is done for its size, so the link stays where it is.
void Cells::sweep(SizeClass& in) noexcept {
  Block* const block = *in.unswept;
  Block** const link = in.unswept;
  Free* const free_before = in.free;
  if (sweep_block(*block, in.free)) {
    in.unswept = &block->next;
  } else {
    in.free = free_before;
    *link = block->next;
    give(block);
  }
  if (*in.unswept == nullptr) in.unswept = nullptr;
}

// Whether any object is left in it. From the end, so that cells are taken again in the order of
// their addresses.
bool Cells::sweep_block(Block& block, Free*& free) noexcept {
  bool any = false;
  block.is_swept = true;
  for (std::uint32_t at = block.end; at > Block::first_cell;) {
    at -= block.cell_bytes;
    Object* const object = block.cell(at);
    if ((object->type_bits & Object::mark) != 0) {
      object->type_bits &= ~Object::mark;
      any = true;
    } else {
      free = new (static_cast<void*>(object)) Free{0, free};
    }
  }
  return any;
}

void Cells::sweep_large() noexcept {
  for (Large** link = &large_; *link != nullptr;) {
    Large& large = **link;
    if ((large.object()->type_bits & Object::mark) != 0) {
      large.object()->type_bits &= ~Object::mark;
      link = &large.next;
      continue;
    }
    *link = large.next;
    give(&large);
  }
}

bool Cells::owns(std::uint64_t address) const noexcept {
  if (address % 8 != 0 || address > UINTPTR_MAX) return false;
  const auto bits = static_cast<std::uintptr_t>(address);
  if (large_objects_.contains(bits)) return true;
  const std::uintptr_t begin = bits & ~std::uintptr_t{block_bytes - 1};
  if (!blocks_.contains(begin)) return false;
  auto* const block = reinterpret_cast<Block*>(begin);
  const auto offset = static_cast<std::uint32_t>(bits - begin);
  if (offset < Block::first_cell || offset >= block->end) return false;
  if ((offset - Block::first_cell) % block->cell_bytes != 0) return false;
  const std::uint64_t type_bits = block->cell(offset)->type_bits;
  return block->is_swept ? type_bits != 0 : (type_bits & Object::mark) != 0;
}

}  // namespace fermata
