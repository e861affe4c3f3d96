// The descriptor table and what can be asked of everything open: fdstat, filestat, prestat, close.
#include <cstring>
#include <utility>

#include "wasi/functions.hpp"

namespace fermata::wasi {
namespace {

Expected<FileStat> stat_of(Descriptor& descriptor) {
  if (auto* const file = descriptor.file()) return file->file->stat();
  if (auto* const directory = descriptor.directory()) return directory->directory->stat();
  return descriptor.stream()->stat();
}

/// The name that the guest has for a directory that it found open at its start.
Expected<std::string_view> preopened_name(const Call& call) {
  auto* const descriptor = call.world.find(call.u32(0));
  const auto* directory = descriptor == nullptr ? nullptr : descriptor->directory();
  if (directory == nullptr || !directory->preopened) return std::unexpected(Errno::badf);
  return call.world.directories[directory->origin.directory].guest;
}

}  // namespace

Reply fd_close(Call& call) { return call.world.close(call.u32(0)) ? Errno::success : Errno::badf; }

/// Specification: "fdstat": type, flags, rights, inherited rights.
Reply fd_fdstat_get(Call& call) {
  const auto descriptor = call.descriptor(0);
  if (!descriptor) return descriptor.error();
  const auto stat = stat_of(**descriptor);
  if (!stat) return stat.error();
  const auto out = call.memory.view(call.u32(1), 24);
  if (!out) return out.error();
  std::memset(out->data(), 0, out->size());
  encode(*out, 0, static_cast<std::uint8_t>(stat->type));
  encode(*out, 2, (*descriptor)->flags);
  encode(*out, 8, (*descriptor)->rights);
  encode(*out, 16, (*descriptor)->inheriting);
  return Errno::success;
}

Reply fd_fdstat_set_flags(Call& call) {
  const auto descriptor = call.descriptor(0);
  if (!descriptor) return descriptor.error();
  if (!(*descriptor)->may(rights::fd_fdstat_set_flags)) return Errno::notcapable;
  const bool is_file = (*descriptor)->file() != nullptr;
  const std::uint32_t possible = is_file ? fdflags::all : fdflags::append | fdflags::nonblock;
  const auto flags = call.u32(1);
  if ((flags & ~std::uint32_t{fdflags::all}) != 0) return Errno::inval;
  if ((flags & ~possible) != 0) return Errno::notsup;
  (*descriptor)->flags = static_cast<std::uint16_t>(flags);
  return Errno::success;
}

/// Rights can be given up, and never be got back.
Reply fd_fdstat_set_rights(Call& call) {
  const auto descriptor = call.descriptor(0);
  if (!descriptor) return descriptor.error();
  const auto base = call.u64(1);
  const auto inheriting = call.u64(2);
  if ((base & ~(*descriptor)->rights) != 0) return Errno::notcapable;
  if ((inheriting & ~(*descriptor)->inheriting) != 0) return Errno::notcapable;
  (*descriptor)->rights = base;
  (*descriptor)->inheriting = inheriting;
  return Errno::success;
}

Errno store_filestat(Call& call, Address at, const FileStat& stat) {
  const std::size_t size = call.preview0 ? 56 : 64;
  const auto out = call.memory.view(at, size);
  if (!out) return out.error();
  std::memset(out->data(), 0, out->size());
  encode(*out, 0, stat.device);
  encode(*out, 8, stat.inode);
  encode(*out, 16, static_cast<std::uint8_t>(stat.type));
  if (call.preview0) {
    encode(*out, 20, static_cast<std::uint32_t>(stat.links));
  } else {
    encode(*out, 24, stat.links);
  }
  encode(*out, size - 32, stat.size);
  encode(*out, size - 24, stat.accessed);
  encode(*out, size - 16, stat.modified);
  encode(*out, size - 8, stat.changed);
  return Errno::success;
}

Reply fd_filestat_get(Call& call) {
  const auto descriptor = call.descriptor(0, rights::fd_filestat_get);
  if (!descriptor) return descriptor.error();
  const auto stat = stat_of(**descriptor);
  if (!stat) return stat.error();
  return store_filestat(call, call.u32(1), *stat);
}

Expected<Times> times_of(std::uint32_t flags, std::uint64_t accessed, std::uint64_t modified) {
  const auto both = [flags](std::uint32_t a, std::uint32_t b) {
    return (flags & (a | b)) == (a | b);
  };
  if ((flags & ~fstflags::all) != 0 || both(fstflags::atim, fstflags::atim_now) ||
      both(fstflags::mtim, fstflags::mtim_now)) {
    return std::unexpected(Errno::inval);
  }
  const auto change = [flags](std::uint32_t set, std::uint32_t now, std::uint64_t time) {
    using Kind = TimeChange::Kind;
    return TimeChange{(flags & set) != 0   ? Kind::set
                      : (flags & now) != 0 ? Kind::now
                                           : Kind::keep,
                      time};
  };
  return Times{change(fstflags::atim, fstflags::atim_now, accessed),
               change(fstflags::mtim, fstflags::mtim_now, modified)};
}

Reply fd_filestat_set_times(Call& call) {
  const auto descriptor = call.descriptor(0, rights::fd_filestat_set_times);
  if (!descriptor) return descriptor.error();
  const auto times = times_of(call.u32(3), call.u64(1), call.u64(2));
  if (!times) return times.error();
  if (auto* const file = (*descriptor)->file()) return file->file->set_times(*times);
  return (*descriptor)->directory()->directory->set_times(*times);
}

/// Specification: "prestat": the tag 0 for a directory, then the length of its name.
Reply fd_prestat_get(Call& call) {
  const auto name = preopened_name(call);
  if (!name) return name.error();
  const auto out = call.memory.view(call.u32(1), 8);
  if (!out) return out.error();
  encode(*out, 0, std::uint32_t{0});
  encode(*out, 4, static_cast<std::uint32_t>(name->size()));
  return Errno::success;
}

Reply fd_prestat_dir_name(Call& call) {
  const auto name = preopened_name(call);
  if (!name) return name.error();
  if (call.u32(2) < name->size()) return Errno::nametoolong;
  const auto out = call.memory.view(call.u32(1), name->size());
  if (!out) return out.error();
  if (!name->empty()) std::memcpy(out->data(), name->data(), name->size());
  return Errno::success;
}

/// Moves a descriptor over another one that is open, which closes the latter.
Reply fd_renumber(Call& call) {
  const auto from = call.u32(0);
  const auto to = call.u32(1);
  auto* source = call.world.find(from);
  auto* target = call.world.find(to);
  if (source == nullptr || target == nullptr) return Errno::badf;
  if (from == to) return Errno::success;
  *target = std::move(*source);
  static_cast<void>(call.world.close(from));
  return Errno::success;
}

}  // namespace fermata::wasi
