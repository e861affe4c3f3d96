// MemoryRef: the embedder's checked way into a memory.

#include <fmt/format.h>

#include <cstring>

#include "fermata/process.hpp"
#include "interp/runtime/memory.hpp"
#include "interp/runtime/usage_error.hpp"

namespace fermata {
namespace {

Error out_of_bounds(std::uint64_t address, std::uint64_t count, std::uint64_t size) {
  return usage_error(ErrorCode::memory_out_of_bounds,
                     fmt::format("[{}, {} + {}) lies outside a memory of {} bytes", address,
                                 address, count, size));
}

}  // namespace

std::uint64_t MemoryRef::size() const { return memory_->size(); }
std::uint64_t MemoryRef::pages() const { return memory_->pages(); }
MemoryType MemoryRef::type() const { return memory_->type(); }

Result<std::span<std::byte>> MemoryRef::view(std::uint64_t address, std::uint64_t count) {
  if (!memory_->contains(address, count)) {
    return std::unexpected(out_of_bounds(address, count, memory_->size()));
  }
  if (count == 0) return std::span<std::byte>();
  return std::span(memory_->data() + address, static_cast<std::size_t>(count));
}

Result<std::span<const std::byte>> MemoryRef::view(std::uint64_t address,
                                                   std::uint64_t count) const {
  return MemoryRef(*this).view(address, count);
}

Result<void> MemoryRef::read(std::uint64_t address, std::span<std::byte> out) const {
  const auto from = view(address, out.size());
  if (!from) return std::unexpected(from.error());
  if (!out.empty()) std::memcpy(out.data(), from->data(), out.size());
  return {};
}

Result<void> MemoryRef::write(std::uint64_t address, std::span<const std::byte> bytes) {
  const auto to = view(address, bytes.size());
  if (!to) return std::unexpected(to.error());
  if (!bytes.empty()) std::memmove(to->data(), bytes.data(), bytes.size());
  return {};
}

Result<void> MemoryRef::fill(std::uint64_t address, std::uint64_t count, std::byte value) {
  if (memory_->fill(address, std::to_integer<std::uint8_t>(value), count) == Trap::none) return {};
  return std::unexpected(out_of_bounds(address, count, memory_->size()));
}

std::uint32_t MemoryRef::notify(std::uint64_t address, std::uint32_t count) {
  WaitQueue* const waiters = memory_->waiters();
  return waiters != nullptr ? waiters->notify(address, count) : 0;
}

Result<std::uint64_t> MemoryRef::grow(std::uint64_t pages) {
  const std::uint64_t previous = memory_->grow(pages);
  if (previous != ~std::uint64_t{0}) return previous;
  return std::unexpected(
      usage_error(ErrorCode::memory_limit,
                  fmt::format("a memory of {} pages cannot grow by {}", memory_->pages(), pages)));
}

}  // namespace fermata
