// GuestMemory: the guest's memory as WASI's functions see it.
//
// Owns the checks of guest pointers: everything is little-endian (fermata/little_endian.hpp) and
// unaligned, addresses are 32 bits wide. A pointer outside the memory, or a guest without one, is
// `Errno::fault`. Knows nothing of what the bytes mean.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "fermata/little_endian.hpp"
#include "fermata/process.hpp"
#include "fermata/wasi.hpp"

namespace fermata::wasi {

using Address = std::uint32_t;  // a guest pointer; sums of two are made in 64 bits

/// Precondition: `bytes.size() >= at + sizeof(T)`.
template <std::unsigned_integral T>
[[nodiscard]] T decode(std::span<const std::byte> bytes, std::size_t at) {
  return little_endian::decode<T>(bytes.subspan(at));
}

/// Precondition: `bytes.size() >= at + sizeof(T)`.
template <std::unsigned_integral T>
void encode(std::span<std::byte> bytes, std::size_t at, T value) {
  little_endian::encode(bytes.subspan(at), value);
}

class GuestMemory {
 public:
  explicit GuestMemory(std::optional<MemoryRef> memory, MemoryObserver* observer = nullptr)
      : memory_(memory), observer_(observer) {}

  /// The bytes themselves; valid until the process runs or its memory grows.
  [[nodiscard]] Expected<std::span<std::byte>> view(Address address, std::uint64_t size) {
    if (!memory_) return std::unexpected(Errno::fault);
    auto bytes = memory_->view(address, size);
    if (!bytes) return std::unexpected(Errno::fault);
    if (observer_ != nullptr) observer_->sees(address, *bytes);
    return *bytes;
  }

  template <std::unsigned_integral T>
  [[nodiscard]] Errno store(Address address, T value) {
    const auto bytes = view(address, sizeof(T));
    if (!bytes) return bytes.error();
    encode(*bytes, 0, value);
    return Errno::success;
  }

 private:
  std::optional<MemoryRef> memory_;
  MemoryObserver* observer_;  // may be null
};

}  // namespace fermata::wasi
