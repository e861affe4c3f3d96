// What is behind a descriptor when a Wasi begins, and what becomes of all that it remembers: given
// out as State, and opened again.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

#include "fermata/limits.hpp"
#include "lib/out_of_memory.hpp"
#include "wasi/path_walk.hpp"
#include "wasi/wasi_impl.hpp"

namespace fermata::wasi {

std::vector<std::string> c_strings(std::vector<std::string> strings) {
  for (auto& s : strings) s.resize(std::strlen(s.c_str()));
  return strings;
}

// --- what is opened ------------------------------------------------------------------------------

namespace {

/// What can't seek is how a guest tells a terminal from a file, or from another device.
std::uint64_t rights_of(const Stream& stream) {
  const FileType type = stream.stat().type;
  const bool is_device = type == FileType::character_device && !stream.is_terminal();
  const bool seeks = type == FileType::regular_file || is_device;
  return rights::of_stream | (seeks ? rights::to_seek : 0);
}

std::string_view words(Errno error) {
  switch (error) {
    case Errno::acces:
      return "Permission denied";
    case Errno::isdir:
      return "Is a directory";
    case Errno::loop:
      return "Too many levels of symbolic links";
    case Errno::mfile:
    case Errno::nfile:
      return "Too many open files";
    case Errno::noent:
      return "No such file or directory";
    case Errno::notcapable:
      return "it leads out of the directory";
    case Errno::notdir:
      return "Not a directory";
    case Errno::notsup:
      return "Operation not supported";
    case Errno::rofs:
      return "Read-only file system";
    default:
      return "the system refuses";
  }
}

Error io_failed(std::string message) {
  Error e;
  e.code = ErrorCode::io_failed;
  e.phase = Phase::usage;
  e.message = std::move(message);
  return e;
}

Error impossible(std::string_view what) {
  Error e;
  e.code = ErrorCode::invalid_snapshot;
  e.phase = Phase::invalid;
  e.message = fmt::format("WASI's state: {}", what);
  return e;
}

Expected<std::shared_ptr<OpenDirectory>> root_of(const Directory& directory) {
  Expected<std::shared_ptr<OpenDirectory>> root = directory.root;
  if (!directory.root) root = host_directory(directory.host);
  if (root && directory.read_only) root = read_only(std::move(*root));
  return root;
}

}  // namespace

std::optional<Descriptor> standard_stream(const Config& config, std::uint32_t number) {
  const std::array streams{&config.in, &config.out, &config.err};
  const auto& stream = *streams[number];
  if (!stream) return std::nullopt;
  const std::uint64_t other = number == 0 ? rights::fd_write : rights::fd_read;
  return Descriptor{StandardStream{number, stream}, rights_of(*stream) & ~other};
}

Result<Descriptor> preopen(const Directory& directory, std::uint32_t place) {
  auto root = root_of(directory);
  if (!root) {
    return std::unexpected(io_failed(
        fmt::format("cannot open the directory '{}': {}", directory.host, words(root.error()))));
  }
  return Descriptor{OpenedDirectory{std::move(*root), Origin{place}, true}, rights::of_directory,
                    rights::of_tree};
}

Descriptor socket_descriptor(std::shared_ptr<Socket> socket, std::optional<std::uint32_t> place) {
  return Descriptor{OpenedSocket{std::move(socket), place}, rights::of_socket};
}

Descriptor opened_descriptor(Opened opened, Origin origin, std::uint64_t rights,
                             std::uint64_t inheriting) {
  if (auto* const directory = std::get_if<std::shared_ptr<OpenDirectory>>(&opened)) {
    return {OpenedDirectory{std::move(*directory), std::move(origin)},
            rights & rights::of_directory, inheriting & rights::of_tree};
  }
  if (auto* const file = std::get_if<std::shared_ptr<OpenFile>>(&opened)) {
    return {OpenedFile{std::move(*file), 0, std::move(origin)}, rights & rights::of_file};
  }
  auto& stream = std::get<std::shared_ptr<Stream>>(opened);
  const std::uint64_t possible = rights_of(*stream);
  return {OpenedStream{std::move(stream), std::move(origin)}, rights & possible};
}

// --- where it is found again ---------------------------------------------------------------------

Origin origin_of(const Origin& base, std::string_view path) {
  Origin origin{base.directory, base.path};
  if (base.path.empty()) return origin;
  if (base.path == ".") origin.path.clear();
  while (!path.empty()) {
    const auto part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    if (part.empty() || part == ".") continue;
    if (!origin.path.empty()) origin.path += '/';
    origin.path += part;
  }
  if (origin.path.empty()) origin.path.push_back('.');
  if (origin.path.size() > limits::path_bytes) origin.path.clear();
  return origin;
}

namespace {

Origin* origin_in(Descriptor& descriptor) {
  if (auto* const file = descriptor.file()) return &file->origin;
  if (auto* const directory = descriptor.directory()) return &directory->origin;
  auto* const stream = std::get_if<OpenedStream>(&descriptor.what);
  return stream == nullptr ? nullptr : &stream->origin;
}

}  // namespace

WasiImpl::Moves WasiImpl::moves(const Origin& from, const Origin& to) {
  Moves moves;
  if (from.path.empty()) return moves;
  for (auto& [number, descriptor] : descriptors) {
    Origin* const origin = origin_in(descriptor);
    if (origin == nullptr || origin->directory != from.directory) continue;
    if (!origin->path.starts_with(from.path)) continue;
    const std::string rest = origin->path.substr(from.path.size());
    if (!rest.empty() && rest[0] != '/') continue;
    Origin moved = *origin;
    moved.directory = to.directory;
    moved.path = to.path;
    if (!to.path.empty()) moved.path.append(rest);
    if (moved.path.size() > limits::path_bytes) moved.path.clear();
    moves.emplace_back(origin, std::move(moved));
  }
  return moves;
}

// --- given out -----------------------------------------------------------------------------------

namespace {

constexpr std::array kept_clocks{ClockId::monotonic, ClockId::process_cputime,
                                 ClockId::thread_cputime};

struct Save {
  using Saved = decltype(State::Descriptor::file);

