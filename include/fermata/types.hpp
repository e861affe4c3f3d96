// WebAssembly types as values: number, vector and reference types, limits, function types.
//
// Owns the type representation of WebAssembly 3.0 that every layer shares. Knows nothing of
// modules: a concrete heap type is an index into the type section of the module it came from.
// Specification: "Syntax / Types".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fermata {

/// A strong index type for each index space of a module, so that a function index is never
/// mistaken for a type index. `value` is the plain number.
template <class Space>
struct Index {
  std::uint32_t value = 0;
  friend constexpr bool operator==(Index, Index) = default;
  friend constexpr auto operator<=>(Index, Index) = default;
};

using TypeIdx = Index<struct TypeSpace>;
using FuncIdx = Index<struct FuncSpace>;
using TableIdx = Index<struct TableSpace>;
using MemIdx = Index<struct MemSpace>;
using GlobalIdx = Index<struct GlobalSpace>;
using TagIdx = Index<struct TagSpace>;
using ElemIdx = Index<struct ElemSpace>;
using DataIdx = Index<struct DataSpace>;
using LocalIdx = Index<struct LocalSpace>;
using LabelIdx = Index<struct LabelSpace>;
using FieldIdx = Index<struct FieldSpace>;

/// The abstract heap types (specification: "Heap Types"), and `concrete` for an index into the
/// type section. The names are the text format's, with `_` where C++ has the keyword.
enum class HeapKind : std::uint8_t {
  func, nofunc, extern_, noextern, any, eq, i31, struct_, array, none, exn, noexn, concrete,
};

struct HeapType {
  HeapKind kind = HeapKind::func;
  TypeIdx index{};  ///< meaningful for `HeapKind::concrete` only, 0 otherwise

  [[nodiscard]] static constexpr HeapType concrete(TypeIdx i) { return {HeapKind::concrete, i}; }
  [[nodiscard]] constexpr bool is_concrete() const { return kind == HeapKind::concrete; }
  friend constexpr bool operator==(HeapType, HeapType) = default;
};

enum class ValKind : std::uint8_t { i32, i64, f32, f64, v128, ref };

/// A value type. For `ValKind::ref`, `nullable` and `heap` say which reference type; for the
/// others they keep their default values, so that `==` is type equality within one module.
struct ValType {
  ValKind kind = ValKind::i32;
  bool nullable = false;
  HeapType heap{};

  [[nodiscard]] static constexpr ValType ref(HeapType h, bool nullable) {
    return {ValKind::ref, nullable, h};
  }
  [[nodiscard]] constexpr bool is_ref() const { return kind == ValKind::ref; }
  [[nodiscard]] constexpr bool is_num() const { return kind <= ValKind::f64; }
  /// 64-bit slots that a value takes in a frame: two for v128, one for everything else.
  [[nodiscard]] constexpr std::uint32_t slots() const { return kind == ValKind::v128 ? 2 : 1; }
  friend constexpr bool operator==(ValType, ValType) = default;
};

/// i32 for an ordinary memory or table, i64 for one of the memory64 proposal.
enum class AddressType : std::uint8_t { i32, i64 };

inline constexpr ValType i32{ValKind::i32};
inline constexpr ValType i64{ValKind::i64};
inline constexpr ValType f32{ValKind::f32};
inline constexpr ValType f64{ValKind::f64};
inline constexpr ValType v128{ValKind::v128};
inline constexpr ValType funcref = ValType::ref({HeapKind::func}, true);
inline constexpr ValType externref = ValType::ref({HeapKind::extern_}, true);

using ResultType = std::vector<ValType>;

/// Slots that values of these types take in a frame.
[[nodiscard]] constexpr std::uint32_t slots_of(std::span<const ValType> types) {
  std::uint32_t slots = 0;
  for (const ValType type : types) slots += type.slots();
  return slots;
}

struct FuncType {
  ResultType params;
  ResultType results;
  friend bool operator==(const FuncType&, const FuncType&) = default;
};

/// Bytes of a page of a memory, unless it has pages of its own (`MemoryType::page_size`).
inline constexpr std::uint64_t page_size = 65536;

/// Limits of a memory (in pages) or a table (in elements); `max` absent means unbounded.
struct Limits {
  std::uint64_t min = 0;
  std::optional<std::uint64_t> max;
  friend bool operator==(const Limits&, const Limits&) = default;
};

struct MemoryType {
  Limits limits;  ///< in pages
  AddressType address = AddressType::i32;
  bool shared = false;
  std::uint8_t page_size_log2 = 16;  ///< 16, a page of 64 KiB, or 0, of one byte

  [[nodiscard]] constexpr bool has_custom_page_size() const { return page_size_log2 != 16; }
  /// Bytes of a page.
  [[nodiscard]] constexpr std::uint64_t page_size() const {
    return std::uint64_t{1} << page_size_log2;
  }
  friend bool operator==(const MemoryType&, const MemoryType&) = default;
};

struct TableType {
  ValType element = funcref;
  Limits limits;
  AddressType address = AddressType::i32;
  friend bool operator==(const TableType&, const TableType&) = default;
};

struct GlobalType {
  ValType value;
  bool mutable_ = false;
  friend bool operator==(const GlobalType&, const GlobalType&) = default;
};

/// The type in the text format, as messages show it: `i32`, `funcref`, `(ref null 3)`.
[[nodiscard]] std::string to_string(HeapType type);
[[nodiscard]] std::string to_string(ValType type);
/// `[i32 i64] -> [f32]`, the form the specification uses.
[[nodiscard]] std::string to_string(const FuncType& type);
[[nodiscard]] std::string to_string(const ResultType& types);

}  // namespace fermata
