// Bytes in and out: of streams and sockets wherever they are, of files at the descriptor's position
// or at a place that the guest names.
#include <algorithm>
#include <limits>
#include <utility>

#include "wasi/functions.hpp"

namespace fermata::wasi {
namespace {

constexpr std::uint64_t max_position = std::numeric_limits<std::int64_t>::max();

/// What argument 0 names, to be read from or written to. POSIX says `badf` when it was opened for
/// the other.
Expected<Descriptor*> open_for(const Call& call, std::uint64_t wanted) {
  const auto descriptor = call.descriptor(0);
  if (!descriptor) return descriptor;
  if (!(*descriptor)->may(wanted)) return std::unexpected(Errno::badf);
  return descriptor;
}

/// What all four do: (descriptor, vectors, their count, ..., where to put the number of bytes).
template <class Move>
Expected<std::uint32_t> move_bytes(Call& call, Address result, const Move& move) {
  const auto vectors = call.vectors(1);
  if (!vectors) return std::unexpected(vectors.error());
  if (!call.memory.view(result, 4)) return std::unexpected(Errno::fault);
  const auto moved = transfer(*vectors, move);
  if (!moved) return moved;
  const Errno stored = call.memory.store(result, *moved);
  if (stored != Errno::success) return std::unexpected(stored);
  return moved;
}

template <class Move>
Reply move_stream(Call& call, const Descriptor& descriptor, bool writing, const Move& move) {
  const auto moved = move_bytes(call, call.u32(3), move);
  if (moved) return Errno::success;
  if (moved.error() == Errno::again) return blocked_on(call, descriptor, writing);
  return moved.error();
}

Reply read_stream(Call& call, const Descriptor& descriptor) {
  Stream& stream = *descriptor.stream();
  const bool waits = (descriptor.flags & fdflags::nonblock) == 0;
  if (!waits && !stream.readable()) return Errno::again;
  // Once a part has been read, the next is only asked for when there is something.
  bool first = true;
  return move_stream(call, descriptor, false,
                     [&](std::span<std::byte> part) -> Expected<std::size_t> {
                       if (!std::exchange(first, false) && !stream.readable()) return 0;
                       return stream.read(part);
                     });
}

Expected<std::size_t> read_file(OpenFile& file, std::uint64_t& place, std::span<std::byte> part) {
  const auto count = file.read_at(place, part);
  if (count) place += *count;
  return count;
}

Expected<std::size_t> write_file(OpenFile& file, std::uint64_t& place, bool at_end,
                                 std::span<const std::byte> part) {
  if (at_end) {
    const auto appended = file.append(part);
    if (!appended) return std::unexpected(appended.error());
    place = appended->end;
    return appended->count;
  }
  const auto count = file.write_at(place, part);
  if (count) place += *count;
  return count;
}

/// The flags that want a file on the disk when the call is done.
Errno sync_as(const Descriptor& descriptor, OpenFile& file) {
  if ((descriptor.flags & fdflags::sync) != 0) return file.sync(false);
  if ((descriptor.flags & fdflags::dsync) != 0) return file.sync(true);
  return Errno::success;
}

/// The file behind argument 0 to be read or written at the place that argument 3 is.
Expected<OpenedFile*> file_at_place(const Call& call, std::uint64_t wanted) {
  const auto descriptor = open_for(call, wanted);
  if (!descriptor) return std::unexpected(descriptor.error());
  const auto file = call.file(0, rights::fd_seek);
  if (!file) return file;
  if (call.u64(3) > max_position) return std::unexpected(Errno::inval);
  return file;
}

/// What preview 0 has in another order.
std::optional<Whence> whence_of(const Call& call) {
  constexpr Whence unstable_order[] = {Whence::cur, Whence::end, Whence::set};
  const std::uint32_t number = call.u32(2);
  if (number > static_cast<std::uint32_t>(Whence::end)) return std::nullopt;
  return call.preview0 ? unstable_order[number] : static_cast<Whence>(number);
}

/// The place that is this far from where `whence` says. `inval` for one before the begin.
Expected<std::uint64_t> place_from(const OpenedFile& file, std::int64_t offset, Whence whence) {
  std::uint64_t base = whence == Whence::cur ? file.position : 0;
  if (whence == Whence::end) {
    const auto stat = file.file->stat();
    if (!stat) return std::unexpected(stat.error());
    base = stat->size;
  }
  const std::uint64_t place = base + static_cast<std::uint64_t>(offset);
  if (base > max_position || place > max_position) return std::unexpected(Errno::inval);
  return place;
}

Reply seek_to(Call& call, std::int64_t offset, Whence whence, Address result) {
  const auto found = call.descriptor(0);
  if (!found) return found.error();
  if (!call.memory.view(result, 8)) return Errno::fault;
  if (auto* const stream = (*found)->stream()) {
    const auto position = stream->seek(offset, whence);
    if (!position) return position.error();
    return call.memory.store(result, *position);
  }
  if ((*found)->directory() != nullptr) return Errno::badf;
  const bool only_tells = whence == Whence::cur && offset == 0;
  const bool may = (*found)->may(rights::fd_seek) || (only_tells && (*found)->may(rights::fd_tell));
  if (!may) return Errno::notcapable;
  OpenedFile& file = *(*found)->file();
  const auto place = place_from(file, offset, whence);
  if (!place) return place.error();
  file.position = *place;
  return call.memory.store(result, *place);
}

template <class T>
Reply error_or_success(const Expected<T>& result) {
  return result ? Errno::success : result.error();
}

}  // namespace

Reply fd_read(Call& call) {
  const auto descriptor = open_for(call, rights::fd_read);
  if (!descriptor) return descriptor.error();
  auto* const file = (*descriptor)->file();
  if (file == nullptr) return read_stream(call, **descriptor);
  return error_or_success(move_bytes(call, call.u32(3), [&](std::span<std::byte> part) {
    return read_file(*file->file, file->position, part);
  }));
}

Reply fd_pread(Call& call) {
  const auto file = file_at_place(call, rights::fd_read);
  if (!file) return file.error();
  std::uint64_t place = call.u64(3);
  return error_or_success(move_bytes(call, call.u32(4), [&](std::span<std::byte> part) {
    return read_file(*(*file)->file, place, part);
  }));
}

Reply fd_write(Call& call) {
  const auto descriptor = open_for(call, rights::fd_write);
  if (!descriptor) return descriptor.error();
  auto* const file = (*descriptor)->file();
  if (file == nullptr) {
    return move_stream(call, **descriptor, true, [&](std::span<std::byte> part) {
      return (*descriptor)->stream()->write(part);
    });
  }
  const bool at_end = ((*descriptor)->flags & fdflags::append) != 0;
  const auto moved = move_bytes(call, call.u32(3), [&](std::span<std::byte> part) {
    return write_file(*file->file, file->position, at_end, part);
  });
  if (!moved) return moved.error();
  return sync_as(**descriptor, *file->file);
}

Reply fd_pwrite(Call& call) {
  const auto file = file_at_place(call, rights::fd_write);
  if (!file) return file.error();
  std::uint64_t place = call.u64(3);
  const auto moved = move_bytes(call, call.u32(4), [&](std::span<std::byte> part) {
    return write_file(*(*file)->file, place, false, part);
  });
  if (!moved) return moved.error();
  return sync_as(*call.world.find(call.u32(0)), *(*file)->file);
}

Reply fd_seek(Call& call) {
  const auto whence = whence_of(call);
  if (!call.world.find(call.u32(0))) return Errno::badf;
  if (!whence) return Errno::inval;
  return seek_to(call, static_cast<std::int64_t>(call.u64(1)), *whence, call.u32(3));
}

Reply fd_tell(Call& call) { return seek_to(call, 0, Whence::cur, call.u32(1)); }

}  // namespace fermata::wasi
