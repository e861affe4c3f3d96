// WasiImpl: everything that a Wasi remembers between two calls, above all the descriptor table.
//
// Knows nothing of guest memory or of how the functions are called.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "fermata/wasi.hpp"
#include "wasi/rights.hpp"

namespace fermata::wasi {

/// How something that was opened by a path can be found again: `State::File` says what it was.
struct Origin {
  std::uint32_t directory = 0;  // of WasiImpl::directories
  std::string path = ".";       // beneath it; empty: not known
  bool read = false;
  bool write = false;
};

struct StandardStream {
  std::uint32_t number = 0;  // 0 in, 1 out, 2 err, wherever it was moved to
  std::shared_ptr<Stream> stream;
};
/// A device or FIFO.
struct OpenedStream {
  std::shared_ptr<Stream> stream;
  Origin origin;
};
struct OpenedSocket {
  std::shared_ptr<Socket> socket;
  std::optional<std::uint32_t> place;  // in Config::sockets; nothing: an accepted connection
};
struct OpenedFile {
  std::shared_ptr<OpenFile> file;
  std::uint64_t position = 0;
  Origin origin;
};
struct OpenedDirectory {
  std::shared_ptr<OpenDirectory> directory;
  Origin origin;
  bool preopened = false;  // found by the guest at its start
};

struct Descriptor {
  std::variant<StandardStream, OpenedStream, OpenedSocket, OpenedFile, OpenedDirectory> what;
  std::uint64_t rights = 0;
  std::uint64_t inheriting = 0;
  std::uint16_t flags = 0;

  [[nodiscard]] bool may(std::uint64_t wanted) const { return (rights & wanted) == wanted; }
  /// The stream, also of a socket; null for anything else.
  [[nodiscard]] Stream* stream() const {
    if (const auto* standard = std::get_if<StandardStream>(&what)) return standard->stream.get();
    if (const auto* opened = std::get_if<OpenedStream>(&what)) return opened->stream.get();
    return socket();
  }
  [[nodiscard]] Socket* socket() const {
    const auto* opened = std::get_if<OpenedSocket>(&what);
    return opened == nullptr ? nullptr : opened->socket.get();
  }
  [[nodiscard]] OpenedFile* file() { return std::get_if<OpenedFile>(&what); }
  [[nodiscard]] OpenedDirectory* directory() { return std::get_if<OpenedDirectory>(&what); }
};

struct WasiImpl {
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::vector<Directory> directories;  // those of the start
  std::map<std::uint32_t, Descriptor> descriptors;
  std::uint32_t max_descriptors = 0;
  std::uint32_t no_free_below = 0;  // a number that no free one is below
  std::shared_ptr<Clock> clock;
  std::array<std::uint64_t, 4> clock_offsets{};  // by ClockId; added modulo 2^64
  std::optional<std::uint64_t> random_state;     // absent: the system's randomness
  std::int32_t next_thread = 1;                  // the number of the next thread that is spawned

  [[nodiscard]] Descriptor* find(std::uint32_t fd) {
    const auto it = descriptors.find(fd);
    return it == descriptors.end() ? nullptr : &it->second;
  }

  /// Whether one more can be opened.
  [[nodiscard]] bool has_room() const { return descriptors.size() < max_descriptors; }

  /// Gives it the lowest number that is free.
  std::uint32_t add(Descriptor descriptor) {
    auto it = descriptors.lower_bound(no_free_below);
    while (it != descriptors.end() && it->first == no_free_below) ++it, ++no_free_below;
    descriptors.emplace_hint(it, no_free_below, std::move(descriptor));
    return no_free_below++;
  }

  [[nodiscard]] bool close(std::uint32_t fd) {
    if (descriptors.erase(fd) == 0) return false;
    no_free_below = std::min(no_free_below, fd);
    return true;
  }

  /// Where what was opened by the one path is found once it is at the other.
  using Moves = std::vector<std::pair<Origin*, Origin>>;
  [[nodiscard]] Moves moves(const Origin& from, const Origin& to);

  /// What the guest's clock shows.
  [[nodiscard]] Expected<std::uint64_t> now(ClockId id) const {
    auto time = clock->now(id);
    const auto place = static_cast<std::size_t>(id);
    if (time && place < clock_offsets.size()) *time += clock_offsets[place];
    return time;
  }
};

/// What is found by this path from what was found by `base`.
[[nodiscard]] Origin origin_of(const Origin& base, std::string_view path);
/// A directory that the guest finds open. Its error is a sentence.
[[nodiscard]] Result<Descriptor> preopen(const Directory& directory, std::uint32_t place);
/// The standard stream of this number; nothing when it is closed.
[[nodiscard]] std::optional<Descriptor> standard_stream(const Config& config, std::uint32_t number);
[[nodiscard]] Descriptor socket_descriptor(std::shared_ptr<Socket> socket,
                                           std::optional<std::uint32_t> place);
/// What a path has led to, with those of the rights that apply to it.
[[nodiscard]] Descriptor opened_descriptor(Opened opened, Origin origin, std::uint64_t rights,
                                           std::uint64_t inheriting);
/// Each ends at its first NUL.
[[nodiscard]] std::vector<std::string> c_strings(std::vector<std::string> strings);

}  // namespace fermata::wasi
