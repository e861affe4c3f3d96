// Memory's limits, growth and bulk operations; the pages themselves come from pages.hpp.

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

Result<std::unique_ptr<Memory>> Memory::create(const MemoryType& type, std::uint64_t max_pages,
                                               MemoryPool* pool) {
  std::unique_ptr<Memory> memory(new Memory);
  memory->pool_ = pool;
  memory->type_ = type;
  memory->max_pages_ = most_pages(type, max_pages);
  const std::uint64_t min = type.limits.min;
  if (min > memory->max_pages_) {
    return std::unexpected(too_large(
        min, fmt::format("at most {} are allowed", std::min(max_pages, addressable_pages))));
  }
  if (min != 0 && !memory->begin()) {
    return std::unexpected(too_large(min, "the system refused it"));
  }
  return memory;
}

Memory::~Memory() {
  if (data_ == nullptr) return;
  const bool as_it_began = size_ == min_bytes() && reserved_ == size_;
  if (pool_ != nullptr && as_it_began) {
    pool_->give(data_, size_);
  } else {
    pages::release(data_, reserved_);
  }
}

// The first pages. Of few pages thousands fit in next to each other; with a reservation each they
// would take up the address space, and the system's tables.
bool Memory::begin() noexcept {
  const std::uint64_t bytes = min_bytes();
  if (bytes > MemoryPool::largest_block) return grow(type_.limits.min) != refused;
  if (pool_ != nullptr) data_ = pool_->take(bytes);
  if (data_ == nullptr) data_ = pages::allocate(bytes);
  if (data_ == nullptr) return false;
  reserved_ = size_ = bytes;
  return true;
}

// Specification: "Execution / Modules / Growing memories".
std::uint64_t Memory::grow(std::uint64_t pages) noexcept {
  const std::uint64_t old_pages = size_ / page_size;
  if (pages > max_pages_ - old_pages) return refused;
  const std::uint64_t bytes = (old_pages + pages) * page_size;
  if (!make_room(bytes)) return refused;
  if (pages != 0 && !pages::commit(data_, size_, bytes)) return refused;
  size_ = bytes;
  return old_pages;
}

// Reserves all that the memory may ever need if the system lets it, else ever less of it.
bool Memory::make_room(std::uint64_t bytes) noexcept {
  if (bytes <= reserved_) return true;
  std::uint64_t most = pages::worth_reserving(bytes, max_pages_ * page_size);
  while (true) {
    std::byte* const moved =
        data_ == nullptr ? pages::reserve(most) : pages::move(data_, reserved_, size_, most);
    if (moved != nullptr) {
      data_ = moved;
      reserved_ = most;
      return true;
    }
    if (most == bytes) return false;
    most = std::max(bytes, most / 2 / page_size * page_size);
  }
}

Trap Memory::fill(std::uint64_t to, std::uint8_t value, std::uint64_t count) noexcept {
  if (!contains(to, count)) return Trap::out_of_bounds_memory_access;
  if (count != 0) std::memset(data_ + to, value, static_cast<std::size_t>(count));
  return Trap::none;
}

Trap Memory::copy(Memory& dst, std::uint64_t to, const Memory& src, std::uint64_t from,
                  std::uint64_t count) noexcept {
  if (!dst.contains(to, count) || !src.contains(from, count)) {
    return Trap::out_of_bounds_memory_access;
  }
  if (count != 0) std::memmove(dst.data_ + to, src.data_ + from, static_cast<std::size_t>(count));
  return Trap::none;
}

Trap Memory::init(std::uint64_t to, std::span<const std::uint8_t> bytes, std::uint64_t from,
                  std::uint64_t count) noexcept {
  const bool inside = count <= bytes.size() && from <= bytes.size() - count;
  if (!inside || !contains(to, count)) return Trap::out_of_bounds_memory_access;
  if (count != 0) {
    std::memcpy(data_ + to, bytes.data() + from, static_cast<std::size_t>(count));
  }
  return Trap::none;
}

bool Memory::reset() noexcept {
  const std::uint64_t bytes = min_bytes();
  if (size_ > bytes && !pages::discard(data_ + bytes, size_ - bytes)) return false;
  size_ = bytes;
  return bytes == 0 || pages::clear(data_, bytes);
}

}  // namespace fermata
