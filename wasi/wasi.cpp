// Wasi: resolving imports to functions and dispatching host calls to them. See fermata/wasi.hpp.
#include "fermata/wasi.hpp"

#include <fmt/format.h>

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

void add_stream(WasiImpl& impl, std::uint32_t fd, std::shared_ptr<Stream> stream,
                std::uint64_t direction) {
  if (!stream) return;
  std::uint64_t all =
      direction | rights::fd_fdstat_set_flags | rights::fd_filestat_get | rights::poll_fd_readwrite;
  // What can't seek is how a guest tells a terminal from a file.
  if (stream->stat().type == FileType::regular_file) all |= rights::fd_seek | rights::fd_tell;
  impl.descriptors.emplace(fd, Descriptor{std::move(stream), all});
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
  return Descriptor{Preopen{std::move(directory.guest), *std::move(fd)}};
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
  add_stream(*impl, 0, std::move(config.in), rights::fd_read);
  add_stream(*impl, 1, std::move(config.out), rights::fd_write);
  add_stream(*impl, 2, std::move(config.err), rights::fd_write);
  std::uint32_t next = 3;
  for (auto& directory : config.directories) {
    auto opened = preopen(std::move(directory));
    if (!opened) return std::unexpected(std::move(opened.error()));
    impl->descriptors.emplace(next++, std::move(*opened));
  }
  return Wasi(std::move(impl));
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

Answer Wasi::handle(Process& process, const HostCall& call) {
  assert(owns(call.number));
  if (!owns(call.number)) return resume_with(Errno::nosys);
  Call c{*impl_, process, GuestMemory(process.memory()), call.arguments};
  const auto place = static_cast<std::size_t>(call.number - first_number);
  return std::visit(ToAnswer{}, functions()[place].handler(c));
}

}  // namespace fermata::wasi
