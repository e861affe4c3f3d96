// ModuleImpl: validated module data with its index spaces resolved. What Module is a handle of.
//
// Built once by Module::load, immutable after. Other layers hang what they derive from a module
// (lowered code) on it through `attachments`, of which this layer knows nothing but the keys.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fermata/features.hpp"
#include "fermata/module.hpp"
#include "lib/module/module_data.hpp"
#include "lib/module/type_registry.hpp"

namespace fermata {

/// Something another layer derives from a module and wants to live as long as it.
class Attachment {
 public:
  virtual ~Attachment() = default;
};

/// All that is attached to modules. A key says what type the attachment has: no two share one.
enum class AttachmentKey : std::uint8_t {
  names,
  import_names,
  hash,
  instance_layout,
  memory_pool,
  object_types,
  code,  ///< the first of the code caches, of which each CodeMode has one
  end = code + 16,
};

/// Attachments by key; thread-safe. `get_or_make` calls `make` at most once per key, and finds
/// without a lock what was made.
class Attachments {
 public:
  template <class Make>
  [[nodiscard]] Attachment& get_or_make(AttachmentKey key, const Make& make) {
    Slot& slot = slots_[static_cast<std::size_t>(key)];
    Attachment* made = slot.made.load(std::memory_order_acquire);
    if (made != nullptr) return *made;
    const std::lock_guard lock(mutex_);
    if (!slot.owner) slot.owner = make();
    slot.made.store(slot.owner.get(), std::memory_order_release);
    return *slot.owner;
  }

 private:
  struct Slot {
    std::atomic<Attachment*> made = nullptr;
    std::unique_ptr<Attachment> owner;
  };
  std::mutex mutex_;  // of the owners
  std::array<Slot, static_cast<std::size_t>(AttachmentKey::end)> slots_;
};

/// On cache lines of its own: the count of those who share it, which lies in front of it, changes
/// with each process on any OS thread.
struct alignas(64) ModuleImpl {
  ModuleData data;
  Features features;

  // The index spaces, imports first. Filled before validation, sizes as the module declares.
  std::vector<TypeIdx> func_types;
  std::vector<TableType> tables;
  std::vector<MemoryType> memories;
  std::vector<GlobalType> globals;
  std::vector<TypeIdx> tags;
  std::uint32_t imported_funcs = 0;
  std::uint32_t imported_tables = 0;
  std::uint32_t imported_memories = 0;
  std::uint32_t imported_globals = 0;
  std::uint32_t imported_tags = 0;

  /// Canonical id of each type; equal exactly when the types are equivalent, across modules.
  /// Released with the module.
  CanonicalTypes canonical;

  /// Per defined function: the most slots its operands take at once (v128 counts two), found by
  /// the validator. Parameters, locals and these together never exceed `limits::frame_slots`.
  std::vector<std::uint32_t> max_operand_slots;
  /// Per defined function that catches as before 3.0: the slots that it needs for what is caught.
  std::map<std::uint32_t, std::uint32_t> caught_slots;

  /// Per defined global, and for the end: its first slot among those of an instance's globals.
  std::vector<std::uint32_t> global_slots;

  std::map<std::string_view, std::uint32_t> export_index;         // into data.exports
  std::unordered_map<std::uint32_t, std::uint32_t> func_exports;  // a function's first, the same
  std::vector<std::uint32_t> func_imports;  // per imported function: into data.imports

  mutable Attachments attachments;

  [[nodiscard]] const FuncType& func_type(FuncIdx f) const {
    return std::get<FuncType>(data.types[func_types[f.value].value].composite);
  }
  [[nodiscard]] bool is_imported(FuncIdx f) const { return f.value < imported_funcs; }
  /// Precondition: not imported.
  [[nodiscard]] std::uint32_t global_slot(GlobalIdx g) const {
    return global_slots[g.value - imported_globals];
  }
  /// Precondition: not imported.
  [[nodiscard]] const FuncDef& definition(FuncIdx f) const {
    return data.functions[f.value - imported_funcs];
  }
  /// The same for its locals, parameters not included.
  [[nodiscard]] std::span<const LocalRun> locals(FuncIdx f) const {
    return data.locals(definition(f));
  }
};

struct ValidateOptions;  // lib/validate/validate.hpp

/// Fills the index spaces of a decoded or parsed module and validates it. Errors are validate()'s,
/// with the function's name filled in.
[[nodiscard]] Result<Module> make_module(ModuleData data, Features features);
[[nodiscard]] Result<Module> make_module(ModuleData data, Features features,
                                         const ValidateOptions& options);

/// From the name section, else an export's name, else the import's names, else empty. Valid as long
/// as the module, which need not be a valid one.
[[nodiscard]] std::string_view function_name(const ModuleImpl& module, FuncIdx function);

}  // namespace fermata
