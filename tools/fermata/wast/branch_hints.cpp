// See branch_hints.hpp.
#include "tools/fermata/wast/branch_hints.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lib/binary/instruction_reader.hpp"
#include "lib/binary/reader.hpp"
#include "lib/module/module_impl.hpp"

namespace fermata::tool::wast {
namespace {

constexpr std::string_view section_name = "metadata.code.branch_hint";
using Wrong = std::optional<std::string>;

/// Where a function's local declarations begin, behind the size of its code entry.
std::uint32_t begin_of_locals(const ModuleImpl& module, const FuncDef& function) {
  Reader entry(module.data.bytes, {function.offset, function.body.end});
  static_cast<void>(entry.length());
  return entry.offset();
}

/// The hints of one function, which its section's reader is at.
class FunctionHints {
 public:
  FunctionHints(const ModuleImpl& module, FuncIdx function, Reader& section)
      : begin_(begin_of_locals(module, module.definition(function))),
        code_(module.data.bytes, module.definition(function).body, module.features),
        section_(section) {}

  Wrong judge() {
    const std::uint32_t count = section_.length();
    for (std::uint32_t i = 0; i < count; ++i) {
      if (auto wrong = judge_next()) return wrong;
    }
    return std::nullopt;
  }

 private:
  // Offsets count from there, and ascend.
  Wrong judge_next() {
    const std::uint64_t place = std::uint64_t{begin_} + section_.u32();
    const std::uint32_t size = section_.u32();
    const std::uint8_t value = section_.byte();
    if (!section_.ok()) return "unexpected end";
    if (size != 1 || value > 1) {
      return fmt::format("invalid hint value: expected one byte, 0 or 1, found {} with {}", size,
                         value);
    }
    Instruction in;
    while (!code_.at_end() && code_.offset() <= place && code_.next(in)) {
      const bool is_target = in.op == WasmOp::if_ || in.op == WasmOp::br_if;
      if (in.offset == place) return is_target ? Wrong() : "invalid target: expected if or br_if";
    }
    return fmt::format("invalid target: no instruction is at {:#x} behind the hint before", place);
  }

  std::uint32_t begin_;
  InstructionReader code_;
  Reader& section_;
};

Wrong judge(const ModuleImpl& module, const CustomSection& section) {
  Reader reader(module.data.bytes, section.bytes);
  const std::uint32_t count = reader.length();
  std::uint64_t first = module.imported_funcs;  // that may have hints: they ascend
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t function = reader.u32();
    if (!reader.ok()) return "unexpected end";
    if (function < first || function >= module.func_types.size()) {
      return fmt::format("invalid function {}: expected one from {} on", function, first);
    }
    first = std::uint64_t{function} + 1;
    if (auto wrong = FunctionHints(module, FuncIdx{function}, reader).judge()) return wrong;
  }
  return reader.at_end() ? Wrong() : "unexpected content";
}

}  // namespace

Wrong wrong_branch_hint(const Module& module) {
  const auto& customs = module.impl().data.customs;
  const auto section = std::ranges::find(customs, section_name, &CustomSection::name);
  return section == customs.end() ? std::nullopt : judge(module.impl(), *section);
}

}  // namespace fermata::tool::wast
