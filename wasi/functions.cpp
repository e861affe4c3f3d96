// The table of functions. See functions.hpp.
#include "wasi/functions.hpp"

#include <array>

namespace fermata::wasi {
namespace {

/// The file system and sockets: a program that asks for them is told that there are none.
Reply not_there(Call&) { return Errno::nosys; }

constexpr std::array<Function, 47> table = {{
    {"args_get", "ii:i", args_get},
    {"args_sizes_get", "ii:i", args_sizes_get},
    {"environ_get", "ii:i", environ_get},
    {"environ_sizes_get", "ii:i", environ_sizes_get},
    {"clock_res_get", "ii:i", clock_res_get},
    {"clock_time_get", "ili:i", clock_time_get},
    {"fd_advise", "illi:i", not_there},
    {"fd_allocate", "ill:i", not_there},
    {"fd_close", "i:i", fd_close},
    {"fd_datasync", "i:i", not_there},
    {"fd_fdstat_get", "ii:i", fd_fdstat_get},
    {"fd_fdstat_set_flags", "ii:i", fd_fdstat_set_flags},
    {"fd_fdstat_set_rights", "ill:i", not_there},
    {"fd_filestat_get", "ii:i", fd_filestat_get},
    {"fd_filestat_set_size", "il:i", not_there},
    {"fd_filestat_set_times", "illi:i", not_there},
    {"fd_pread", "iiili:i", not_there},
    {"fd_prestat_get", "ii:i", fd_prestat_get},
    {"fd_prestat_dir_name", "iii:i", fd_prestat_dir_name},
    {"fd_pwrite", "iiili:i", not_there},
    {"fd_read", "iiii:i", fd_read},
    {"fd_readdir", "iiili:i", not_there},
    {"fd_renumber", "ii:i", fd_renumber},
    {"fd_seek", "ilii:i", fd_seek},
    {"fd_sync", "i:i", not_there},
    {"fd_tell", "ii:i", fd_tell},
    {"fd_write", "iiii:i", fd_write},
    {"path_create_directory", "iii:i", not_there},
    {"path_filestat_get", "iiiii:i", not_there},
    {"path_filestat_set_times", "iiiilli:i", not_there},
    {"path_link", "iiiiiii:i", not_there},
    {"path_open", "iiiiillii:i", not_there},
    {"path_readlink", "iiiiii:i", not_there},
    {"path_remove_directory", "iii:i", not_there},
    {"path_rename", "iiiiii:i", not_there},
    {"path_symlink", "iiiii:i", not_there},
    {"path_unlink_file", "iii:i", not_there},
    {"poll_oneoff", "iiii:i", poll_oneoff},
    {"proc_exit", "i:", proc_exit},
    {"proc_raise", "i:i", proc_raise},
    {"sched_yield", ":i", sched_yield},
    {"random_get", "ii:i", random_get},
    {"sock_accept", "iii:i", not_there},
    {"sock_recv", "iiiiii:i", not_there},
    {"sock_send", "iiiii:i", not_there},
    {"sock_shutdown", "ii:i", not_there},
    {"thread-spawn", "i:i", thread_spawn, wasi_threads},
}};

}  // namespace

std::span<const Function> functions() { return table; }

}  // namespace fermata::wasi
