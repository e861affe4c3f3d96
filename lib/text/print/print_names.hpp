// PrintNames: how the printer writes indices, and where they are bound.
//
// Owns which names can be identifiers, and whether identifiers and annotations say all that the
// module's names say. Knows nothing of the layout of the text.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lib/module/module_data.hpp"

namespace fermata::text {

/// `$name`, or `$"name"` when it has other characters than identifiers have. Precondition:
/// can_be_id(name).
[[nodiscard]] std::string print_id(std::string_view name);
/// Not empty, valid UTF-8 and not unreasonably long.
[[nodiscard]] bool can_be_id(std::string_view name);

/// The names of one index space, or of one function's locals.
class PrintSpace {
 public:
  PrintSpace() = default;
  /// Names past `size` are left out.
  PrintSpace(const Names::Map& names, std::uint32_t size);

  /// The index, by its id if it has one.
  [[nodiscard]] std::string use(std::uint32_t index) const;
  /// What stands where the index is bound, with a space before it: ` $id`, or ` (@name "...")`, or
  /// nothing.
  [[nodiscard]] std::string binding(std::uint32_t index) const;
  [[nodiscard]] bool has_binding(std::uint32_t index) const { return bindings_.contains(index); }
  /// Whether all names are said by their bindings.
  [[nodiscard]] bool is_complete() const { return is_complete_; }

 private:
  std::unordered_map<std::uint32_t, std::string> ids_;
  std::unordered_map<std::uint32_t, std::string> bindings_;
  bool is_complete_ = true;
};

/// The names of a module. `label_counts` holds how many blocks each defined function has.
struct PrintNames {
  PrintNames(const ModuleData& module, std::span<const std::uint32_t> label_counts);

  PrintSpace types, funcs, tables, memories, globals, tags, elems, datas;
  // Ordered: a name section may name any index, so whoever writes it can aim at a table's size.
  std::map<std::uint32_t, PrintSpace> locals;  // by function
  std::map<std::uint32_t, PrintSpace> fields;  // by type
  std::string module;                          // ` $id`, ` (@name ...)` or nothing
  /// Whether identifiers and annotations say all names.
  bool is_complete = true;

  [[nodiscard]] const PrintSpace& locals_of(std::uint32_t function) const;
  [[nodiscard]] const PrintSpace& fields_of(std::uint32_t type) const;
};

}  // namespace fermata::text
