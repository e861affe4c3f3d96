// The functions of wasi_snapshot_preview1, and the one of wasi-threads: one row each, with name,
// signature and handler.
//
// Owns the table and what a handler is given. A handler gets typed arguments by position (the
// signature was checked when the import was resolved) and answers at once; it never waits.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "wasi/guest_memory.hpp"
#include "wasi/wasi_impl.hpp"

namespace fermata::wasi {

/// One call: the world, the process, its memory and the arguments.
struct Call {
  WasiImpl& world;
  Process& process;
  GuestMemory memory;
  std::span<const Value> arguments;

  [[nodiscard]] std::uint32_t u32(std::size_t i) const { return arguments[i].as_u32(); }
  [[nodiscard]] std::uint64_t u64(std::size_t i) const { return arguments[i].as_u64(); }
};

/// Success, but the guest is not to go on before this time has passed.
struct Delayed {
  std::chrono::nanoseconds delay;
};
/// A number that is no error number.
struct Number {
  std::int32_t value = 0;
};
using Reply = std::variant<Errno, Delayed, Exited, Blocked, Number>;

inline constexpr std::string_view preview1 = "wasi_snapshot_preview1";
inline constexpr std::string_view wasi_threads = "wasi";

struct Function {
  std::string_view name;
  std::string_view signature;  ///< `i` i32, `l` i64: parameters, a colon, results
  Reply (*handler)(Call&);
  std::string_view module = preview1;
};

/// All of them, those of preview 1 in the specification's order. A function's place is its number
/// less the first one.
[[nodiscard]] std::span<const Function> functions();

// world_calls.cpp: what the program is told about itself and the machine
[[nodiscard]] Reply args_get(Call& call);
[[nodiscard]] Reply args_sizes_get(Call& call);
[[nodiscard]] Reply environ_get(Call& call);
[[nodiscard]] Reply environ_sizes_get(Call& call);
[[nodiscard]] Reply proc_exit(Call& call);
[[nodiscard]] Reply proc_raise(Call& call);
[[nodiscard]] Reply random_get(Call& call);
[[nodiscard]] Reply sched_yield(Call& call);

// clock_calls.cpp: time, and waiting for it
[[nodiscard]] Reply clock_res_get(Call& call);
[[nodiscard]] Reply clock_time_get(Call& call);
[[nodiscard]] Reply poll_oneoff(Call& call);

// descriptor_calls.cpp: the descriptor table and what can be asked of an open file
[[nodiscard]] Reply fd_close(Call& call);
[[nodiscard]] Reply fd_fdstat_get(Call& call);
[[nodiscard]] Reply fd_fdstat_set_flags(Call& call);
[[nodiscard]] Reply fd_filestat_get(Call& call);
[[nodiscard]] Reply fd_prestat_dir_name(Call& call);
[[nodiscard]] Reply fd_prestat_get(Call& call);
[[nodiscard]] Reply fd_renumber(Call& call);

// thread_calls.cpp: more threads
[[nodiscard]] Reply thread_spawn(Call& call);

// stream_calls.cpp: bytes in and out
[[nodiscard]] Reply fd_read(Call& call);
[[nodiscard]] Reply fd_seek(Call& call);
[[nodiscard]] Reply fd_tell(Call& call);
[[nodiscard]] Reply fd_write(Call& call);

}  // namespace fermata::wasi
