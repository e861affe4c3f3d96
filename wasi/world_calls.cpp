// What a program is told about itself and the machine: arguments, environment, randomness, exit.
#include <algorithm>
#include <cstring>

#include "fermata/limits.hpp"
#include "wasi/functions.hpp"
#include "wasi/host.hpp"

namespace fermata::wasi {
namespace {

/// The bytes of all strings with their closing NULs.
std::uint64_t total_size(const std::vector<std::string>& strings) {
  std::uint64_t size = 0;
  for (const auto& s : strings) size += s.size() + 1;
  return size;
}

/// Writes the strings one after another at `buffer` and their addresses at `pointers`.
Errno put_strings(GuestMemory& memory, const std::vector<std::string>& strings, Address pointers,
                  Address buffer) {
  if (strings.empty()) return Errno::success;  // whatever the addresses are
  const auto table = memory.view(pointers, 4 * std::uint64_t{strings.size()});
  const auto bytes = memory.view(buffer, total_size(strings));
  if (!table || !bytes) return Errno::fault;
  std::size_t at = 0;
  for (std::size_t i = 0; i < strings.size(); ++i) {
    encode(*table, 4 * i, static_cast<Address>(buffer + at));
    std::memcpy(bytes->data() + at, strings[i].c_str(), strings[i].size() + 1);
    at += strings[i].size() + 1;
  }
  return Errno::success;
}

Errno put_sizes(GuestMemory& memory, const std::vector<std::string>& strings, Address count,
                Address size) {
  const auto total = total_size(strings);
  if (total > UINT32_MAX) return Errno::overflow;
  const auto error = memory.store(count, static_cast<std::uint32_t>(strings.size()));
  if (error != Errno::success) return error;
  return memory.store(size, static_cast<std::uint32_t>(total));
}

/// One step of the SplitMix64 generator: well mixed, 64 bits of state, any seed is fine.
std::uint64_t next_random(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t z = state;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

void fill_seeded(std::span<std::byte> bytes, std::uint64_t& state) {
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    const std::uint64_t number = next_random(state);
    for (std::size_t i = at; i < std::min(at + 8, bytes.size()); ++i) {
      bytes[i] = static_cast<std::byte>(number >> (8 * (i - at)));
    }
  }
}

}  // namespace

Reply args_get(Call& call) {
  return put_strings(call.memory, call.world.arguments, call.u32(0), call.u32(1));
}

Reply args_sizes_get(Call& call) {
  return put_sizes(call.memory, call.world.arguments, call.u32(0), call.u32(1));
}

Reply environ_get(Call& call) {
  return put_strings(call.memory, call.world.environment, call.u32(0), call.u32(1));
}

Reply environ_sizes_get(Call& call) {
  return put_sizes(call.memory, call.world.environment, call.u32(0), call.u32(1));
}

Reply proc_exit(Call& call) { return Exited{call.u32(0)}; }

Reply proc_raise(Call& call) {
  constexpr std::uint32_t last_signal = 30;  // sys
  const auto signal = call.u32(0);
  if (signal > last_signal) return Errno::inval;
  if (signal == 0) return Errno::success;  // only asks whether signals can be sent
  return Exited{128 + signal};
}

Reply random_get(Call& call) {
  if (call.u32(1) > limits::random_bytes) return Errno::inval;
  const auto bytes = call.memory.view(call.u32(0), call.u32(1));
  if (!bytes) return bytes.error();
  if (!call.world.random_state) return fill_random(*bytes);
  fill_seeded(*bytes, *call.world.random_state);
  return Errno::success;
}

Reply sched_yield(Call&) { return Errno::success; }

}  // namespace fermata::wasi
