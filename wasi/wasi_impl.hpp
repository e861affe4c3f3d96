// WasiImpl: everything that a Wasi remembers between two calls, above all the descriptor table.
//
// Knows nothing of guest memory or of how the functions are called.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "fermata/wasi.hpp"
#include "wasi/host.hpp"

namespace fermata::wasi {

/// A directory that the guest finds open at its start.
struct Preopen {
  std::string host_name;
  std::string guest_name;
  OwnedFd fd;
};

/// WASI's rights that a stream can have (specification: "rights").
namespace rights {
inline constexpr std::uint64_t fd_read = 1u << 1;
inline constexpr std::uint64_t fd_seek = 1u << 2;
inline constexpr std::uint64_t fd_fdstat_set_flags = 1u << 3;
inline constexpr std::uint64_t fd_tell = 1u << 5;
inline constexpr std::uint64_t fd_write = 1u << 6;
inline constexpr std::uint64_t fd_filestat_get = 1u << 21;
inline constexpr std::uint64_t poll_fd_readwrite = 1u << 27;
}  // namespace rights

/// WASI's descriptor flags that have an effect here (specification: "fdflags").
namespace fdflags {
inline constexpr std::uint16_t append = 1u << 0;
inline constexpr std::uint16_t nonblock = 1u << 2;
}  // namespace fdflags

struct StandardStream {
  std::uint32_t number = 0;  // 0 in, 1 out, 2 err, wherever it was moved to
  std::shared_ptr<Stream> stream;
};

struct Descriptor {
  std::variant<StandardStream, Preopen> file;
  std::uint64_t rights = 0;
  std::uint16_t flags = 0;

  [[nodiscard]] Stream* stream() const {
    const auto* standard = std::get_if<StandardStream>(&file);
    return standard == nullptr ? nullptr : standard->stream.get();
  }
  [[nodiscard]] const Preopen* preopen() const { return std::get_if<Preopen>(&file); }
};

struct WasiImpl {
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::map<std::uint32_t, Descriptor> descriptors;
  std::shared_ptr<Clock> clock;
  std::array<std::uint64_t, 4> clock_offsets{};  // by ClockId; added modulo 2^64
  std::optional<std::uint64_t> random_state;     // absent: the system's randomness
  std::int32_t next_thread = 1;                  // the number of the next thread that is spawned

  [[nodiscard]] Descriptor* find(std::uint32_t fd) {
    const auto it = descriptors.find(fd);
    return it == descriptors.end() ? nullptr : &it->second;
  }

  /// What the guest's clock shows.
  [[nodiscard]] Expected<std::uint64_t> now(ClockId id) const {
    auto time = clock->now(id);
    const auto place = static_cast<std::size_t>(id);
    if (time && place < clock_offsets.size()) *time += clock_offsets[place];
    return time;
  }
};

}  // namespace fermata::wasi