  Saved operator()(const StandardStream& standard) const { return standard.number; }
  Saved operator()(const OpenedSocket& opened) const { return State::SocketPlace{opened.place}; }
  Saved operator()(const OpenedStream& opened) const {
    return file(opened.origin, opened.stream->stat(), 0);
  }
  Saved operator()(const OpenedFile& opened) const {
    return file(opened.origin, opened.file->stat(), opened.position);
  }
  Saved operator()(const OpenedDirectory& opened) const {
    if (opened.preopened) return State::Preopened{opened.origin.directory};
    auto saved = file(opened.origin, opened.directory->stat(), 0);
    saved.size = 0;  // means nothing
    return saved;
  }

  static State::File file(const Origin& origin, const Expected<FileStat>& now,
                          std::uint64_t position) {
    const FileStat stat = now.value_or(FileStat{});
    const bool is_file = stat.type == FileType::regular_file;
    return {.directory = origin.directory,
            .path = origin.path,
            .type = stat.type,
            .device = stat.device,
            .inode = stat.inode,
            .size = is_file ? stat.size : 0,
            .position = position,
            .read = origin.read,
            .write = origin.write};
  }
};

bool is_regular_file(const Stream& stream) { return stream.stat().type == FileType::regular_file; }

}  // namespace

State Wasi::state() const {
  State state;
  state.arguments = impl_->arguments;
  state.environment = impl_->environment;
  state.random = impl_->random_state;
  state.next_thread = impl_->next_thread;
  for (std::size_t i = 0; i < kept_clocks.size(); ++i) {
    state.clocks[i] = impl_->now(kept_clocks[i]).value_or(0);
  }
  for (const Directory& directory : impl_->directories) {
    auto& saved = state.directories.emplace_back();
    saved = {directory.host, directory.guest, directory.read_only};
    if (!directory.root) continue;
    if (auto contents = memory_contents(*directory.root)) saved.memory = std::move(*contents);
  }
  for (const auto& [number, descriptor] : impl_->descriptors) {
    state.descriptors.push_back({number, std::visit(Save{}, descriptor.what), descriptor.flags,
                                 descriptor.rights, descriptor.inheriting});
    const auto* const standard = std::get_if<StandardStream>(&descriptor.what);
    if (standard == nullptr || standard->number != 0 || !is_regular_file(*standard->stream)) {
      continue;
    }
    if (const auto position = standard->stream->seek(0, Whence::cur)) state.in_position = *position;
  }
  return state;
}

// --- opened again --------------------------------------------------------------------------------

namespace {

constexpr std::uint64_t max_position = std::numeric_limits<std::int64_t>::max();

/// A connection that nothing can open again.
class LostConnection final : public Socket {
 public:
  Expected<std::size_t> read(std::span<std::byte>) override {
    return std::unexpected(Errno::connreset);
  }
  Expected<std::size_t> write(std::span<const std::byte>) override {
    return std::unexpected(Errno::connreset);
  }
  Expected<Received> receive(std::span<std::byte>, bool) override {
    return std::unexpected(Errno::connreset);
  }
  FileStat stat() const override { return {.type = FileType::socket_stream}; }
  Errno shutdown(bool, bool) override { return Errno::success; }
};

/// The descriptors of a state, one after the other.
class Reopening {
 public:
  Reopening(WasiImpl& impl, const Config& config) : impl_(impl), config_(config) {}

