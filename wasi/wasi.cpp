// Wasi: resolving imports to functions and dispatching host calls to them. See fermata/wasi.hpp.
#include "fermata/wasi.hpp"

#include <cassert>
#include <cstring>
#include <utility>

#include "lib/out_of_memory.hpp"
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
  return or_out_of_memory([&]() -> Result<Wasi> {
    auto impl = std::make_unique<WasiImpl>();
    impl->arguments = c_strings(std::move(config.arguments));
    impl->environment = c_strings(std::move(config.environment));
    impl->clock = config.clock ? config.clock : system_clock();
    impl->random_state = config.random_seed;
    impl->max_descriptors = config.max_descriptors;
    for (std::uint32_t number = 0; number < 3; ++number) {
      if (auto stream = standard_stream(config, number)) {
        impl->descriptors.emplace(number, std::move(*stream));
      }
    }
    std::uint32_t next = 3;
    for (auto& directory : config.directories) {
      directory.guest.resize(std::strlen(directory.guest.c_str()));
      auto opened = preopen(directory, static_cast<std::uint32_t>(impl->directories.size()));
      if (!opened) return std::unexpected(std::move(opened.error()));
      impl->descriptors.emplace(next++, std::move(*opened));
      impl->directories.push_back(std::move(directory));
    }
    for (std::uint32_t i = 0; i < config.sockets.size(); ++i) {
      impl->descriptors.emplace(next++, socket_descriptor(std::move(config.sockets[i]), i));
    }
    return Wasi(std::move(impl));
  });
}

namespace {

/// What preview 0 doesn't have.
bool is_newer(const Function& function) {
  return function.module != preview1 || function.name == "sock_accept";
}

}  // namespace

std::optional<std::uint64_t> Wasi::resolve(const FunctionImport& import) {
  const auto all = functions();
  const bool is_preview0 = import.module == unstable;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].name != import.name) continue;
    if (is_preview0 ? is_newer(all[i]) : all[i].module != import.module) continue;
    if (all[i].signature != signature(import.type)) return std::nullopt;
    return first_number + (is_preview0 ? all.size() : 0) + i;
  }
  return std::nullopt;
}

bool Wasi::owns(std::uint64_t number) {
  return number >= first_number && number - first_number < 2 * functions().size();
}

Answer Wasi::handle(Process& process, const HostCall& call, const HandleOptions& options) {
  assert(owns(call.number));
  if (!owns(call.number)) return resume_with(Errno::nosys);
  const auto all = functions();
  const auto place = static_cast<std::size_t>(call.number - first_number);
  Call c{*impl_,
         process,
         GuestMemory(process.memory(), options.observer),
         call.arguments,
         place >= all.size(),
         options.time_is_over};
  Answer answer = resume_with(Errno::nomem);
  static_cast<void>(
      finds_memory([&] { answer = std::visit(ToAnswer{}, all[place % all.size()].handler(c)); }));
  return answer;
}

// --- the descriptor table ------------------------------------------------------------------------

namespace {

struct ToOpened {
  Opened operator()(const StandardStream& standard) const { return standard.stream; }
  Opened operator()(const OpenedStream& opened) const { return opened.stream; }
  Opened operator()(const OpenedSocket& opened) const { return opened.socket; }
  Opened operator()(const OpenedFile& opened) const { return opened.file; }
  Opened operator()(const OpenedDirectory& opened) const { return opened.directory; }
};

}  // namespace

std::vector<std::uint32_t> Wasi::descriptors() const {
  std::vector<std::uint32_t> numbers;
  for (const auto& [number, descriptor] : impl_->descriptors) numbers.push_back(number);
  return numbers;
}

std::optional<OpenDescriptor> Wasi::descriptor(std::uint32_t number) const {
  Descriptor* const found = impl_->find(number);
  if (found == nullptr) return std::nullopt;
  const OpenedFile* const file = found->file();
  return OpenDescriptor{std::visit(ToOpened{}, found->what), found->flags, found->rights,
                        found->inheriting, file != nullptr ? file->position : 0};
}

Expected<std::uint32_t> Wasi::add(Opened what) {
  if (!impl_->has_room()) return std::unexpected(Errno::mfile);
  const Origin unknown{.path = ""};
  return impl_->add(opened_descriptor(std::move(what), unknown, rights::all, rights::all));
}

bool Wasi::close(std::uint32_t number) { return impl_->close(number); }

}  // namespace fermata::wasi
