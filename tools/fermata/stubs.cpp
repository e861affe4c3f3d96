// See stubs.hpp.
#include "tools/fermata/stubs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "fermata/wasi.hpp"
#include "lib/module/module_impl.hpp"
#include "lib/module/quoted.hpp"
#include "tools/fermata/console.hpp"
#include "tools/fermata/value_text.hpp"

namespace fermata::tool {
namespace {

std::string quoted_name(const Import& import) {
  return fmt::format("{}.{}", quoted(import.module), quoted(import.name));
}

std::string type_text(const FuncType& type) {
  constexpr std::size_t longest = 200;  // a few bytes name a type of any length
  return shortened(to_string(type), longest);
}

std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto comma = list.find(',');
    parts.push_back(list.substr(0, comma));
    if (comma == list.npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

// --- what the command line gives -----------------------------------------------------------------

Complaint Stubs::add(std::string_view text) {
  const auto equals = text.rfind('=');  // no value has one
  const auto name = text.substr(0, equals);
  if (name.find('.') == name.npos) {
    return fmt::format("'{}' is not MODULE.NAME or MODULE.NAME=VALUE", shortened(text));
  }
  Stub stub;
  stub.has_values = equals != text.npos;
  if (stub.has_values) stub.values = text.substr(equals + 1);
  stubs_.insert_or_assign(std::string(name), std::move(stub));
  return std::nullopt;
}

std::vector<Option> stub_options(Stubs& stubs) {
  return {{"--stub", "MODULE.NAME[=VALUE]",
           "answer calls of this import with VALUE, or VALUE,VALUE for\nseveral results (may be "
           "repeated)",
           [&stubs](std::string_view v) { return stubs.add(v); }},
          {"--trap-unknown", "",
           "run a program although nothing answers some of its imports:\na call of one traps",
           [&stubs](std::string_view) -> Complaint {
             stubs.trap_unknown();
             return std::nullopt;
           }}};
}

// --- what answers which import -------------------------------------------------------------------

bool Stubs::bind(std::string_view file, const Module& module) {
  module_ = module;
  if (!bind_functions(file, module)) return false;
  for (const auto& [name, stub] : stubs_) {
    if (stub.is_used) continue;
    complain(
        fmt::format("{}: --stub {}: the module imports no such function", file, shortened(name)));
    return false;
  }
  if (std::ranges::all_of(imports_, &BoundImport::has_answer)) return true;
  complain_of_missing(file, module);
  return false;
}

/// False, and it is on stderr why, when a stub does not fit.
bool Stubs::bind_functions(std::string_view file, const Module& module) {
  const auto& all = module.impl().data.imports;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    const Import& import = all[i];
    if (import.kind() != ExternKind::func) continue;
    const FuncIdx function{static_cast<std::uint32_t>(imports_.size())};
    const FuncType& type = module.function_type(function);
    BoundImport& bound = imports_.emplace_back();
    bound.import = i;
    bound.number = function.value;
    const auto stub =
        stubs_.empty() ? stubs_.end() : stubs_.find(import.module + '.' + import.name);
    if (stub != stubs_.end()) {
      stub->second.is_used = true;
      const auto wrong = bind_stub(stub->second, type, bound);
      if (!wrong) continue;
      complain(fmt::format("{}: --stub {}: {}", file, shortened(stub->first), *wrong));
      return false;
    }
    const auto number = wasi::Wasi::resolve({import.module, import.name, type});
    bound.number = number.value_or(function.value);
    bound.has_answer = number || traps_unknown_;
  }
  return true;
}

Complaint Stubs::bind_stub(const Stub& stub, const FuncType& type, BoundImport& bound) const {
  const auto words = stub.has_values ? split(stub.values) : std::vector<std::string_view>();
  if (words.size() != type.results.size()) {
    return fmt::format("the function has {} results, not {}: {}", type.results.size(), words.size(),
                       type_text(type));
  }
  std::vector<Value>& results = bound.results.emplace();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto value = parse_value(words[i], type.results[i]);
    if (!value) return fmt::format("result {}: {}", i + 1, value.error());
    results.push_back(*value);
  }
  return std::nullopt;
}

/// Also of those that are no functions and can have no answer at all.
void Stubs::complain_of_missing(std::string_view file, const Module& module) const {
  constexpr std::size_t most = 20;
  complain(fmt::format("{}: unlinkable: nothing answers these imports, by name and type:", file));
  std::size_t count = 0;
  std::size_t function = 0;
  for (const Import& import : module.impl().data.imports) {
    const bool is_function = import.kind() == ExternKind::func;
    const std::size_t index = is_function ? function++ : 0;
    const bool is_missing =
        is_function ? !imports_[index].has_answer : import.kind() != ExternKind::memory;
    if (!is_missing || ++count > most) continue;
    const std::string text =
        is_function ? type_text(module.function_type(FuncIdx{static_cast<std::uint32_t>(index)}))
                    : "not a function: only functions and a memory can be imported";
    print_error(fmt::format("  {}  {}\n", printable(quoted_name(import)), text));
  }
  if (count > most) print_error(fmt::format("  ... and {} more\n", count - most));
  complain("--stub MODULE.NAME=VALUE answers one, --trap-unknown traps where one is called");
}

Resolver Stubs::resolver() const {
  return [this](const FunctionImport& import) {
    return std::optional(imports_[import.index.value].number);
  };
}

std::optional<std::string> Stubs::unrecordable() const {
  const auto is_number = [](ValType type) { return type.is_num(); };
  for (std::uint32_t i = 0; i < imports_.size(); ++i) {
    const FuncType& type = module_->function_type(FuncIdx{i});
    if (std::ranges::all_of(type.params, is_number) &&
        std::ranges::all_of(type.results, is_number)) {
      continue;
    }
    return fmt::format("calls of {} cannot be recorded, which has other types than numbers: {}",
                       name(i), type_text(type));
  }
  return std::nullopt;
}

const std::vector<Value>* Stubs::results(std::uint64_t number) const {
  const auto& results = imports_[static_cast<std::size_t>(number)].results;
  return results ? &*results : nullptr;
}

std::string Stubs::name(std::uint64_t number) const {
  const auto import = imports_[static_cast<std::size_t>(number)].import;
  return quoted_name(module_->impl().data.imports[import]);
}

}  // namespace fermata::tool
