// Memory's limits, growth and bulk operations.

#include "interp/runtime/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "interp/runtime/memory_pool.hpp"
#include "interp/runtime/pages.hpp"
#include "interp/runtime/usage_error.hpp"

namespace fermata {
namespace {

constexpr std::uint64_t refused = ~std::uint64_t{0};

// No host has as many, and so many can be added to another number.
constexpr std::uint64_t addressable_bytes = std::uint64_t{1} << 62;

// A memory that is reset is used again at once: to clear what a small guest wrote costs less than
// new pages.
constexpr std::uint64_t kept_by_reset = 256 << 10;

// Many programs grow by a page or two before they do anything else. Up to so many bytes there is
// room for that, since to move costs more than address space is worth.
constexpr std::uint64_t begins_twice_as_large = 8 * page_size;

/// The bytes of so many pages, or `addressable_bytes` if those are more.
std::uint64_t bytes_of(std::uint64_t pages, std::uint8_t page_size_log2) {
  return std::min(pages, addressable_bytes >> page_size_log2) << page_size_log2;
}

std::uint64_t most_bytes(const MemoryType& type, std::uint64_t max_pages) {
  const std::uint64_t by_type =
      type.address == AddressType::i32 ? std::uint64_t{1} << 32 : addressable_bytes;
  const std::uint64_t declared =
      type.limits.max ? bytes_of(*type.limits.max, type.page_size_log2) : by_type;
  return std::min({declared, by_type, bytes_of(max_pages, 16)});
}

std::uint64_t rounded_up(std::uint64_t bytes) { return (bytes + page_size - 1) & ~(page_size - 1); }

Error too_large(std::uint64_t pages, std::string_view why) {
  return usage_error(ErrorCode::out_of_memory, fmt::format("memory of {} pages: {}", pages, why));
}

}  // namespace

Memory::Memory(const MemoryType& type, std::uint64_t max_pages, Budget& budget, MemoryPool* pool)
    : max_bytes_(most_bytes(type, max_pages)), budget_(budget), pool_(pool), type_(type) {
  if (type.shared) waiters_ = std::make_unique<WaitQueue>();
}

Result<std::unique_ptr<Memory>> Memory::create(const MemoryType& type, std::uint64_t max_pages,
                                               Budget& budget, MemoryPool* pool) {
  std::unique_ptr<Memory> memory(new Memory(type, max_pages, budget, pool));
  const std::uint64_t min = type.limits.min;
  if (min > memory->max_bytes_ >> type.page_size_log2) {
    return std::unexpected(too_large(
        min,
        fmt::format("at most {} are allowed", bytes_of(max_pages, 16) >> type.page_size_log2)));
  }
  if (rounded_up(min << type.page_size_log2) > budget.left()) {
    return std::unexpected(
        too_large(min, fmt::format("the budget has {} bytes left", budget.left())));
  }
  if (min != 0 && !memory->begin()) {
    return std::unexpected(too_large(min, "the system refused it"));
  }
  return memory;
}

Memory::~Memory() {
  budget_.give(used());
  if (pool_ != nullptr) {
    pool_->give(block_, used());
  } else {
    Blocks::shared().give(block_);
  }
}

bool Memory::begin() noexcept {
  const std::uint64_t size = type_.limits.min << type_.page_size_log2;
  const std::uint64_t bytes = rounded_up(size);
  if (pool_ != nullptr) block_ = pool_->take(bytes);
  if (block_.base == nullptr && bytes <= begins_twice_as_large) {
    block_ = Blocks::shared().take(std::min(2 * bytes, rounded_up(max_bytes_)));
  }
  if (block_.base == nullptr) block_ = Blocks::shared().take(bytes);
  if (block_.base == nullptr || !budget_.take(bytes)) return false;
  size_ = size;
  return true;
}

std::uint64_t Memory::used() const noexcept { return rounded_up(size_); }

// Specification: "Execution / Modules / Growing memories".
std::uint64_t Memory::grow(std::uint64_t pages) noexcept {
  const std::uint64_t old_pages = this->pages();
  if (pages > (max_bytes_ - size_) >> type_.page_size_log2) return refused;
  const std::uint64_t size = size_ + (pages << type_.page_size_log2);
  const std::uint64_t more = rounded_up(size) - used();
  if (!budget_.take(more)) return refused;
  if (!make_room(rounded_up(size))) {
    budget_.give(more);
    return refused;
  }
  size_ = size;
  return old_pages;
}

bool Memory::make_room(std::uint64_t bytes) noexcept {
  if (bytes <= block_.bytes) return true;
  const std::uint64_t twice = std::min(2 * block_.bytes, rounded_up(max_bytes_));
  const Block grown = Blocks::shared().grow(block_, used(), bytes, std::max(bytes, twice));
  if (grown.base == nullptr) return false;
  block_ = grown;
  return true;
}

Trap Memory::fill(std::uint64_t to, std::uint8_t value, std::uint64_t count) noexcept {
  if (!contains(to, count)) return Trap::out_of_bounds_memory_access;
  if (count != 0) std::memset(data() + to, value, static_cast<std::size_t>(count));
  return Trap::none;
}

Trap Memory::copy(Memory& dst, std::uint64_t to, const Memory& src, std::uint64_t from,
                  std::uint64_t count) noexcept {
  if (!dst.contains(to, count) || !src.contains(from, count)) {
    return Trap::out_of_bounds_memory_access;
  }
  if (count != 0) std::memmove(dst.data() + to, src.data() + from, static_cast<std::size_t>(count));
  return Trap::none;
}

Trap Memory::init(std::uint64_t to, std::span<const std::uint8_t> bytes, std::uint64_t from,
                  std::uint64_t count) noexcept {
  const bool inside = count <= bytes.size() && from <= bytes.size() - count;
  if (!inside || !contains(to, count)) return Trap::out_of_bounds_memory_access;
  if (count != 0) {
    std::memcpy(data() + to, bytes.data() + from, static_cast<std::size_t>(count));
  }
  return Trap::none;
}

bool Memory::reset() noexcept {
  if (block_.base != nullptr && !pages::clear_keeping(block_.base, used(), kept_by_reset).done) {
    return false;
  }
  const std::uint64_t before = used();
  size_ = type_.limits.min << type_.page_size_log2;
  budget_.give(before - used());
  return true;
}

}  // namespace fermata
