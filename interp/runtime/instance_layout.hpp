// InstanceLayout: what every instance of one module has in common besides its code.
//
// Computed once per module and shared: which functions references are made of in bulk, and how
// much an instance takes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lib/module/module_impl.hpp"

namespace fermata {

class InstanceLayout final : public Attachment {
 public:
  explicit InstanceLayout(const ModuleImpl& module);

  /// The layout of a module, made on first use. Thread-safe.
  [[nodiscard]] static const InstanceLayout& of(const ModuleImpl& module);

  static constexpr std::uint32_t not_listed = ~std::uint32_t{0};

  /// The defined functions that element segments mention, ascending: where there is one reference
  /// there are many, so an instance makes them all at once.
  [[nodiscard]] std::span<const std::uint32_t> listed() const { return listed_; }
  /// A function's place among them, else `not_listed`.
  [[nodiscard]] std::uint32_t place(FuncIdx function) const {
    return places_.empty() ? not_listed : places_[function.value];
  }

  /// The slots of the module's own globals that may refer to the heap.
  [[nodiscard]] std::span<const std::uint32_t> traced_globals() const { return traced_globals_; }

  /// Whether an instance may make objects: there is a type for them, or a tag.
  [[nodiscard]] bool has_objects() const { return has_objects_; }

  /// What an instance counts for in its store's budget, its tables' elements and its memories'
  /// pages aside (docs/process.md, section 11): the same on every host, and no less than it takes.
  [[nodiscard]] std::uint64_t instance_bytes() const { return instance_bytes_; }
  /// What its tables and memories begin with, if there are several; no more than that.
  [[nodiscard]] std::uint64_t contents_bytes() const { return contents_bytes_; }

 private:
  void list(const ModuleImpl& module, FuncIdx function);
  void list_traced_globals(const ModuleImpl& module);
  [[nodiscard]] static std::uint64_t evaluated_elements(const ModuleImpl& module);
  [[nodiscard]] static std::uint64_t tag_bytes(const ModuleImpl& module);
  void count_bytes(const ModuleImpl& module);
  void count_contents(const ModuleData& data);

  std::vector<std::uint32_t> listed_;
  std::vector<std::uint32_t> places_;  // one per function, empty when none is listed
  std::vector<std::uint32_t> traced_globals_;
  bool has_objects_ = false;
  std::uint64_t instance_bytes_ = 0;
  std::uint64_t contents_bytes_ = 0;
};

}  // namespace fermata
