// The descriptor table and what can be asked of an open file: fdstat, filestat, prestat, close.
#include <cstring>

#include "wasi/functions.hpp"

namespace fermata::wasi {
namespace {

Expected<FileStat> stat_of(const Descriptor& descriptor) {
  if (const auto* preopen = descriptor.preopen()) return host_stat(preopen->fd.get());
  return descriptor.stream()->stat();
}

}  // namespace

Reply fd_close(Call& call) {
  return call.world.descriptors.erase(call.u32(0)) == 1 ? Errno::success : Errno::badf;
}

/// Specification: "fdstat": type, flags, rights, inherited rights.
Reply fd_fdstat_get(Call& call) {
  const auto* descriptor = call.world.find(call.u32(0));
  if (descriptor == nullptr) return Errno::badf;
  const auto stat = stat_of(*descriptor);
  if (!stat) return stat.error();
  const auto out = call.memory.view(call.u32(1), 24);
  if (!out) return out.error();
  std::memset(out->data(), 0, out->size());
  encode(*out, 0, static_cast<std::uint8_t>(stat->type));
  encode(*out, 2, descriptor->flags);
  encode(*out, 8, descriptor->rights);
  return Errno::success;
}

Reply fd_fdstat_set_flags(Call& call) {
  auto* descriptor = call.world.find(call.u32(0));
  if (descriptor == nullptr) return Errno::badf;
  if ((descriptor->rights & rights::fd_fdstat_set_flags) == 0) return Errno::notcapable;
  const auto flags = call.u32(1);
  if ((flags & ~std::uint32_t{fdflags::append | fdflags::nonblock}) != 0) return Errno::notsup;
  descriptor->flags = static_cast<std::uint16_t>(flags);
  return Errno::success;
}

/// Specification: "filestat".
Reply fd_filestat_get(Call& call) {
  const auto* descriptor = call.world.find(call.u32(0));
  if (descriptor == nullptr) return Errno::badf;
  const auto stat = stat_of(*descriptor);
  if (!stat) return stat.error();
  const auto out = call.memory.view(call.u32(1), 64);
  if (!out) return out.error();
  std::memset(out->data(), 0, out->size());
  encode(*out, 0, stat->device);
  encode(*out, 8, stat->inode);
  encode(*out, 16, static_cast<std::uint8_t>(stat->type));
  encode(*out, 24, stat->links);
  encode(*out, 32, stat->size);
  encode(*out, 40, stat->accessed);
  encode(*out, 48, stat->modified);
  encode(*out, 56, stat->changed);
  return Errno::success;
}

/// Specification: "prestat": the tag 0 for a directory, then the length of its name.
Reply fd_prestat_get(Call& call) {
  const auto* descriptor = call.world.find(call.u32(0));
  const auto* preopen = descriptor == nullptr ? nullptr : descriptor->preopen();
  if (preopen == nullptr) return Errno::badf;
  const auto out = call.memory.view(call.u32(1), 8);
  if (!out) return out.error();
  encode(*out, 0, std::uint32_t{0});
  encode(*out, 4, static_cast<std::uint32_t>(preopen->guest_name.size()));
  return Errno::success;
}

Reply fd_prestat_dir_name(Call& call) {
  const auto* descriptor = call.world.find(call.u32(0));
  const auto* preopen = descriptor == nullptr ? nullptr : descriptor->preopen();
  if (preopen == nullptr) return Errno::badf;
  const auto& name = preopen->guest_name;
  if (call.u32(2) < name.size()) return Errno::nametoolong;
  const auto out = call.memory.view(call.u32(1), name.size());
  if (!out) return out.error();
  std::memcpy(out->data(), name.data(), name.size());
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
  call.world.descriptors.erase(from);
  return Errno::success;
}

}  // namespace fermata::wasi
