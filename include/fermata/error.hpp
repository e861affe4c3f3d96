// Errors and traps: what can go wrong, in the specification's words.
//
// Owns the error codes, the phases and the trap kinds of the whole library. An error says what
// was expected, what was found and where; it is formatted when it is made, never on a hot path.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "fermata/types.hpp"

namespace fermata {

/// Which judgement of the specification failed; `usage` is for wrong calls of this API.
enum class Phase : std::uint8_t { malformed, invalid, unlinkable, trap, exhaustion, usage };

/// One code per rule. Each has one documented sentence.
enum class ErrorCode : std::uint16_t {
  // decoding (malformed)
  malformed_binary,  ///< The bytes do not follow the binary format.
  malformed_text,    ///< The text does not follow the text format.
  // validation (invalid)
  invalid_module,         ///< A validation rule of the specification is broken.
  feature_disabled,       ///< The module uses, or may use, a proposal that the options switch off.
  unimplemented_feature,  ///< The module uses a proposal this build cannot execute yet.
  implementation_limit,   ///< The module exceeds a documented limit of this implementation.
  // linking (unlinkable)
  unresolved_function_import,   ///< The resolver refused a function import.
  global_import,                ///< The module imports a global.
  table_import,                 ///< The module imports a table.
  tag_import,                   ///< The module imports a tag.
  multiple_memories,            ///< More than one memory, or one both imported and exported.
  memory_is_not_memory,         ///< The export `memory` is not a memory.
  indirect_table_is_not_table,  ///< The export `__indirect_function_table` is not a table.
  bad_start_function,  ///< The entry is missing, not a function, or takes the wrong parameters.
  start_section_forbidden,  ///< The module has a start section and the policy forbids it.
  memory_required,          ///< The policy requires a memory and the module has none.
  bad_memory_name,          ///< The policy prescribes the memory's name and it has another.
  bad_import_type,          ///< The policy forbids a type in the signature of an imported function.
  incompatible_import,      ///< An import's type does not match what was supplied.
  unknown_import,           ///< Nothing was supplied for an import.
  // instantiation
  out_of_memory,           ///< The system refused memory, or a limit of the options did.
  data_out_of_bounds,      ///< An active data segment does not fit its memory.
  elements_out_of_bounds,  ///< An active element segment does not fit its table.
  // use of a process
  process_poisoned,      ///< The main thread ended, a thread trapped, or you gave it up; nothing runs.
  no_such_thread,        ///< The thread id was never given out, or the thread has finished.
  wrong_value_count,     ///< A different number of values is needed.
  wrong_value_type,      ///< A value of a different type is needed.
  no_such_export,        ///< The module has no export of this name and kind.
  no_such_function,      ///< The function index or table element does not name a function.
  no_such_index,         ///< The module has nothing under this index, or a type of another kind.
  no_such_tag,           ///< The tag is not one of this process or store.
  no_host_call,          ///< The thread waits for no host call.
  still_waiting,         ///< The thread waits at an address; nothing has ended that.
  not_waiting,           ///< The thread waits at no address of a memory.
  shared_memory_required,  ///< The module imports no shared memory.
  no_such_table,         ///< The process has no table that the embedder may use.
  memory_out_of_bounds,  ///< The address range lies outside the memory.
  memory_limit,          ///< The memory cannot grow so far.
  table_out_of_bounds,   ///< The index lies outside the table.
  global_immutable,      ///< The global cannot be written.
  object_out_of_bounds,  ///< The index, or a range, lies outside the struct or array.
  field_immutable,       ///< The field, or the array's elements, cannot be written.
  not_resettable,        ///< The process was created without `ProcessOptions::resettable`.
  // snapshots
  malformed_snapshot,    ///< The bytes do not follow the snapshot format.
  invalid_snapshot,      ///< The module cannot be in the state that the snapshot describes.
  snapshot_mismatch,     ///< The snapshot is of another module.
  unsupported_snapshot,  ///< The snapshot needs what this version does not have.
  io_failed,             ///< A file could not be read or written.
};

/// Why a guest trapped. `to_string` gives the wording of the specification's reference.
enum class Trap : std::uint8_t {
  none,
  unreachable,
  integer_divide_by_zero,
  integer_overflow,
  invalid_conversion_to_integer,
  out_of_bounds_memory_access,
  unaligned_atomic_access,  ///< an atomic instruction's address is no multiple of its size
  unshared_memory,          ///< memory.atomic.wait32 or wait64 of a memory that is not shared
  out_of_bounds_table_access,
  undefined_element,      ///< call_indirect past the end of the table
  uninitialized_element,  ///< call_indirect of a null reference
  indirect_call_type_mismatch,
  null_reference,
  null_function_reference,  ///< call_ref or return_call_ref of a null reference
  null_structure_reference,  ///< struct.get or struct.set of a null reference
  null_array_reference,      ///< an array instruction of a null reference
  null_i31_reference,        ///< i31.get_s or i31.get_u of a null reference
  null_exception_reference,  ///< throw_ref of a null reference
  out_of_bounds_array_access,
  uncaught_exception,    ///< what a thread that ended with `Threw` is said to have trapped with
  cast_failure,          ///< ref.cast of a reference of another type
  host_trap,             ///< the host answered a call with a trap: `Thread::trap`
  call_stack_exhausted,  ///< phase `exhaustion`
  heap_exhausted,        ///< phase `exhaustion`: more objects in use than the options allow
  out_of_memory,  ///< the system, or the budget, has no memory left for an object, or for a call's stack or code
};

/// A place in text source; line and column count from 1, columns in characters.
struct SourcePosition {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend bool operator==(SourcePosition, SourcePosition) = default;
};

struct Error {
  ErrorCode code{};
  Phase phase{};
  /// One line: what was expected and what was found. For text source two more: the source line and
  /// a caret under the place.
  std::string message;
  std::optional<std::uint64_t> offset;  ///< byte offset in the binary module, or in the snapshot
  std::optional<FuncIdx> function;      ///< the function it lies in
  std::string function_name;            ///< from the name section or an export, may be empty
  std::optional<SourcePosition> position = {};  ///< place in text source
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] std::string_view to_string(Phase phase) noexcept;
/// The enumerator's name, e.g. "unresolved_function_import".
[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;
/// The wording of the specification's reference, e.g. "integer divide by zero".
[[nodiscard]] std::string_view to_string(Trap trap) noexcept;
/// The whole error in one line: `invalid: type mismatch: expected i32, found i64 (function 3 "f",
/// at offset 0x2a)`.
[[nodiscard]] std::string to_string(const Error& error);

}  // namespace fermata
