// StoreObjects: everything that instances are made of and share, and its life.
//
// Owns instances, memories, tables, the host's globals and all function instances; nothing in it
// goes before the whole. Knows nothing of threads. Specification: "Execution / Runtime Structure /
// Store".
#pragma once

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "interp/runtime/func_pool.hpp"
#include "interp/runtime/instance.hpp"

namespace fermata {

/// A global as it is imported and exported. `types` says what concrete types in `type` are.
struct GlobalExtern {
  Slot* cell = nullptr;
  const GlobalType* type = nullptr;
  const CanonicalTypes* types = nullptr;
};

/// What an import is satisfied with; in the order of ExternKind.
using ExternVal = std::variant<Func*, Table*, Memory*, GlobalExtern>;

/// A global that the host defined.
struct HostGlobal {
  GlobalType type;
  Slot cell[2] = {};
};

/// The signature of functions that the host defined, with the canonical id of it.
struct HostSignature {
  explicit HostSignature(FuncType of);
  FuncType type;
  CanonicalTypes canonical;
};

struct StoreObjects {
  FuncPool funcs;
  std::vector<std::unique_ptr<Instance>> instances;  // first: their modules own the memories' pools
  std::vector<std::unique_ptr<Memory>> memories;
  std::vector<std::unique_ptr<Table>> tables;
  std::vector<std::unique_ptr<HostGlobal>> globals;
  std::vector<std::unique_ptr<HostSignature>> signatures;

  StoreObjects() = default;
  StoreObjects(const StoreObjects&) = delete;
  StoreObjects& operator=(const StoreObjects&) = delete;
};

/// No concrete types: the context of what the host defines.
[[nodiscard]] const CanonicalTypes& no_types();

}  // namespace fermata
