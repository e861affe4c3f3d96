// The table of functions. See functions.hpp.
#include "wasi/functions.hpp"

#include <array>

#include "fermata/limits.hpp"
#include "wasi/path_walk.hpp"

namespace fermata::wasi {
namespace {

constexpr std::array<Function, 47> table = {{
    {"args_get", "ii:i", args_get},
    {"args_sizes_get", "ii:i", args_sizes_get},
    {"environ_get", "ii:i", environ_get},
    {"environ_sizes_get", "ii:i", environ_sizes_get},
    {"clock_res_get", "ii:i", clock_res_get},
    {"clock_time_get", "ili:i", clock_time_get},
    {"fd_advise", "illi:i", fd_advise},
    {"fd_allocate", "ill:i", fd_allocate},
    {"fd_close", "i:i", fd_close},
    {"fd_datasync", "i:i", fd_datasync},
    {"fd_fdstat_get", "ii:i", fd_fdstat_get},
    {"fd_fdstat_set_flags", "ii:i", fd_fdstat_set_flags},
    {"fd_fdstat_set_rights", "ill:i", fd_fdstat_set_rights},
    {"fd_filestat_get", "ii:i", fd_filestat_get},
    {"fd_filestat_set_size", "il:i", fd_filestat_set_size},
    {"fd_filestat_set_times", "illi:i", fd_filestat_set_times},
    {"fd_pread", "iiili:i", fd_pread},
    {"fd_prestat_get", "ii:i", fd_prestat_get},
    {"fd_prestat_dir_name", "iii:i", fd_prestat_dir_name},
    {"fd_pwrite", "iiili:i", fd_pwrite},
    {"fd_read", "iiii:i", fd_read},
    {"fd_readdir", "iiili:i", fd_readdir},
    {"fd_renumber", "ii:i", fd_renumber},
    {"fd_seek", "ilii:i", fd_seek},
    {"fd_sync", "i:i", fd_sync},
    {"fd_tell", "ii:i", fd_tell},
    {"fd_write", "iiii:i", fd_write},
    {"path_create_directory", "iii:i", path_create_directory},
    {"path_filestat_get", "iiiii:i", path_filestat_get},
    {"path_filestat_set_times", "iiiilli:i", path_filestat_set_times},
    {"path_link", "iiiiiii:i", path_link},
    {"path_open", "iiiiillii:i", path_open},
    {"path_readlink", "iiiiii:i", path_readlink},
    {"path_remove_directory", "iii:i", path_remove_directory},
    {"path_rename", "iiiiii:i", path_rename},
    {"path_symlink", "iiiii:i", path_symlink},
    {"path_unlink_file", "iii:i", path_unlink_file},
    {"poll_oneoff", "iiii:i", poll_oneoff},
    {"proc_exit", "i:", proc_exit},
    {"proc_raise", "i:i", proc_raise},
    {"sched_yield", ":i", sched_yield},
    {"random_get", "ii:i", random_get},
    {"sock_accept", "iii:i", sock_accept},
    {"sock_recv", "iiiiii:i", sock_recv},
    {"sock_send", "iiiii:i", sock_send},
    {"sock_shutdown", "ii:i", sock_shutdown},
    {"thread-spawn", "i:i", thread_spawn, wasi_threads},
}};

}  // namespace

std::span<const Function> functions() { return table; }

Expected<Descriptor*> Call::descriptor(std::size_t i, std::uint64_t wanted) const {
  auto* const found = world.find(u32(i));
  if (found == nullptr) return std::unexpected(Errno::badf);
  if (!found->may(wanted)) return std::unexpected(Errno::notcapable);
  return found;
}

Expected<OpenedDirectory*> Call::directory(std::size_t i, std::uint64_t wanted) const {
  const auto found = descriptor(i);
  if (!found) return std::unexpected(found.error());
  auto* const directory = (*found)->directory();
  if (directory == nullptr) return std::unexpected(Errno::notdir);
  if (!(*found)->may(wanted)) return std::unexpected(Errno::notcapable);
  return directory;
}

Expected<OpenedFile*> Call::file(std::size_t i, std::uint64_t wanted) const {
  const auto found = descriptor(i);
  if (!found) return std::unexpected(found.error());
  auto* const file = (*found)->file();
  if (file == nullptr) {
    return std::unexpected((*found)->directory() == nullptr ? Errno::spipe : Errno::isdir);
  }
  if (!(*found)->may(wanted)) return std::unexpected(Errno::notcapable);
  return file;
}

Expected<std::string> Call::path(std::size_t i) {
  const auto bytes = memory.view(u32(i), u32(i + 1));
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->size() > limits::path_bytes) return std::unexpected(Errno::nametoolong);
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

Expected<Vectors> Call::vectors(std::size_t i) { return read_vectors(memory, u32(i), u32(i + 1)); }

Reply blocked_on(const Call& call, const Descriptor& descriptor, bool for_writing) {
  if ((descriptor.flags & fdflags::nonblock) != 0) return Errno::again;
  return Blocked{{{call.u32(0), for_writing, descriptor.stream()->host()}}};
}

}  // namespace fermata::wasi
