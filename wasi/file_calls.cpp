// What can be done with a file besides reading and writing: its size, its room, its way to the
// disk.
#include "wasi/functions.hpp"

namespace fermata::wasi {
namespace {

/// Files and directories are brought to the disk. A stream has none, unless it is a file.
Reply sync(Call& call, std::uint64_t right, bool data_only) {
  const auto descriptor = call.descriptor(0);
  if (!descriptor) return descriptor.error();
  if (const auto* const stream = (*descriptor)->stream()) {
    return stream->stat().type == FileType::regular_file ? Errno::success : Errno::inval;
  }
  if (!(*descriptor)->may(right)) return Errno::notcapable;
  if (auto* const file = (*descriptor)->file()) return file->file->sync(data_only);
  return (*descriptor)->directory()->directory->sync(data_only);
}

}  // namespace

Reply fd_advise(Call& call) {
  const auto descriptor = call.descriptor(0);
  if (!descriptor) return descriptor.error();
  const std::uint32_t advice = call.u32(3);
  if (advice > static_cast<std::uint32_t>(Advice::noreuse)) return Errno::inval;
  const auto file = call.file(0, rights::fd_advise);
  if (!file) return file.error();
  return (*file)->file->advise(call.u64(1), call.u64(2), static_cast<Advice>(advice));
}

Reply fd_allocate(Call& call) {
  const auto file = call.file(0, rights::fd_allocate);
  if (!file) return file.error();
  if (call.u64(2) == 0) return Errno::inval;
  return (*file)->file->allocate(call.u64(1), call.u64(2));
}

Reply fd_datasync(Call& call) { return sync(call, rights::fd_datasync, true); }

Reply fd_filestat_set_size(Call& call) {
  const auto file = call.file(0, rights::fd_filestat_set_size);
  if (!file) return file.error();
  return (*file)->file->resize(call.u64(1));
}

Reply fd_sync(Call& call) { return sync(call, rights::fd_sync, false); }

}  // namespace fermata::wasi
