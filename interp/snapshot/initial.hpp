// What instantiation writes into a module's memory and tables, known from the module alone.
//
// A snapshot leaves out what is still as it was made. So both sides compute the same here, and look
// at no instance: a global that an offset names may be another one in a forged snapshot.
// docs/snapshot-format.md, "Memory" and "Instances".
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "lib/module/module_impl.hpp"

namespace fermata::snapshot {

/// Values of constant expressions of type i32 or i64, zero-extended.
class ConstantNumbers {
 public:
  explicit ConstantNumbers(const ModuleImpl& module) : module_(module) {}
  [[nodiscard]] std::uint64_t value(const ConstExpr& expression);

 private:
  [[nodiscard]] std::uint64_t evaluate(const ConstExpr& expression);
  [[nodiscard]] std::uint64_t global(std::uint32_t index);

  const ModuleImpl& module_;
  std::vector<std::uint64_t> globals_;  // of the module's own, as far as they were asked for
};

/// Memory 0 as the active data segments make it; it is zero where they write nothing.
class InitialMemory {
 public:
  /// Valid as long as the module.
  explicit InitialMemory(const ModuleImpl& module);

  /// Whether some segment does not fit: then there is no process of the module.
  [[nodiscard]] bool is_out_of_bounds() const { return out_of_bounds_; }
  /// Writes what segments write.
  void write(std::span<std::byte> memory) const;
  /// The blocks that segments write to, ascending.
  [[nodiscard]] std::vector<std::uint64_t> written_blocks() const;
  /// Whether a block of a memory is as it was made: `number` times `block_bytes` is its address.
  [[nodiscard]] bool is_block(std::uint64_t number, std::span<const std::byte> block) const;

 private:
  struct Placed {
    std::uint64_t address = 0;
    std::span<const std::uint8_t> bytes;
  };
  std::vector<Placed> segments_;  // in the module's order
  /// For each block that segments write to, those: ascending, and in the module's order.
  std::vector<std::pair<std::uint64_t, std::uint32_t>> by_block_;
  bool out_of_bounds_ = false;
};

/// Null, and all that other expressions than those give.
inline constexpr std::uint32_t no_function = UINT32_MAX;

/// The functions that definitions of tables and active element segments write into a module's own
/// tables by their indices or with `ref.func` alone.
class InitialTables {
 public:
  explicit InitialTables(const ModuleImpl& module);

  /// Whether some segment does not fit: then there is no process of the module.
  [[nodiscard]] bool is_out_of_bounds() const { return out_of_bounds_; }
  /// The function that is made an element of the table, which is not an imported one.
  [[nodiscard]] std::uint32_t function(TableIdx table, std::uint64_t element) const {
    const auto& elements = tables_[table.value - imported_];
    return element < elements.size() ? elements[static_cast<std::size_t>(element)] : no_function;
  }

 private:
  void place(const ModuleImpl& module, const ElemSegment& segment, std::uint64_t to);

  std::uint32_t imported_;
  std::vector<std::vector<std::uint32_t>>
      tables_;  // of tables of other things than functions: none
  bool out_of_bounds_ = false;
};

}  // namespace fermata::snapshot
