// Instantiation: an instance from a validated module and what its imports are satisfied with.
//
// Specification: "Execution / Modules / Instantiation", without the start function, which a thread
// runs. Knows nothing of names: imports come in import order.
#pragma once

#include <cstdint>
#include <span>

#include "interp/runtime/store.hpp"

namespace fermata {

/// Whether the externals match the module's imports in number, kind and type. Errors:
/// `unknown_import` when there are too few, `incompatible_import`.
[[nodiscard]] Result<void> match_imports(const ModuleImpl& module,
                                         std::span<const ExternVal> imports);

/// Precondition: `match_imports` holds. Errors: `out_of_memory`, and nothing is left behind;
/// `data_out_of_bounds` and `elements_out_of_bounds` (phase `trap`), and the instance stays in the
/// store, since what it wrote into tables may refer to it.
[[nodiscard]] Result<Instance*> instantiate(StoreObjects& store, const Module& module,
                                            CodeMode mode, std::span<const ExternVal> imports);

/// The first half of it, without values: nothing of the module's own is written anywhere.
/// Precondition and error `out_of_memory` as above.
[[nodiscard]] Result<Instance*> allocate(StoreObjects& store, const Module& module, CodeMode mode,
                                         std::span<const ExternVal> imports);

/// The same beside another instance of the module: for `initialize`. It shares the tags of another instance
/// of the module. Precondition and error `out_of_memory` as above.
[[nodiscard]] Result<Instance*> allocate_beside(const Instance& other,
                                                std::span<const ExternVal> imports);

/// The second half of it: values of globals and table elements, segments. Once more for an instance
/// whose memories and tables are as new, it is as new.
[[nodiscard]] Result<void> initialize(Instance& instance);

/// An export as something that an import can be satisfied with.
[[nodiscard]] ExternVal extern_of(Instance& instance, ExternKind kind, std::uint32_t index);

}  // namespace fermata
