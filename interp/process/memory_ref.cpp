// ConstMemoryRef, MemoryRef: the embedder's checked way into a memory.

#include <fmt/format.h>

#include <algorithm>
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

Result<std::span<std::byte>> view_of(Memory& memory, std::uint64_t address, std::uint64_t count) {
  if (!memory.contains(address, count)) {
    return std::unexpected(out_of_bounds(address, count, memory.size()));
  }
  if (count == 0) return std::span<std::byte>();
  return std::span(memory.data() + address, static_cast<std::size_t>(count));
}

std::string string_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

std::uint64_t ConstMemoryRef::size() const { return memory_->size(); }
std::uint64_t ConstMemoryRef::pages() const { return memory_->pages(); }
MemoryType ConstMemoryRef::type() const { return memory_->type(); }

Result<std::span<const std::byte>> ConstMemoryRef::view(std::uint64_t address,
                                                        std::uint64_t count) const {
  return view_of(*memory_, address, count);
}

Result<std::span<std::byte>> MemoryRef::view(std::uint64_t address, std::uint64_t count) {
  return view_of(*memory_, address, count);
}

Result<void> ConstMemoryRef::read(std::uint64_t address, std::span<std::byte> out) const {
  const auto from = view(address, out.size());
  if (!from) return std::unexpected(from.error());
  if (!out.empty()) std::memcpy(out.data(), from->data(), out.size());
  return {};
}

Result<std::string> ConstMemoryRef::string(std::uint64_t address, std::uint64_t length) const {
  const auto bytes = view(address, length);
  if (!bytes) return std::unexpected(bytes.error());
  return string_of(*bytes);
}

Result<std::string> ConstMemoryRef::c_string(std::uint64_t address, std::uint64_t limit) const {
  const std::uint64_t behind = memory_->size() - std::min(address, memory_->size());
  const auto bytes = view(address, limit < behind ? limit + 1 : behind);
  if (!bytes) return std::unexpected(bytes.error());
  const auto end = std::ranges::find(*bytes, std::byte{0});
  if (end != bytes->end()) return string_of(std::span(bytes->begin(), end));
  return std::unexpected(
      usage_error(ErrorCode::memory_out_of_bounds,
                  fmt::format("expected a byte that is 0 among the {} from address {} on",
                              bytes->size(), address)));
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
