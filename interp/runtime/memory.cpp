// Memory's limits, growth and bulk operations.

#include "interp/runtime/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "interp/runtime/memory_pool.hpp"
#include "interp/runtime/pages.hpp"

namespace fermata {
namespace {

constexpr std::uint64_t refused = ~std::uint64_t{0};

// The most pages whose bytes an unsigned 64-bit number counts, with room to spare.
constexpr std::uint64_t addressable_pages = std::uint64_t{1} << 46;

// A memory that is reset is used again at once: to clear what a small guest wrote costs less than
// new pages.
constexpr std::uint64_t kept_by_reset = 256 << 10;

// Many programs grow by a page or two before they do anything else. Up to so many bytes there is
// room for that, since to move costs more than address space is worth.
constexpr std::uint64_t begins_twice_as_large = 8 * page_size;

std::uint64_t most_pages(const MemoryType& type, std::uint64_t limit) {
  const std::uint64_t by_type = type.address == AddressType::i32 ? 65536 : addressable_pages;
  return std::min({type.limits.max.value_or(by_type), by_type, limit});
}

Error too_large(std::uint64_t pages, std::string_view why) {
  return {ErrorCode::out_of_memory,
          Phase::usage,
          fmt::format("memory of {} pages: {}", pages, why),
          {},
          {},
          {}};
}

}  // namespace

Memory::Memory(const MemoryType& type, std::uint64_t max_pages, Budget& budget, MemoryPool* pool)
    : max_pages_(most_pages(type, max_pages)), budget_(budget), pool_(pool), type_(type) {}

Result<std::unique_ptr<Memory>> Memory::create(const MemoryType& type, std::uint64_t max_pages,
                                               Budget& budget, MemoryPool* pool) {
  std::unique_ptr<Memory> memory(new Memory(type, max_pages, budget, pool));
  const std::uint64_t min = type.limits.min;
  if (min > memory->max_pages_) {
    return std::unexpected(too_large(
        min, fmt::format("at most {} are allowed", std::min(max_pages, addressable_pages))));
  }
  if (min * page_size > budget.left()) {
    return std::unexpected(
        too_large(min, fmt::format("the budget has {} bytes left", budget.left())));
  }
  if (min != 0 && !memory->begin()) {
    return std::unexpected(too_large(min, "the system refused it"));
  }
  return memory;
}

Memory::~Memory() {
  budget_.give(size_);
  if (pool_ != nullptr) {
    pool_->give(block_, size_);
  } else {
    Blocks::shared().give(block_);
  }
}

bool Memory::begin() noexcept {
  const std::uint64_t bytes = type_.limits.min * page_size;
  if (pool_ != nullptr) block_ = pool_->take(bytes);
  if (block_.base == nullptr && bytes <= begins_twice_as_large) {
    block_ = Blocks::shared().take(std::min(2 * bytes, max_pages_ * page_size));
  }
  if (block_.base == nullptr) block_ = Blocks::shared().take(bytes);
  if (block_.base == nullptr || !budget_.take(bytes)) return false;
  size_ = bytes;
  return true;
}

// Specification: "Execution / Modules / Growing memories".
std::uint64_t Memory::grow(std::uint64_t pages) noexcept {
  const std::uint64_t old_pages = size_ / page_size;
  if (pages > max_pages_ - old_pages) return refused;
  if (!budget_.take(pages * page_size)) return refused;
  const std::uint64_t bytes = (old_pages + pages) * page_size;
  if (!make_room(bytes)) {
    budget_.give(pages * page_size);
    return refused;
  }
  size_ = bytes;
  return old_pages;
}

bool Memory::make_room(std::uint64_t bytes) noexcept {
  if (bytes <= block_.bytes) return true;
  const std::uint64_t twice = std::min(2 * block_.bytes, max_pages_ * page_size);
  const Block grown = Blocks::shared().grow(block_, size_, bytes, std::max(bytes, twice));
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
  const std::uint64_t bytes = type_.limits.min * page_size;
  if (block_.base != nullptr && !pages::clear_keeping(block_.base, size_, kept_by_reset).done) {
    return false;
  }
  budget_.give(size_ - bytes);
  size_ = bytes;
  return true;
}

}  // namespace fermata
