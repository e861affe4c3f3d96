// The encodings of types outside the type section. See type_reader.hpp.
#include "lib/binary/type_reader.hpp"

#include <fmt/format.h>

#include <array>

namespace fermata {
namespace {

/// The abstract heap types by their byte, from 0x69 on.
constexpr std::array<HeapKind, 12> abstract_heap_kinds{
    HeapKind::exn,  HeapKind::array,    HeapKind::struct_, HeapKind::i31,
    HeapKind::eq,   HeapKind::any,      HeapKind::extern_, HeapKind::func,
    HeapKind::none, HeapKind::noextern, HeapKind::nofunc,  HeapKind::noexn,
};

HeapType abstract_heap_type(std::uint8_t byte) {
  return {abstract_heap_kinds[static_cast<std::size_t>(byte - 0x69)]};
}

enum LimitsFlag : std::uint8_t { has_max = 1, is_shared = 2, is_64 = 4, has_page_size = 8 };

struct FlaggedLimits {
  Limits limits;
  std::uint8_t flags = 0;
};

// Specification: "Binary Format / Types / Limits". The numbers are u64 since memory64; without it
// they are the u32 that the format had before.
FlaggedLimits read_limits(Reader& reader, std::uint8_t known_flags, Features features) {
  const std::uint32_t at = reader.offset();
  FlaggedLimits result;
  result.flags = reader.byte();
  if ((result.flags & ~known_flags) != 0) {
    const bool may_be_page_size = (result.flags & ~known_flags) == has_page_size;
    reader.fail(
        at, "malformed limits flags",
        fmt::format(
            "expected no flags but 0x{:02x}, found 0x{:02x}{}", known_flags, result.flags,
            may_be_page_size ? "; a memory's page size needs the proposal custom-page-sizes" : ""));
    return {};
  }
  const auto number = [&] {
    return features.has(Feature::memory64) ? reader.u64() : std::uint64_t{reader.u32()};
  };
  result.limits.min = number();
  if ((result.flags & has_max) != 0) result.limits.max = number();
  return result;
}

AddressType address_type(std::uint8_t flags) {
  return (flags & is_64) != 0 ? AddressType::i64 : AddressType::i32;
}

}  // namespace

// Specification: "Binary Format / Types / Heap Types".
HeapType read_heap_type(Reader& reader) {
  const std::uint32_t at = reader.offset();
  if (!reader.at_end() && is_abstract_heap_byte(reader.peek())) {
    return abstract_heap_type(reader.byte());
  }
  const std::int64_t index = reader.s33();
  if (index < 0) {
    reader.fail(at, "malformed heap type",
                fmt::format("expected an abstract heap type or a type index, found {}", index));
    return {};
  }
  return HeapType::concrete({static_cast<std::uint32_t>(index)});
}

// Specification: "Binary Format / Types / Reference Types".
ValType read_ref_type(Reader& reader) {
  const std::uint32_t at = reader.offset();
  const std::uint8_t byte = reader.type_byte();
  if (is_abstract_heap_byte(byte)) return ValType::ref(abstract_heap_type(byte), true);
  if (byte == 0x63 || byte == 0x64) return ValType::ref(read_heap_type(reader), byte == 0x63);
  reader.fail(at, "malformed reference type", fmt::format("expected a type, found 0x{:02x}", byte));
  return {};
}

ValType read_val_type_slow(Reader& reader) {
  // What is no type at all is a malformed reference type: the wording of the specification's
  // reference.
  return read_ref_type(reader);
}

// Specification: "Binary Format / Types / Global Types".
bool read_mutability(Reader& reader) {
  const std::uint32_t at = reader.offset();
  const std::uint8_t byte = reader.byte();
  if (byte > 1) {
    reader.fail(at, "malformed mutability", fmt::format("expected 0 or 1, found {}", byte));
  }
  return byte == 1;
}

namespace {

/// Its logarithm. Proposal: custom page sizes.
std::uint8_t read_page_size(Reader& reader) {
  const std::uint32_t at = reader.offset();
  const std::uint32_t log2 = reader.u32();
  if (log2 >= 64) {
    reader.fail(at, "invalid custom page size",
                fmt::format("expected less than 2^64, found 2^{}", log2));
    return 0;
  }
  return static_cast<std::uint8_t>(log2);
}

}  // namespace

TableType read_table_type(Reader& reader, Features features) {
  const ValType element = read_ref_type(reader);
  const FlaggedLimits limits = read_limits(reader, has_max | is_64, features);
  return {element, limits.limits, address_type(limits.flags)};
}

MemoryType read_memory_type(Reader& reader, Features features) {
  const bool may_have_page_size = features.has(Feature::custom_page_sizes);
  const FlaggedLimits limits = read_limits(
      reader, has_max | is_shared | is_64 | (may_have_page_size ? has_page_size : 0), features);
  MemoryType type{limits.limits, address_type(limits.flags), (limits.flags & is_shared) != 0};
  if ((limits.flags & has_page_size) != 0) type.page_size_log2 = read_page_size(reader);
  return type;
}

GlobalType read_global_type(Reader& reader) {
  const ValType value = read_val_type(reader);
  return {value, read_mutability(reader)};
}

}  // namespace fermata
