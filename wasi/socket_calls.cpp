// Sockets: those that the embedder has handed in, and the connections that they accept.
#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "fermata/limits.hpp"
#include "wasi/functions.hpp"

namespace fermata::wasi {
namespace {

/// What argument 0 names. Errors: `badf`, `notsock`, `notcapable`.
Expected<Descriptor*> socket_for(const Call& call, std::uint64_t wanted) {
  const auto descriptor = call.descriptor(0);
  if (!descriptor) return descriptor;
  if ((*descriptor)->socket() == nullptr) return std::unexpected(Errno::notsock);
  if (!(*descriptor)->may(wanted)) return std::unexpected(Errno::notcapable);
  return descriptor;
}

Reply failed(const Call& call, const Descriptor& descriptor, bool sending, Errno error) {
  return error == Errno::again ? blocked_on(call, descriptor, sending) : Reply(error);
}

std::size_t size_of(const Vectors& vectors) {
  std::size_t size = 0;
  for (const auto part : vectors) size += part.size();
  return std::min(size, limits::datagram_bytes);
}

/// One message into one buffer after the other.
Expected<Socket::Received> receive(Socket& socket, const Vectors& vectors, bool peek) {
  if (vectors.empty()) return socket.receive({}, peek);
  if (vectors.size() == 1) return socket.receive(vectors[0], peek);
  std::vector<std::byte> message(size_of(vectors));
  const auto received = socket.receive(message, peek);
  if (!received) return received;
  std::span<const std::byte> left = std::span(message).first(received->count);
  for (const auto part : vectors) {
    const auto count = std::min(part.size(), left.size());
    if (count != 0) std::memcpy(part.data(), left.data(), count);
    left = left.subspan(count);
  }
  return received;
}

Expected<std::size_t> send(Socket& socket, const Vectors& vectors) {
  if (vectors.empty()) return socket.write({});
  if (vectors.size() == 1) return socket.write(vectors[0]);
  std::vector<std::byte> message;
  message.reserve(size_of(vectors));
  for (const auto part : vectors) {
    const auto count = std::min(part.size(), limits::datagram_bytes - message.size());
    message.insert(message.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return socket.write(message);
}

}  // namespace

/// (socket, fdflags of the connection, where to put its number)
Reply sock_accept(Call& call) {
  const auto descriptor = socket_for(call, rights::sock_accept);
  if (!descriptor) return descriptor.error();
  if ((call.u32(1) & ~std::uint32_t{fdflags::nonblock}) != 0) return Errno::inval;
  if (!call.memory.view(call.u32(2), 4)) return Errno::fault;
  if (!call.world.has_room()) return Errno::mfile;
  auto accepted = (*descriptor)->socket()->accept();
  if (!accepted) return failed(call, **descriptor, false, accepted.error());
  auto connection = socket_descriptor(std::move(*accepted), std::nullopt);
  connection.flags = static_cast<std::uint16_t>(call.u32(1));
  return call.memory.store(call.u32(2), call.world.add(std::move(connection)));
}

/// (socket, buffers, their count, riflags, where to put the count of bytes, and roflags)
Reply sock_recv(Call& call) {
  constexpr std::uint32_t peek = 1;
  constexpr std::uint32_t waitall = 2;  // there may be less: the guest must look at the count
  constexpr std::uint16_t data_truncated = 1;
  const auto descriptor = socket_for(call, rights::fd_read);
  if (!descriptor) return descriptor.error();
  if ((call.u32(3) & ~(peek | waitall)) != 0) return Errno::inval;
  const auto vectors = call.vectors(1);
  if (!vectors) return vectors.error();
  if (!call.memory.view(call.u32(4), 4) || !call.memory.view(call.u32(5), 2)) return Errno::fault;
  const auto got = receive(*(*descriptor)->socket(), *vectors, (call.u32(3) & peek) != 0);
  if (!got) return failed(call, **descriptor, false, got.error());
  const Errno stored = call.memory.store(call.u32(4), static_cast<std::uint32_t>(got->count));
  if (stored != Errno::success) return stored;
  return call.memory.store(call.u32(5), got->truncated ? data_truncated : std::uint16_t{0});
}

/// (socket, buffers, their count, siflags, where to put the count of bytes)
Reply sock_send(Call& call) {
  const auto descriptor = socket_for(call, rights::fd_write);
  if (!descriptor) return descriptor.error();
  if (call.u32(3) != 0) return Errno::inval;  // there are no flags
  const auto vectors = call.vectors(1);
  if (!vectors) return vectors.error();
  if (!call.memory.view(call.u32(4), 4)) return Errno::fault;
  const auto sent = send(*(*descriptor)->socket(), *vectors);
  if (!sent) return failed(call, **descriptor, true, sent.error());
  return call.memory.store(call.u32(4), static_cast<std::uint32_t>(*sent));
}

/// (socket, sdflags: 1 receiving, 2 sending)
Reply sock_shutdown(Call& call) {
  const auto descriptor = socket_for(call, rights::sock_shutdown);
  if (!descriptor) return descriptor.error();
  const auto how = call.u32(1);
  if (how == 0 || how > 3) return Errno::inval;
  return (*descriptor)->socket()->shutdown((how & 1) != 0, (how & 2) != 0);
}

}  // namespace fermata::wasi
