// Every limit of this implementation: how much there may be of what a module, a text, a script or a
// guest asks for. Each has a unit, and says why it is there and whether an option changes it.
//
// What exceeds one of the first two groups is refused with `ErrorCode::implementation_limit`; the
// others say how they are met. Limits of the WebAssembly JavaScript Interface ("Implementation-defined
// Limits") are taken over where there are any: what loads in a browser loads here.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fermata::limits {

// --- modules, while they are decoded: each bounds memory that a few bytes could ask for. Those of
// the JavaScript interface, but for the memories', and that parameters are not counted as locals.

inline constexpr std::uint32_t module_bytes = 1u << 30;
inline constexpr std::uint32_t types = 1'000'000;
inline constexpr std::uint32_t rec_groups = 1'000'000;
inline constexpr std::uint32_t imports = 1'000'000;
inline constexpr std::uint32_t functions = 1'000'000;  ///< defined ones; imported ones are imports
inline constexpr std::uint32_t tables = 100'000;
inline constexpr std::uint32_t memories = 10'000;  ///< more than anybody has, less than 2^16
inline constexpr std::uint32_t globals = 1'000'000;
inline constexpr std::uint32_t tags = 1'000'000;
inline constexpr std::uint32_t exports = 1'000'000;
inline constexpr std::uint32_t elem_segments = 10'000'000;
inline constexpr std::uint32_t segment_elements = 10'000'000;  ///< of one element segment
inline constexpr std::uint32_t data_segments = 100'000;
inline constexpr std::uint32_t function_bytes = 7'654'321;  ///< of one body
inline constexpr std::uint32_t locals = 50'000;  ///< of one function, parameters not included

// --- modules, while they are validated: each bounds the work that one byte can cause. Those of the
// JavaScript interface, but for the frame's.

inline constexpr std::uint32_t function_params = 1'000;
inline constexpr std::uint32_t function_results = 1'000;
inline constexpr std::uint32_t struct_fields = 10'000;
inline constexpr std::uint32_t subtype_depth = 63;  ///< supertypes above a type
/// Slots of 8 bytes: parameters, locals (a vector takes two) and the most operands at once, with
/// `frame_reserve_slots`. A slot's number is a 16-bit field of an instruction.
inline constexpr std::uint32_t frame_slots = 60'000;
inline constexpr std::uint32_t frame_reserve_slots = 16;  ///< that the interpreter needs in a frame

// --- texts, scripts and components

inline constexpr std::size_t source_bytes = std::size_t{1} << 30;  ///< sources have fewer
/// A text about a module (printed, disassembled) has at most this many bytes for each of the module's,
/// and `text_bytes_besides`: no module that a compiler makes comes near.
inline constexpr std::uint64_t text_bytes_per_byte = 256;
inline constexpr std::uint64_t text_bytes_besides = std::uint64_t{16} << 20;
inline constexpr int script_depth = 100;             ///< commands and patterns within each other
inline constexpr std::size_t script_threads = 1'000;  ///< that one script of the testsuite starts
inline constexpr std::size_t component_depth = 100;   ///< components within each other

// --- processes. The defaults of `ExecutionOptions`, which an embedder sets as it likes, and what no
// option changes.

/// `max_bytes`: memories, tables, stacks, heap and register code together. Room for one memory of
/// 4 GiB and as much as most programs need besides.
inline constexpr std::uint64_t default_bytes = std::uint64_t{5} << 30;
/// `max_stack_bytes`: of one guest thread; past it a call traps (`call_stack_exhausted`). Ten thousand
/// frames of the usual size.
inline constexpr std::size_t default_stack_bytes = std::size_t{1} << 20;
/// `max_memory_pages`: of 64 KiB, of one memory; past it `memory.grow` gives -1.
inline constexpr std::uint64_t default_memory_pages = 65'536;
/// `max_heap_bytes`: of objects; past it the instruction that makes one traps (`heap_exhausted`).
inline constexpr std::uint64_t default_heap_bytes = std::uint64_t{1} << 30;
/// `max_table_elements`: of all tables together; past it `table.grow` gives -1.
inline constexpr std::uint64_t default_table_elements = 10'000'000;
/// Of one table, by the instructions' 32 bits: `table.grow` gives -1.
inline constexpr std::uint64_t table_elements = UINT32_MAX - 1;
/// Of the message that a trap of the host's keeps (`Thread::trap`); the rest is cut off.
inline constexpr std::size_t trap_message_bytes = 1'000;

}  // namespace fermata::limits

/// Of WASI's calls: each bounds what one call of a guest makes the host do. Met with the error that is
/// named; only `default_descriptors` is an option.
namespace fermata::wasi::limits {

/// `Config::max_descriptors`: as many are open at once (`mfile`).
inline constexpr std::uint32_t default_descriptors = 4'096;
inline constexpr std::uint32_t vectors = 1'024;            ///< iovec of one call (`inval`)
inline constexpr std::size_t transfer_bytes = 0x7fff'f000;  ///< that one call moves; it moves so many
inline constexpr std::size_t datagram_bytes = 1u << 16;     ///< of several buffers, as one message
inline constexpr std::uint32_t subscriptions = 4'096;       ///< of one `poll_oneoff` (`inval`)
/// Of one `random_get` (`inval`): the system takes seconds for a gigabyte, and a host call must not.
inline constexpr std::uint32_t random_bytes = 64u << 20;
inline constexpr std::size_t path_bytes = 4'096;  ///< with a link's target put in (`nametoolong`)
inline constexpr int links = 40;                  ///< that are followed for one path (`loop`)
inline constexpr std::size_t walk_depth = 256;    ///< directories that one path holds open (`nametoolong`)
inline constexpr std::size_t walk_steps = 4'096;  ///< of one path, links included (`nametoolong`)
// In a directory of `memory_directory`, as the usual file systems have them (`nametoolong`).
inline constexpr std::size_t name_bytes = 255;
inline constexpr std::size_t target_bytes = 4'095;  ///< of a link
/// The last number of a thread that the proposal wasi-threads allows (`again`).
inline constexpr std::int32_t thread_number = (1 << 29) - 1;

}  // namespace fermata::wasi::limits
