// Object: a struct, an array or an exception in the heap, and what the bits of a reference say.
//
// A reference of the hierarchies `any`, `extern` and `exn` is one slot:
//
//   0        null
//   ...xx1   an i31: the number in bits 1 to 31, nothing above
//   ...x10   a host reference: its number from bit 2 on
//   ...x00   the address of an object
//
// The same in all of them, so conversions between `any` and `extern` change nothing.
// A function reference is the address of a Func (instance.hpp), and nothing else.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "interp/lower/object_type.hpp"

namespace fermata {

struct Object {
  std::uint64_t type_bits;  ///< an ObjectType's address, and the collector's mark

  static constexpr std::uint64_t mark = 1;

  [[nodiscard]] const ObjectType& type() const noexcept {
    return *reinterpret_cast<const ObjectType*>(static_cast<std::uintptr_t>(type_bits & ~mark));
  }
  [[nodiscard]] std::byte* at(std::uint64_t offset) noexcept {
    return reinterpret_cast<std::byte*>(this) + offset;
  }
  [[nodiscard]] const std::byte* at(std::uint64_t offset) const noexcept {
    return reinterpret_cast<const std::byte*>(this) + offset;
  }
  /// Precondition of these: an array.
  [[nodiscard]] std::uint32_t length() const noexcept {
    std::uint32_t length;
    std::memcpy(&length, at(ObjectType::header_bytes), sizeof length);
    return length;
  }
  void set_length(std::uint32_t length) noexcept {
    std::memcpy(at(ObjectType::header_bytes), &length, sizeof length);
  }
  [[nodiscard]] std::byte* elements() noexcept { return at(ObjectType::array_header_bytes); }
  [[nodiscard]] const std::byte* elements() const noexcept {
    return at(ObjectType::array_header_bytes);
  }
};

[[nodiscard]] constexpr bool is_i31(Slot reference) noexcept { return (reference & 1) != 0; }
[[nodiscard]] constexpr bool is_host(Slot reference) noexcept { return (reference & 3) == 2; }
[[nodiscard]] constexpr bool is_object(Slot reference) noexcept {
  return (reference & 3) == 0 && reference != 0;
}
/// Precondition: `is_object`.
[[nodiscard]] inline Object* object_of(Slot reference) noexcept {
  return reinterpret_cast<Object*>(static_cast<std::uintptr_t>(reference));
}

[[nodiscard]] constexpr Slot make_i31(std::uint32_t number) noexcept {
  return static_cast<std::uint32_t>(number << 1 | 1);
}
// Precondition of both: `is_i31`.
[[nodiscard]] constexpr std::int32_t i31_s(Slot reference) noexcept {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(reference)) >> 1;
}
[[nodiscard]] constexpr std::uint32_t i31_u(Slot reference) noexcept {
  return static_cast<std::uint32_t>(reference) >> 1;
}

// --- fields and elements -------------------------------------------------------------------------

/// Writes a value, which lies in slots as in a frame, to where a field or element is.
inline void store_value(std::byte* to, Storage storage, const Slot* from) noexcept {
  const auto put = [to](auto value) { std::memcpy(to, &value, sizeof value); };
  switch (bytes_of(storage)) {
    case 1:
      return put(static_cast<std::uint8_t>(*from));
    case 2:
      return put(static_cast<std::uint16_t>(*from));
    case 4:
      return put(static_cast<std::uint32_t>(*from));
    case 8:
      return put(*from);
    default:
      std::memcpy(to, from, 2 * sizeof(Slot));
  }
}

/// Writes all fields of a struct or an exception from slots.
inline void store_fields(Object& object, const Slot* from) noexcept {
  for (const ObjectField& field : object.type().fields) {
    store_value(object.at(field.offset), field.storage, from);
    from += slots_of(field.storage);
  }
}

/// Writes the value to `count` elements of an array from `begin` on, which are there.
inline void fill_elements(Object& array, std::uint32_t begin, std::uint32_t count,
                          const Slot* value) noexcept {
  const Storage storage = array.type().element;
  const std::size_t bytes = bytes_of(storage);
  std::byte* to = array.elements() + begin * bytes;
  for (std::uint32_t i = 0; i < count; ++i, to += bytes) store_value(to, storage, value);
}

/// The other way; numbers narrower than 32 bits without their sign.
inline void load_value(Slot* to, Storage storage, const std::byte* from) noexcept {
  const auto get = [from]<class T>(T value) {
    std::memcpy(&value, from, sizeof value);
    return static_cast<Slot>(value);
  };
  switch (bytes_of(storage)) {
    case 1:
      *to = get(std::uint8_t{});
      return;
    case 2:
      *to = get(std::uint16_t{});
      return;
    case 4:
      *to = get(std::uint32_t{});
      return;
    case 8:
      *to = get(std::uint64_t{});
      return;
    default:
      std::memcpy(to, from, 2 * sizeof(Slot));
  }
}

/// Copies numbers or vectors that lie side by side, from the host's order of bytes to the one in
/// which the lowest is first, or back: the same either way. A vector is two numbers.
inline void copy_numbers(std::byte* to, const std::byte* from, std::size_t bytes,
                         std::uint32_t element_bytes) noexcept {
  if (bytes == 0) return;
  if (std::endian::native == std::endian::little || element_bytes == 1) {
    std::memcpy(to, from, bytes);
    return;
  }
  const std::size_t size = std::min<std::size_t>(element_bytes, sizeof(Slot));
  for (std::size_t at = 0; at < bytes; at += size) {
    std::reverse_copy(from + at, from + at + size, to + at);
  }
}

/// Writes all fields to slots; behind the last of these.
[[nodiscard]] inline Slot* load_fields(const Object& object, Slot* to) noexcept {
  for (const ObjectField& field : object.type().fields) {
    load_value(to, field.storage, object.at(field.offset));
    to += slots_of(field.storage);
  }
  return to;
}

}  // namespace fermata
