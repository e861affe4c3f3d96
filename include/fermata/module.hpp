// Module: decoded and validated WebAssembly code; immutable; shared between processes and OS
// threads. Knows nothing of how it is executed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fermata/error.hpp"
#include "fermata/features.hpp"
#include "fermata/types.hpp"

namespace fermata {

struct ModuleImpl;  // lib/module/module_impl.hpp

class Executor;  // fermata/executor.hpp

struct ModuleOptions {
  Features features = Features::defaults();
  /// Judges the functions of a large binary module on several OS threads; null: on the caller's
  /// alone. The module, or the error, is the same. Used until the call returns.
  Executor* executor = nullptr;
};

/// The type of an import or an export.
using ExternType = std::variant<FuncType, TableType, MemoryType, GlobalType, struct TagType>;
struct TagType {
  FuncType type;
  friend bool operator==(const TagType&, const TagType&) = default;
};

struct ImportType {
  std::string_view module;  ///< may be empty; valid as long as the Module
  std::string_view name;    ///< may be empty; valid as long as the Module
  ExternType type;
};

struct ExportType {
  std::string_view name;
  ExternType type;
};

struct CustomSectionView {
  std::string_view name;
  std::span<const std::uint8_t> bytes;
};

/// A cheap handle: copies share the same immutable module. Safe to use from any OS thread.
class Module {
 public:
  /// Decodes and validates a binary module. Errors: `Phase::malformed` or `Phase::invalid`, with
  /// the byte offset. The bytes are moved in and kept.
  [[nodiscard]] static Result<Module> load(std::vector<std::uint8_t> bytes,
                                           const ModuleOptions& options = {});
  /// The same with a copy of the bytes.
  [[nodiscard]] static Result<Module> load(std::span<const std::uint8_t> bytes,
                                           const ModuleOptions& options = {});

  /// The same with the contents of a file. Error besides: `io_failed`, with the path and the system's
  /// reason.
  [[nodiscard]] static Result<Module> load_file(const std::string& path,
                                                const ModuleOptions& options = {});

  [[nodiscard]] std::vector<ImportType> imports() const;
  [[nodiscard]] std::vector<ExportType> exports() const;
  [[nodiscard]] std::vector<CustomSectionView> custom_sections() const;

  [[nodiscard]] std::uint32_t function_count() const;  ///< imported ones included
  /// The type of a function. Precondition: `function.value < function_count()`.
  [[nodiscard]] const FuncType& function_type(FuncIdx function) const;
  /// From the name section, else an export's name, else the import's names, else empty. Valid as
  /// long as the module.
  [[nodiscard]] std::string_view function_name(FuncIdx function) const;
  /// The function exported by this name.
  [[nodiscard]] std::optional<FuncIdx> exported_function(std::string_view name) const;
  /// From the name section; empty when there is none.
  [[nodiscard]] std::string_view name() const;
  /// The features that the module was loaded with.
  [[nodiscard]] Features features() const;

  /// For the layers above; not part of the stable surface.
  explicit Module(std::shared_ptr<const ModuleImpl> impl) : impl_(std::move(impl)) {}
  [[nodiscard]] const ModuleImpl& impl() const { return *impl_; }
  [[nodiscard]] const std::shared_ptr<const ModuleImpl>& shared() const { return impl_; }

 private:
  std::shared_ptr<const ModuleImpl> impl_;
};

}  // namespace fermata
