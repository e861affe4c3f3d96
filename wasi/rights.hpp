// WASI's rights and flags by name (specification: "rights", "fdflags", "oflags", "lookupflags",
// "fstflags"), and which rights apply to which kind of file.
#pragma once

#include <cstdint>

namespace fermata::wasi {

namespace rights {
inline constexpr std::uint64_t fd_datasync = 1u << 0;
inline constexpr std::uint64_t fd_read = 1u << 1;
inline constexpr std::uint64_t fd_seek = 1u << 2;
inline constexpr std::uint64_t fd_fdstat_set_flags = 1u << 3;
inline constexpr std::uint64_t fd_sync = 1u << 4;
inline constexpr std::uint64_t fd_tell = 1u << 5;
inline constexpr std::uint64_t fd_write = 1u << 6;
inline constexpr std::uint64_t fd_advise = 1u << 7;
inline constexpr std::uint64_t fd_allocate = 1u << 8;
inline constexpr std::uint64_t path_create_directory = 1u << 9;
inline constexpr std::uint64_t path_create_file = 1u << 10;
inline constexpr std::uint64_t path_link_source = 1u << 11;
inline constexpr std::uint64_t path_link_target = 1u << 12;
inline constexpr std::uint64_t path_open = 1u << 13;
inline constexpr std::uint64_t fd_readdir = 1u << 14;
inline constexpr std::uint64_t path_readlink = 1u << 15;
inline constexpr std::uint64_t path_rename_source = 1u << 16;
inline constexpr std::uint64_t path_rename_target = 1u << 17;
inline constexpr std::uint64_t path_filestat_get = 1u << 18;
inline constexpr std::uint64_t path_filestat_set_size = 1u << 19;
inline constexpr std::uint64_t path_filestat_set_times = 1u << 20;
inline constexpr std::uint64_t fd_filestat_get = 1u << 21;
inline constexpr std::uint64_t fd_filestat_set_size = 1u << 22;
inline constexpr std::uint64_t fd_filestat_set_times = 1u << 23;
inline constexpr std::uint64_t path_symlink = 1u << 24;
inline constexpr std::uint64_t path_remove_directory = 1u << 25;
inline constexpr std::uint64_t path_unlink_file = 1u << 26;
inline constexpr std::uint64_t poll_fd_readwrite = 1u << 27;
inline constexpr std::uint64_t sock_shutdown = 1u << 28;
inline constexpr std::uint64_t sock_accept = 1u << 29;

inline constexpr std::uint64_t of_directory =
    fd_sync | path_create_directory | path_create_file | path_link_source | path_link_target |
    path_open | fd_readdir | path_readlink | path_rename_source | path_rename_target |
    path_filestat_get | path_filestat_set_size | path_filestat_set_times | fd_filestat_get |
    fd_filestat_set_times | path_symlink | path_remove_directory | path_unlink_file;
inline constexpr std::uint64_t of_file = fd_datasync | fd_read | fd_seek | fd_fdstat_set_flags |
                                         fd_sync | fd_tell | fd_write | fd_advise | fd_allocate |
                                         fd_filestat_get | fd_filestat_set_size |
                                         fd_filestat_set_times | poll_fd_readwrite;
inline constexpr std::uint64_t of_stream =
    fd_read | fd_write | fd_fdstat_set_flags | fd_filestat_get | poll_fd_readwrite;
inline constexpr std::uint64_t of_socket = of_stream | sock_shutdown | sock_accept;
inline constexpr std::uint64_t to_seek = fd_seek | fd_tell;
/// What a directory can give on.
inline constexpr std::uint64_t of_tree = of_directory | of_file;
inline constexpr std::uint64_t all = of_tree | of_socket;
}  // namespace rights

namespace fdflags {
inline constexpr std::uint16_t append = 1u << 0;
inline constexpr std::uint16_t dsync = 1u << 1;
inline constexpr std::uint16_t nonblock = 1u << 2;
inline constexpr std::uint16_t rsync = 1u << 3;
inline constexpr std::uint16_t sync = 1u << 4;
inline constexpr std::uint16_t all = append | dsync | nonblock | rsync | sync;
}  // namespace fdflags

namespace oflags {
inline constexpr std::uint32_t creat = 1u << 0;
inline constexpr std::uint32_t directory = 1u << 1;
inline constexpr std::uint32_t excl = 1u << 2;
inline constexpr std::uint32_t trunc = 1u << 3;
inline constexpr std::uint32_t all = creat | directory | excl | trunc;
}  // namespace oflags

namespace lookupflags {
inline constexpr std::uint32_t symlink_follow = 1u << 0;
}  // namespace lookupflags

namespace fstflags {
inline constexpr std::uint32_t atim = 1u << 0;
inline constexpr std::uint32_t atim_now = 1u << 1;
inline constexpr std::uint32_t mtim = 1u << 2;
inline constexpr std::uint32_t mtim_now = 1u << 3;
inline constexpr std::uint32_t all = atim | atim_now | mtim | mtim_now;
}  // namespace fstflags

}  // namespace fermata::wasi
