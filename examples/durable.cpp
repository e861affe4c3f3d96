// durable: a guest that survives the end of its host. Before a question of the guest is answered the
// whole process is saved; whenever the host starts again it goes on with the last question, as if
// nothing had been. So the guest gets each answer once, though the host may have found it twice.
//
//     durable durable.wasm STATE        (from guests/durable.c; for systems with POSIX files)
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fermata/fermata.hpp>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace {

constexpr std::uint64_t ask_call = 1;
constexpr std::uint64_t report_call = 2;

std::optional<std::uint64_t> resolve(const fermata::FunctionImport& import) {
  if (import.name == "ask") return ask_call;
  if (import.name == "report") return report_call;
  return {};
}

/// All that is in a file; nothing when there is none.
template <class Byte>
std::vector<Byte> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto* begin = reinterpret_cast<const Byte*>(bytes.data());
  return {begin, begin + bytes.size()};
}

/// Writes to a descriptor as a snapshot comes.
class FileSink final : public fermata::SnapshotSink {
 public:
  explicit FileSink(int file) : file_(file) {}
  fermata::Result<void> write(std::span<const std::byte> piece) override {
    while (!piece.empty()) {
      const ssize_t written = ::write(file_, piece.data(), piece.size());
      if (written < 0) {
        fermata::Error error;
        error.code = fermata::ErrorCode::io_failed;
        error.message = "cannot write the state";
        return std::unexpected(error);
      }
      piece = piece.subspan(static_cast<std::size_t>(written));
    }
    return {};
  }

 private:
  int file_;
};

/// The state is either the old one or the new one, whenever the host ends: the new one gets its name
/// when all of it is on the disk.
bool save(const fermata::Process& process, const std::string& path) {
  const std::string beside = path + ".new";
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return false;
  FileSink sink(file);
  const bool written = process.snapshot(sink).has_value() && ::fsync(file) == 0;
  return ::close(file) == 0 && written && std::rename(beside.c_str(), path.c_str()) == 0;
}

/// What a tool answers. It may be asked again, after the host has ended in between.
std::int32_t find_answer(std::int32_t question) { return question * 7919 % 10007; }

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: durable durable.wasm STATE\n");
    return 2;
  }
  const std::string path = argv[2];
  const auto module = fermata::Module::load(read_file<std::uint8_t>(argv[1]));
  if (!module) {
    std::fprintf(stderr, "%s\n", to_string(module.error()).c_str());
    return 1;
  }
  const auto state = read_file<std::byte>(path);
  auto process = state.empty() ? fermata::Process::create(*module, resolve)
                               : fermata::Process::restore(*module, state, resolve);
  if (!process) {
    std::fprintf(stderr, "%s\n", to_string(process.error()).c_str());
    return 1;
  }
  auto thread = process->main_thread();
  if (state.empty()) static_cast<void>(thread.run());
  for (;;) {
    const auto call = thread.pending_host_call();
    if (!call) break;
    if (call->number == report_call) {
      std::printf("the sum is %u\n", static_cast<unsigned>(call->arguments[0].as_i32()));
      return 0;
    }
    if (!save(*process, path)) {
      std::perror("durable: cannot save the state");
      return 1;
    }
    const auto answer = find_answer(call->arguments[0].as_i32());
    static_cast<void>(thread.run({fermata::Value::i32(answer)}));
  }
  return 1;
}
