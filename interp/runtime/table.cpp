// Table's limits, growth and bulk operations. The elements come from the C library's heap, whose
// refusal is an answer, not an exception, and whose large zeroed blocks cost nothing until touched.

#include "interp/runtime/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "interp/runtime/usage_error.hpp"

namespace fermata {
namespace {

constexpr std::uint64_t refused = ~std::uint64_t{0};

std::uint64_t most_elements_of(const TableType& type) {
  constexpr std::uint64_t by_host = std::numeric_limits<std::size_t>::max() / 4 / sizeof(Slot);
  return std::min({type.limits.max.value_or(by_host), by_host, Table::most_elements});
}

Error too_large(std::uint64_t elements, std::string_view why) {
  return usage_error(ErrorCode::out_of_memory,
                     fmt::format("table of {} elements: {}", elements, why));
}

}  // namespace

Table::Table(const TableType& type, const CanonicalTypes& types, Budget& bytes, Budget& elements)
    : max_elements_(most_elements_of(type)),
      bytes_(bytes),
      counted_(elements),
      type_(type),
      types_(&types) {}

Result<std::unique_ptr<Table>> Table::create(const TableType& type, const CanonicalTypes& types,
                                             Budget& bytes, Budget& elements) {
  std::unique_ptr<Table> table(new Table(type, types, bytes, elements));
  const std::uint64_t min = type.limits.min;
  if (min > table->max_elements_)
    return std::unexpected(too_large(min, "more than a host can have"));
  if (min > elements.left()) {
    return std::unexpected(too_large(
        min, fmt::format("{} more are allowed for all tables together", elements.left())));
  }
  if (min * sizeof(Slot) > bytes.left()) {
    return std::unexpected(
        too_large(min, fmt::format("the budget has {} bytes left", bytes.left())));
  }
  if (min != 0 && !table->begin()) return std::unexpected(too_large(min, "the system refused it"));
  return table;
}

Table::~Table() {
  std::free(elements_);
  bytes_.give(capacity_ * sizeof(Slot));
  counted_.give(size_);
}

bool Table::begin() noexcept {
  const std::uint64_t min = type_.limits.min;
  elements_ = static_cast<Slot*>(std::calloc(static_cast<std::size_t>(min), sizeof(Slot)));
  if (elements_ == nullptr || !bytes_.take(min * sizeof(Slot)) || !counted_.take(min)) return false;
  capacity_ = size_ = min;
  return true;
}

// Specification: "Execution / Modules / Growing tables".
std::uint64_t Table::grow(std::uint64_t count, Slot init) noexcept {
  const std::uint64_t old_size = size_;
  if (count > max_elements_ - old_size || !counted_.take(count)) return refused;
  if (!make_room(old_size + count)) {
    counted_.give(count);
    return refused;
  }
  std::fill_n(elements_ + old_size, count, init);
  size_ = old_size + count;
  return old_size;
}

// Grows by half at least, so that growing one by one stays cheap.
bool Table::make_room(std::uint64_t count) noexcept {
  if (count <= capacity_) return true;
  const std::uint64_t roomy = std::min(max_elements_, std::max(count, capacity_ + capacity_ / 2));
  for (const std::uint64_t wanted : {roomy, count}) {
    const std::uint64_t more_bytes = (wanted - capacity_) * sizeof(Slot);
    if (!bytes_.take(more_bytes)) continue;
    void* const moved = std::realloc(elements_, static_cast<std::size_t>(wanted) * sizeof(Slot));
    if (moved == nullptr) {
      bytes_.give(more_bytes);
      continue;
    }
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
  counted_.give(size_ - type_.limits.min);
  size_ = type_.limits.min;  // never more than the capacity, which never shrinks
  std::fill_n(elements_, size_, Slot{0});
}

}  // namespace fermata
