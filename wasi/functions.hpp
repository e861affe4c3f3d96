// The functions of wasi_snapshot_preview1, and the one of wasi-threads: one row each, with name,
// signature and handler. Those of wasi_unstable (preview 0) are the same but for some layouts.
//
// Owns the table and what a handler is given. A handler gets typed arguments by position (the
// signature was checked when the import was resolved) and answers at once; it never waits.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "wasi/guest_memory.hpp"
#include "wasi/vectors.hpp"
#include "wasi/wasi_impl.hpp"

namespace fermata::wasi {

/// One call: the world, the process, its memory and the arguments.
struct Call {
  WasiImpl& world;
  Process& process;
  GuestMemory memory;
  std::span<const Value> arguments;
  bool preview0 = false;      // its layouts are those of wasi_unstable
  bool time_is_over = false;  // the timeout that it was blocked with has passed

  [[nodiscard]] std::uint32_t u32(std::size_t i) const { return arguments[i].as_u32(); }
  [[nodiscard]] std::uint64_t u64(std::size_t i) const { return arguments[i].as_u64(); }

  /// What is open under the number that argument `i` is, with these rights. Errors: `badf`,
  /// `notcapable`.
  [[nodiscard]] Expected<Descriptor*> descriptor(std::size_t i, std::uint64_t wanted = 0) const;
  /// The same of a directory: `notdir`.
  [[nodiscard]] Expected<OpenedDirectory*> directory(std::size_t i, std::uint64_t wanted) const;
  /// The same of a regular file. `isdir`, `spipe` for what is none.
  [[nodiscard]] Expected<OpenedFile*> file(std::size_t i, std::uint64_t wanted) const;
  /// The path whose address and length are arguments `i` and `i + 1`. Errors: `fault`,
  /// `nametoolong`.
  [[nodiscard]] Expected<std::string> path(std::size_t i);
  /// The guest's iovec array at argument `i`, its count behind it.
  [[nodiscard]] Expected<Vectors> vectors(std::size_t i);
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
inline constexpr std::string_view unstable = "wasi_unstable";
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

// clock_calls.cpp: time
[[nodiscard]] Reply clock_res_get(Call& call);
[[nodiscard]] Reply clock_time_get(Call& call);

// poll_call.cpp: waiting for time and descriptors
[[nodiscard]] Reply poll_oneoff(Call& call);

// descriptor_calls.cpp: the descriptor table and what can be asked of everything open
[[nodiscard]] Reply fd_close(Call& call);
[[nodiscard]] Reply fd_fdstat_get(Call& call);
[[nodiscard]] Reply fd_fdstat_set_flags(Call& call);
[[nodiscard]] Reply fd_fdstat_set_rights(Call& call);
[[nodiscard]] Reply fd_filestat_get(Call& call);
[[nodiscard]] Reply fd_filestat_set_times(Call& call);
[[nodiscard]] Reply fd_prestat_dir_name(Call& call);
[[nodiscard]] Reply fd_prestat_get(Call& call);
[[nodiscard]] Reply fd_renumber(Call& call);

// file_calls.cpp: what can be done with a file besides reading and writing
[[nodiscard]] Reply fd_advise(Call& call);
[[nodiscard]] Reply fd_allocate(Call& call);
[[nodiscard]] Reply fd_datasync(Call& call);
[[nodiscard]] Reply fd_filestat_set_size(Call& call);
[[nodiscard]] Reply fd_sync(Call& call);

// directory_calls.cpp
[[nodiscard]] Reply fd_readdir(Call& call);

// open_call.cpp
[[nodiscard]] Reply path_open(Call& call);

// path_calls.cpp: what is done by a path, but for opening
[[nodiscard]] Reply path_create_directory(Call& call);
[[nodiscard]] Reply path_filestat_get(Call& call);
[[nodiscard]] Reply path_filestat_set_times(Call& call);
[[nodiscard]] Reply path_link(Call& call);
[[nodiscard]] Reply path_readlink(Call& call);
[[nodiscard]] Reply path_remove_directory(Call& call);
[[nodiscard]] Reply path_rename(Call& call);
[[nodiscard]] Reply path_symlink(Call& call);
[[nodiscard]] Reply path_unlink_file(Call& call);

// socket_calls.cpp
[[nodiscard]] Reply sock_accept(Call& call);
[[nodiscard]] Reply sock_recv(Call& call);
[[nodiscard]] Reply sock_send(Call& call);
[[nodiscard]] Reply sock_shutdown(Call& call);

// thread_calls.cpp: more threads
[[nodiscard]] Reply thread_spawn(Call& call);

// stream_calls.cpp: bytes in and out
[[nodiscard]] Reply fd_pread(Call& call);
[[nodiscard]] Reply fd_pwrite(Call& call);
[[nodiscard]] Reply fd_read(Call& call);
[[nodiscard]] Reply fd_seek(Call& call);
[[nodiscard]] Reply fd_tell(Call& call);
[[nodiscard]] Reply fd_write(Call& call);

// --- what several of them need

/// The stream has nothing now: an error for a guest that doesn't want to wait.
[[nodiscard]] Reply blocked_on(const Call& call, const Descriptor& descriptor, bool for_writing);
/// Specification: "filestat"; preview 0 has it 8 bytes shorter.
[[nodiscard]] Errno store_filestat(Call& call, Address at, const FileStat& stat);
/// Specification: "fstflags". `inval` for flags that exclude each other.
[[nodiscard]] Expected<Times> times_of(std::uint32_t flags, std::uint64_t accessed,
                                       std::uint64_t modified);

}  // namespace fermata::wasi
