// Root: a place in its store's table of roots.

#include <utility>

#include "fermata/process.hpp"
#include "interp/runtime/root_table.hpp"

namespace fermata {

Root::Root(std::shared_ptr<RootTable> table, const Value& reference)
    : table_(std::move(table)), place_(table_->add(reference)) {}

Root::Root(Root&& from) noexcept : table_(std::move(from.table_)), place_(from.place_) {}

Root& Root::operator=(Root&& from) noexcept {
  std::swap(table_, from.table_);
  std::swap(place_, from.place_);
  return *this;
}

Root::~Root() {
  if (table_) table_->remove(place_);
}

const Value& Root::value() const { return table_->references[place_]; }

}  // namespace fermata
