// GlobalRef: the embedder's checked way into a global.

#include "fermata/store.hpp"
#include "interp/process/store_impl.hpp"
#include "interp/process/values.hpp"
#include "interp/runtime/usage_error.hpp"

namespace fermata {

GlobalType GlobalRef::type() const { return *type_; }

Value GlobalRef::get() const { return fermata::get(cell_, type_->value); }

Result<void> GlobalRef::set(Value value) {
  if (!type_->mutable_) {
    return std::unexpected(usage_error(ErrorCode::global_immutable, "the global is immutable"));
  }
  const auto& types = *static_cast<const CanonicalTypes*>(types_);
  if (!fits(value, type_->value, {types, store_->objects})) {
    return std::unexpected(misfit(value, type_->value));
  }
  static_cast<void>(put(cell_, value));
  return {};
}

}  // namespace fermata
