// StoreObjects: the host's own definitions.

#include "interp/runtime/store.hpp"

#include <utility>

namespace fermata {
namespace {

CanonicalTypes canonicalize(const FuncType& type) {
  const SubType sub{true, {}, type};
  const RecGroup group{0, 1};
  return CanonicalTypes({&sub, 1}, {&group, 1});
}

}  // namespace

HostSignature::HostSignature(FuncType of) : type(std::move(of)), canonical(canonicalize(type)) {}

const CanonicalTypes& no_types() {
  static const CanonicalTypes none;
  return none;
}

}  // namespace fermata
