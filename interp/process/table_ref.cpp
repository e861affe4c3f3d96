// TableRef: the embedder's checked way into a table.

#include <fmt/format.h>

#include "fermata/process.hpp"
#include "interp/process/values.hpp"
#include "interp/runtime/store.hpp"
#include "interp/runtime/table.hpp"
#include "interp/runtime/usage_error.hpp"

namespace fermata {
namespace {

Error out_of_bounds(std::uint64_t index, std::uint64_t size) {
  return usage_error(ErrorCode::table_out_of_bounds,
                     fmt::format("element {} lies outside a table of {}", index, size));
}

}  // namespace

std::uint64_t TableRef::size() const { return table_->size(); }
TableType TableRef::type() const { return table_->type(); }

Result<Value> TableRef::get(std::uint64_t index) const {
  if (!table_->contains(index, 1)) return std::unexpected(out_of_bounds(index, size()));
  return Value::from_bits(table_->type().element, table_->data()[index]);
}

Result<void> TableRef::set(std::uint64_t index, Value value) {
  const ValType element = table_->type().element;
  if (!table_->contains(index, 1)) return std::unexpected(out_of_bounds(index, size()));
  if (!fits(value, element, {table_->types(), *objects_})) {
    return std::unexpected(misfit(value, element));
  }
  table_->data()[index] = value.lo();
  return {};
}

Result<std::uint64_t> TableRef::grow(std::uint64_t count, Value init) {
  const ValType element = table_->type().element;
  if (!fits(init, element, {table_->types(), *objects_})) {
    return std::unexpected(misfit(init, element));
  }
  const std::uint64_t previous = table_->grow(count, init.lo());
  if (previous != ~std::uint64_t{0}) return previous;
  return std::unexpected(
      usage_error(ErrorCode::table_out_of_bounds,
                  fmt::format("a table of {} elements cannot grow by {}", size(), count)));
}

}  // namespace fermata
