// The names of errors, phases and traps, and the one-line form of an error.
//
// Owns the wording that users see around a message. Must not know what produces errors.
#include "fermata/error.hpp"

#include <fmt/format.h>

#include <array>

#include "lib/module/quoted.hpp"

namespace fermata {
namespace {

template <class Enum>
constexpr std::size_t index(Enum value) {
  return static_cast<std::size_t>(value);
}

}  // namespace

// Each array is in its enumeration's order.

constexpr std::array phase_names = std::to_array<std::string_view>({
    "malformed",
    "invalid",
    "unlinkable",
    "trap",
    "exhaustion",
    "usage",
});
static_assert(phase_names.size() == index(Phase::usage) + 1);

std::string_view to_string(Phase phase) noexcept { return phase_names[index(phase)]; }

constexpr std::array code_names = std::to_array<std::string_view>({
    "malformed_binary",
    "malformed_text",
    "invalid_module",
    "feature_disabled",
    "unimplemented_feature",
    "implementation_limit",
    "unresolved_function_import",
    "global_import",
    "table_import",
    "tag_import",
    "multiple_memories",
    "memory_is_not_memory",
    "indirect_table_is_not_table",
    "bad_start_function",
    "start_section_forbidden",
    "memory_required",
    "bad_memory_name",
    "bad_import_type",
    "incompatible_import",
    "unknown_import",
    "out_of_memory",
    "data_out_of_bounds",
    "elements_out_of_bounds",
    "process_poisoned",
    "no_such_thread",
    "wrong_value_count",
    "wrong_value_type",
    "no_such_export",
    "no_such_function",
    "no_such_index",
    "no_such_tag",
    "no_host_call",
    "still_waiting",
    "not_waiting",
    "shared_memory_required",
    "no_such_table",
    "memory_out_of_bounds",
    "memory_limit",
    "table_out_of_bounds",
    "global_immutable",
    "object_out_of_bounds",
    "field_immutable",
    "not_resettable",
    "malformed_snapshot",
    "invalid_snapshot",
    "snapshot_mismatch",
    "unsupported_snapshot",
    "io_failed",
});
static_assert(code_names.size() == index(ErrorCode::io_failed) + 1);

std::string_view to_string(ErrorCode code) noexcept { return code_names[index(code)]; }

constexpr std::array trap_names = std::to_array<std::string_view>({
    "none",
    "unreachable",
    "integer divide by zero",
    "integer overflow",
    "invalid conversion to integer",
    "out of bounds memory access",
    "unaligned atomic memory access",
    "expected shared memory",
    "out of bounds table access",
    "undefined element",
    "uninitialized element",
    "indirect call type mismatch",
    "null reference",
    "null function reference",
    "null structure reference",
    "null array reference",
    "null i31 reference",
    "null exception reference",
    "out of bounds array access",
    "uncaught exception",
    "cast failure",
    "host trap",
    "call stack exhausted",
    "heap exhausted",
    "out of memory",
});
static_assert(trap_names.size() == index(Trap::out_of_memory) + 1);

std::string_view to_string(Trap trap) noexcept { return trap_names[index(trap)]; }

std::string to_string(const Error& error) {
  std::string line = fmt::format("{}: {}", to_string(error.phase), error.message);
  std::string place;
  if (error.function) {
    place = fmt::format("function {}", error.function->value);
    if (!error.function_name.empty()) place += fmt::format(" {}", quoted(error.function_name));
  }
  if (error.offset) {
    place += fmt::format("{}at offset 0x{:x}", place.empty() ? "" : ", ", *error.offset);
  }
  return place.empty() ? line : fmt::format("{} ({})", line, place);
}

}  // namespace fermata
