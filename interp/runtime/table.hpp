// Table: a table of references. Owns every bounds computation on it.
//
// The elements are slots: null is 0, a function the address of its Func.
// Specification: "Execution / Table Instances".
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "fermata/error.hpp"
#include "fermata/limits.hpp"
#include "fermata/types.hpp"
#include "interp/budget.hpp"
#include "interp/lower/code.hpp"

namespace fermata {

class Table {
 public:
  /// Whatever the budget: the largest 32-bit number is neither an index nor a length of a table.
  static constexpr std::uint64_t most_elements = limits::table_elements;

  /// `types` says what concrete types in `type` are, and outlives the table, as the budgets do, of
  /// which `elements` counts those of all tables. Every element is null.
  [[nodiscard]] static Result<std::unique_ptr<Table>> create(const TableType& type,
                                                             const CanonicalTypes& types,
                                                             Budget& bytes, Budget& elements);
  ~Table();
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] const Slot* data() const noexcept { return elements_; }
  [[nodiscard]] Slot* data() noexcept { return elements_; }
  [[nodiscard]] const TableType& type() const noexcept { return type_; }
  [[nodiscard]] const CanonicalTypes& types() const noexcept { return *types_; }
  [[nodiscard]] bool contains(std::uint64_t index, std::uint64_t count) const noexcept {
    return count <= size_ && index <= size_ - count;
  }
  /// Returns the previous size, or -1 (all ones) when a limit or the system forbids it.
  [[nodiscard]] std::uint64_t grow(std::uint64_t count, Slot init) noexcept;

  // The bulk instructions: out_of_bounds_table_access, and nothing written, or none. Single
  // elements are checked with `contains`.
  [[nodiscard]] Trap fill(std::uint64_t to, Slot value, std::uint64_t count) noexcept;
  [[nodiscard]] static Trap copy(Table& dst, std::uint64_t to, const Table& src, std::uint64_t from,
                                 std::uint64_t count) noexcept;

  /// Back to the declared minimum, every element null.
  void reset() noexcept;

 private:
  Table(const TableType& type, const CanonicalTypes& types, Budget& bytes, Budget& elements);
  [[nodiscard]] bool begin() noexcept;
  [[nodiscard]] bool make_room(std::uint64_t count) noexcept;

  Slot* elements_ = nullptr;
  std::uint64_t size_ = 0;
  std::uint64_t capacity_ = 0;
  std::uint64_t max_elements_;
  Budget& bytes_;    // has given `capacity_` slots
  Budget& counted_;  // has given `size_` elements
  TableType type_;
  const CanonicalTypes* types_;
};

}  // namespace fermata