  /// The directories are those of the state, or what the configuration has in their place.
  Result<void> open_directories(std::vector<State::StartDirectory> directories) {
    for (auto& saved : directories) {
      Directory directory{std::move(saved.host), std::move(saved.guest), saved.read_only};
      const bool in_memory = saved.memory.has_value();
      bool replaced = in_memory;
      for (const Directory& other : config_.directories) {
        if (other.guest != directory.guest) continue;
        replaced = other.root != nullptr || other.host != directory.host;
        directory = other;
      }
      if (in_memory && !directory.root && directory.host.empty()) {
        auto root = memory_directory(*saved.memory, impl_.clock);
        if (!root) return std::unexpected(impossible("no such contents of a directory in memory"));
        directory.root = std::move(*root);
      }
      auto opened = preopen(directory, static_cast<std::uint32_t>(roots_.size()));
      if (!opened) return std::unexpected(std::move(opened.error()));
      roots_.push_back(std::move(*opened));
      replaced_.push_back(replaced);
      impl_.directories.push_back(std::move(directory));
    }
    return {};
  }

  Result<void> add(const State::Descriptor& saved) {
    if ((saved.flags & ~fdflags::all) != 0) {
      return std::unexpected(impossible("no such descriptor flags"));
    }
    const auto* const file = std::get_if<State::File>(&saved.file);
    if (file != nullptr && file->path.empty()) return std::unexpected(without_path(saved.number));
    auto opened = std::visit(*this, saved.file);
    if (!opened) return std::unexpected(std::move(opened.error()));
    if (!*opened) return {};
    Descriptor& descriptor = **opened;
    descriptor.flags = saved.flags;
    // As today, but no more than they were.
    descriptor.rights &= saved.rights;
    descriptor.inheriting &= saved.inheriting;
    if (!impl_.descriptors.emplace(saved.number, std::move(descriptor)).second) {
      return std::unexpected(impossible("a descriptor is there twice"));
    }
    return {};
  }

  using Reopened = Result<std::optional<Descriptor>>;

  Reopened operator()(std::uint32_t stream) const {
    if (stream > 2) return std::unexpected(impossible("no such standard stream"));
    return standard_stream(config_, stream);
  }

  Reopened operator()(const State::Preopened& preopened) const {
    if (preopened.directory >= roots_.size()) return no_directory();
    return roots_[preopened.directory];
  }

