// Wasi: resolving imports to functions and dispatching host calls to them. See fermata/wasi.hpp.
#include "fermata/wasi.hpp"

#include <fmt/format.h>

#include <array>
#include <cassert>
#include <cstring>
#include <utility>

#include "wasi/functions.hpp"

namespace fermata::wasi {
namespace {

constexpr std::uint64_t first_number = 0x7761'7369'0000'0000;  // "wasi"

std::string signature(const FuncType& type) {
  const auto letter = [](ValType t) { return t == i32 ? 'i' : t == i64 ? 'l' : '?'; };
  std::string text;
  for (const ValType t : type.params) text += letter(t);
  text += ':';
  for (const ValType t : type.results) text += letter(t);
  return text;
}

std::vector<std::string> c_strings(std::vector<std::string> strings) {
  for (auto& s : strings) s.resize(std::strlen(s.c_str()));
  return strings;
}

/// The standard stream of this number; nothing when it is closed.
std::optional<Descriptor> standard_stream(const Config& config, std::uint32_t number) {
  const std::array streams{&config.in, &config.out, &config.err};
  const auto& stream = *streams[number];
  if (!stream) return std::nullopt;
  std::uint64_t all =
      rights::fd_fdstat_set_flags | rights::fd_filestat_get | rights::poll_fd_readwrite;
  all |= number == 0 ? rights::fd_read : rights::fd_write;
  // What can't seek is how a guest tells a terminal from a file.
  if (stream->stat().type == FileType::regular_file) all |= rights::fd_seek | rights::fd_tell;
  return Descriptor{StandardStream{number, stream}, all};
}

Error cannot_open(const std::string& directory, int error) {
  Error e;
  e.code = ErrorCode::io_failed;
  e.phase = Phase::usage;
  e.message = fmt::format("cannot open the directory '{}': {}", directory, std::strerror(error));
  return e;
}

Result<Descriptor> preopen(Directory directory) {
  auto fd = open_directory(directory.host);
  if (!fd) return std::unexpected(cannot_open(directory.host, fd.error()));
  directory.guest.resize(std::strlen(directory.guest.c_str()));
  return Descriptor{Preopen{std::move(directory.host), std::move(directory.guest), *std::move(fd)}};
}

Answer resume_with(Errno error, std::chrono::nanoseconds delay = {}) {
  return Resume{Value::u32(static_cast<std::uint32_t>(error)), delay};
}

struct ToAnswer {
  Answer operator()(Errno error) const { return resume_with(error); }
  Answer operator()(Delayed delayed) const { return resume_with(Errno::success, delayed.delay); }
  Answer operator()(Exited exited) const { return exited; }
  Answer operator()(Blocked blocked) const { return blocked; }
  Answer operator()(Number number) const { return Resume{Value::i32(number.value)}; }
};

}  // namespace

Wasi::Wasi(std::unique_ptr<WasiImpl> impl) : impl_(std::move(impl)) {}
Wasi::Wasi(Wasi&&) noexcept = default;
Wasi& Wasi::operator=(Wasi&&) noexcept = default;
Wasi::~Wasi() = default;

Result<Wasi> Wasi::create(Config config) {
  auto impl = std::make_unique<WasiImpl>();
  impl->arguments = c_strings(std::move(config.arguments));
  impl->environment = c_strings(std::move(config.environment));
  impl->clock = config.clock ? std::move(config.clock) : system_clock();
  impl->random_state = config.random_seed;
  for (std::uint32_t number = 0; number < 3; ++number) {
    if (auto stream = standard_stream(config, number)) {
      impl->descriptors.emplace(number, std::move(*stream));
    }
  }
  std::uint32_t next = 3;
  for (auto& directory : config.directories) {
    auto opened = preopen(std::move(directory));
    if (!opened) return std::unexpected(std::move(opened.error()));
    impl->descriptors.emplace(next++, std::move(*opened));
  }
  return Wasi(std::move(impl));
}

namespace {

Error impossible(std::string_view what) {
  Error e;
  e.code = ErrorCode::invalid_snapshot;
  e.phase = Phase::invalid;
  e.message = fmt::format("WASI's state: {}", what);
  return e;
}

/// What a descriptor of a state is now; nothing for a stream that is closed.
Result<std::optional<Descriptor>> reopened(State::Descriptor saved, const Config& config) {
  std::optional<Descriptor> descriptor;
  if (const auto* number = std::get_if<std::uint32_t>(&saved.file)) {
    if (*number > 2) return std::unexpected(impossible("no such standard stream"));
    descriptor = standard_stream(config, *number);
  } else {
    auto& directory = std::get<Directory>(saved.file);
    for (const Directory& other : config.directories) {
      if (other.guest == directory.guest) directory.host = other.host;
    }
    auto opened = preopen(std::move(directory));
    if (!opened) return std::unexpected(std::move(opened.error()));
    descriptor = std::move(*opened);
  }
  if (descriptor) descriptor->flags = saved.flags;
  return descriptor;
}

constexpr std::array kept_clocks{ClockId::monotonic, ClockId::process_cputime,
                                 ClockId::thread_cputime};

/// The clocks go on from what they showed.
void set_clocks(WasiImpl& impl, const State& state) {
  for (std::size_t i = 0; i < kept_clocks.size(); ++i) {
    const auto now = impl.clock->now(kept_clocks[i]).value_or(0);
    impl.clock_offsets[static_cast<std::size_t>(kept_clocks[i])] = state.clocks[i] - now;
  }
}

}  // namespace

Result<Wasi> Wasi::restore(State state, const Config& config) {
  auto impl = std::make_unique<WasiImpl>();
  impl->arguments = c_strings(std::move(state.arguments));
  impl->environment = c_strings(std::move(state.environment));
  impl->clock = config.clock ? config.clock : system_clock();
  impl->random_state = state.random;
  impl->next_thread = state.next_thread;
  if (state.next_thread < 1) return std::unexpected(impossible("no such thread number"));
  set_clocks(*impl, state);
  for (auto& saved : state.descriptors) {
    const std::uint32_t number = saved.number;
    if ((saved.flags & ~(fdflags::append | fdflags::nonblock)) != 0) {
      return std::unexpected(impossible("no such descriptor flags"));
    }
    auto descriptor = reopened(std::move(saved), config);
    if (!descriptor) return std::unexpected(std::move(descriptor.error()));
    if (!*descriptor) continue;
    if (!impl->descriptors.emplace(number, std::move(**descriptor)).second) {
      return std::unexpected(impossible("a descriptor is there twice"));
    }
  }
  const bool is_file = config.in && config.in->stat().type == FileType::regular_file;
  if (state.in_position && is_file && *state.in_position <= config.in->stat().size) {
    static_cast<void>(config.in->seek(static_cast<std::int64_t>(*state.in_position), Whence::set));
  }
  return Wasi(std::move(impl));
}

State Wasi::state() const {
  State state;
  state.arguments = impl_->arguments;
  state.environment = impl_->environment;
  state.random = impl_->random_state;
  state.next_thread = impl_->next_thread;
  for (std::size_t i = 0; i < kept_clocks.size(); ++i) {
    state.clocks[i] = impl_->now(kept_clocks[i]).value_or(0);
  }
  for (const auto& [number, descriptor] : impl_->descriptors) {
    auto& saved = state.descriptors.emplace_back();
    saved.number = number;
    saved.flags = descriptor.flags;
    if (const auto* preopen = descriptor.preopen()) {
      saved.file = Directory{preopen->host_name, preopen->guest_name};
      continue;
    }
    const auto& standard = std::get<StandardStream>(descriptor.file);
    saved.file = standard.number;
    const bool is_file = standard.stream->stat().type == FileType::regular_file;
    if (standard.number != 0 || !is_file) continue;
    if (const auto position = standard.stream->seek(0, Whence::cur)) state.in_position = *position;
  }
  return state;
}

std::optional<std::uint64_t> Wasi::resolve(const FunctionImport& import) {
  const auto all = functions();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].name != import.name || all[i].module != import.module) continue;
    if (all[i].signature != signature(import.type)) return std::nullopt;
    return first_number + i;
  }
  return std::nullopt;
}

bool Wasi::owns(std::uint64_t number) {
  return number >= first_number && number - first_number < functions().size();
}

Answer Wasi::handle(Process& process, const HostCall& call, MemoryObserver* observer) {
  assert(owns(call.number));
  if (!owns(call.number)) return resume_with(Errno::nosys);
  Call c{*impl_, process, GuestMemory(process.memory(), observer), call.arguments};
  const auto place = static_cast<std::size_t>(call.number - first_number);
  return std::visit(ToAnswer{}, functions()[place].handler(c));
}

}  // namespace fermata::wasi
