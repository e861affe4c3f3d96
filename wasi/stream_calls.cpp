// Bytes in and out of the standard streams.
//
// A call moves at most what one call of Linux does, so the guest can't keep the host busy with one
// list of overlapping vectors; it sees a short count then, which it must expect anyway.
#include <algorithm>
#include <utility>
#include <vector>

#include "wasi/functions.hpp"

namespace fermata::wasi {
namespace {

constexpr std::uint32_t max_vectors = 1024;
constexpr std::size_t max_transfer = 0x7fff'f000;

/// The guest's iovec array (specification: "iovec"), checked as a whole before a byte moves.
using Vectors = std::vector<std::span<std::byte>>;

Expected<Vectors> read_vectors(GuestMemory& memory, Address address, std::uint32_t count) {
  if (count > max_vectors) return std::unexpected(Errno::inval);
  const auto table = memory.view(address, 8 * std::uint64_t{count});
  if (!table) return std::unexpected(table.error());
  Vectors vectors;
  std::size_t left = max_transfer;
  for (std::size_t i = 0; i < count; ++i) {
    const auto part =
        memory.view(decode<Address>(*table, 8 * i), decode<Address>(*table, 8 * i + 4));
    if (!part) return std::unexpected(part.error());
    const auto size = std::min(part->size(), left);
    if (size > 0) vectors.push_back(part->first(size));
    left -= size;
  }
  return vectors;
}

/// Moves part after part until one is not moved whole. An error counts only when nothing was moved.
template <class Move>
Expected<std::uint32_t> transfer(const Vectors& vectors, const Move& move) {
  std::size_t total = 0;
  for (const auto part : vectors) {
    const Expected<std::size_t> moved = move(part);
    if (!moved && total == 0) return std::unexpected(moved.error());
    if (!moved) break;
    total += std::min(*moved, part.size());
    if (*moved < part.size()) break;
  }
  return static_cast<std::uint32_t>(total);
}

/// The stream behind a descriptor that has these rights.
Expected<Stream*> stream_for(Call& call, std::uint64_t wanted) {
  const auto* descriptor = call.world.find(call.u32(0));
  if (descriptor == nullptr || descriptor->stream() == nullptr) return std::unexpected(Errno::badf);
  if ((descriptor->rights & wanted) != wanted) return std::unexpected(Errno::badf);
  return descriptor->stream();
}

bool waits(Call& call) { return (call.world.find(call.u32(0))->flags & fdflags::nonblock) == 0; }

/// fd_read and fd_write: (descriptor, vectors, their count, where to put the number of bytes).
template <class Move>
Reply move_bytes(Call& call, const Move& move) {
  const auto vectors = read_vectors(call.memory, call.u32(1), call.u32(2));
  if (!vectors) return vectors.error();
  if (!call.memory.view(call.u32(3), 4)) return Errno::fault;
  const auto moved = transfer(*vectors, move);
  if (!moved && moved.error() == Errno::again && waits(call)) return Blocked{call.u32(0)};
  if (!moved) return moved.error();
  return call.memory.store(call.u32(3), *moved);
}

Reply seek_to(Call& call, std::int64_t offset, Whence whence, Address result) {
  const auto stream = stream_for(call, 0);
  if (!stream) return stream.error();
  if (!call.memory.view(result, 8)) return Errno::fault;
  const auto position = (*stream)->seek(offset, whence);
  if (!position) return position.error();
  return call.memory.store(result, *position);
}

}  // namespace

Reply fd_read(Call& call) {
  const auto stream = stream_for(call, rights::fd_read);
  if (!stream) return stream.error();
  if (!waits(call) && !(*stream)->readable()) return Errno::again;
  // Once a part has been read, the next is only asked for when that does not wait.
  bool first = true;
  return move_bytes(call, [&](std::span<std::byte> part) -> Expected<std::size_t> {
    if (!std::exchange(first, false) && !(*stream)->readable()) return 0;
    return (*stream)->read(part);
  });
}

Reply fd_write(Call& call) {
  const auto stream = stream_for(call, rights::fd_write);
  if (!stream) return stream.error();
  return move_bytes(call, [&](std::span<std::byte> part) { return (*stream)->write(part); });
}

Reply fd_seek(Call& call) {
  const auto whence = call.u32(2);
  if (whence > static_cast<std::uint32_t>(Whence::end)) return Errno::inval;
  return seek_to(call, static_cast<std::int64_t>(call.u64(1)), static_cast<Whence>(whence),
                 call.u32(3));
}

Reply fd_tell(Call& call) { return seek_to(call, 0, Whence::cur, call.u32(1)); }

}  // namespace fermata::wasi