  /// One that is not given any more is closed.
  Reopened operator()(const State::SocketPlace& saved) const {
    if (!saved.socket) return socket_descriptor(std::make_shared<LostConnection>(), std::nullopt);
    if (*saved.socket >= config_.sockets.size()) return std::nullopt;
    return socket_descriptor(config_.sockets[*saved.socket], saved.socket);
  }

  Reopened operator()(const State::File& saved) {
    if (saved.directory >= roots_.size()) return no_directory();
    if (saved.position > max_position) return std::unexpected(impossible("no such position"));
    auto opened = open(saved);
    if (!opened) return failed(saved, words(opened.error()));
    Descriptor descriptor = opened_descriptor(
        std::move(*opened), Origin{saved.directory, saved.path, saved.read, saved.write},
        rights::all, rights::all);
    if (auto* const file = descriptor.file()) file->position = saved.position;
    if (!is_same(saved, descriptor)) return failed(saved, "it is another file now");
    return descriptor;
  }

 private:
  static Error without_path(std::uint32_t number) {
    return io_failed(
        fmt::format("descriptor {} cannot be opened again: its path is not known", number));
  }

  static Reopened no_directory() { return std::unexpected(impossible("no such directory")); }

  Reopened failed(const State::File& saved, std::string_view why) const {
    return std::unexpected(io_failed(fmt::format("cannot open '{}' in '{}' again: {}", saved.path,
                                                 impl_.directories[saved.directory].guest, why)));
  }

  [[nodiscard]] Expected<Opened> open(const State::File& saved) {
    const OpenMode mode{
        .read = saved.read, .write = saved.write, .directory = saved.type == FileType::directory};
    const auto& root = roots_[saved.directory].directory()->directory;
    return at_path(root, saved.path, true, [&](const Place& place) -> Expected<Opened> {
      if (place.name.empty()) return place.directory;
      return place.directory->open(place.name, mode);
    });
  }

  /// Another directory holds other files, of which type and size must do.
  [[nodiscard]] bool is_same(const State::File& saved, Descriptor& descriptor) const {
    const auto now = std::get<State::File>(std::visit(Save{}, descriptor.what));
    if (now.type != saved.type) return false;
    if (replaced_[saved.directory]) return now.size == saved.size;
    return now.device == saved.device && now.inode == saved.inode;
  }

  WasiImpl& impl_;
  const Config& config_;
  std::vector<Descriptor> roots_;
  std::vector<bool> replaced_;
};

/// The clocks go on from what they showed.
void set_clocks(WasiImpl& impl, const State& state) {
  for (std::size_t i = 0; i < kept_clocks.size(); ++i) {
    const auto now = impl.clock->now(kept_clocks[i]).value_or(0);
    impl.clock_offsets[static_cast<std::size_t>(kept_clocks[i])] = state.clocks[i] - now;
  }
}

}  // namespace

Result<Wasi> Wasi::restore(State state, const Config& config) {
  return or_out_of_memory([&]() -> Result<Wasi> {
    auto impl = std::make_unique<WasiImpl>();
    impl->arguments = c_strings(std::move(state.arguments));
    impl->environment = c_strings(std::move(state.environment));
    impl->clock = config.clock ? config.clock : system_clock();
    impl->random_state = state.random;
    impl->next_thread = state.next_thread;
    impl->max_descriptors = config.max_descriptors;
    if (state.next_thread < 1) return std::unexpected(impossible("no such thread number"));
    set_clocks(*impl, state);
    Reopening reopening(*impl, config);
    auto done = reopening.open_directories(std::move(state.directories));
    if (!done) return std::unexpected(std::move(done.error()));
    for (const auto& saved : state.descriptors) {
      done = reopening.add(saved);
      if (!done) return std::unexpected(std::move(done.error()));
    }
    const bool is_file = config.in && is_regular_file(*config.in);
    if (state.in_position && is_file && *state.in_position <= config.in->stat().size) {
      static_cast<void>(
          config.in->seek(static_cast<std::int64_t>(*state.in_position), Whence::set));
    }
    return Wasi(std::move(impl));
  });
}

}  // namespace fermata::wasi
