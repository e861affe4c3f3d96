// Table's limits, growth and bulk operations. The elements come from the C library's heap, whose
// refusal is an answer, not an exception, and whose large zeroed blocks cost nothing until touched.

#include "interp/runtime/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace fermata {
namespace {

constexpr std::uint64_t refused = ~std::uint64_t{0};

std::uint64_t most_elements(const TableType& type, std::uint64_t limit) {
  const std::uint64_t by_type = type.address == AddressType::i32
                                    ? std::numeric_limits<std::uint32_t>::max()
                                    : std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t by_host = std::numeric_limits<std::size_t>::max() / 4 / sizeof(Slot);
  return std::min({type.limits.max.value_or(by_type), by_type, by_host, limit});
}

Error too_large(std::uint64_t elements, std::string_view why) {
  return {ErrorCode::out_of_memory,
          Phase::usage,
          fmt::format("table of {} elements: {}", elements, why),
          {},
          {},
          {}};
}

}  // namespace

Result<std::unique_ptr<Table>> Table::create(const TableType& type, const CanonicalTypes& types,
                                             std::uint64_t max_elements) {
  std::unique_ptr<Table> table(new Table);
  table->type_ = type;
  table->types_ = &types;
  table->max_elements_ = most_elements(type, max_elements);
  const std::uint64_t min = type.limits.min;
  if (min > table->max_elements_) {
    return std::unexpected(too_large(min, fmt::format("at most {} are allowed", max_elements)));
  }
  if (min != 0) {
    table->elements_ = static_cast<Slot*>(std::calloc(static_cast<std::size_t>(min), sizeof(Slot)));
    if (table->elements_ == nullptr) {
      return std::unexpected(too_large(min, "the system refused it"));
    }
    table->capacity_ = table->size_ = min;
  }
  return table;
}

Table::~Table() { std::free(elements_); }

// Specification: "Execution / Modules / Growing tables".
std::uint64_t Table::grow(std::uint64_t count, Slot init) noexcept {
  const std::uint64_t old_size = size_;
  if (count > max_elements_ - old_size || !make_room(old_size + count)) return refused;
  std::fill_n(elements_ + old_size, count, init);
  size_ = old_size + count;
  return old_size;
}

// Grows by half at least, so that growing one by one stays cheap.
bool Table::make_room(std::uint64_t count) noexcept {
  if (count <= capacity_) return true;
  const std::uint64_t roomy = std::min(max_elements_, std::max(count, capacity_ + capacity_ / 2));
  for (const std::uint64_t wanted : {roomy, count}) {
    void* const moved = std::realloc(elements_, static_cast<std::size_t>(wanted) * sizeof(Slot));
    if (moved == nullptr) continue;
    elements_ = static_cast<Slot*>(moved);
    capacity_ = wanted;
    return true;
  }
  return false;
}

Trap Table::fill(std::uint64_t to, Slot value, std::uint64_t count) noexcept {
  if (!contains(to, count)) return Trap::out_of_bounds_table_access;
  std::fill_n(elements_ + to, count, value);
  return Trap::none;
}

Trap Table::copy(Table& dst, std::uint64_t to, const Table& src, std::uint64_t from,
                 std::uint64_t count) noexcept {
  if (!dst.contains(to, count) || !src.contains(from, count)) {
    return Trap::out_of_bounds_table_access;
  }
  if (count != 0) {
    std::memmove(dst.elements_ + to, src.elements_ + from,
                 static_cast<std::size_t>(count) * sizeof(Slot));
  }
  return Trap::none;
}

void Table::reset() noexcept {
  size_ = type_.limits.min;  // never more than the capacity, which never shrinks
  std::fill_n(elements_, size_, Slot{0});
}

}  // namespace fermata
