// threads: two guest threads in one process, run in turns, so that each run gives the same output.
//
//     threads threads.wasm              (from guests/threads.c)
#include <cstdint>
#include <cstdio>
#include <fermata/fermata.hpp>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

namespace {

constexpr std::uint64_t yield_call = 1;
constexpr std::uint64_t say_call = 2;

std::optional<std::uint64_t> resolve(const fermata::FunctionImport& import) {
  if (import.module != "host") return {};
  if (import.name == "yield") return yield_call;
  if (import.name == "say") return say_call;
  return {};
}

/// Runs a thread until it yields, ends or traps.
void take_turn(fermata::Thread thread) {
  for (;;) {
    const auto outcome = thread.run().value();
    if (const auto* call = std::get_if<fermata::HostCall>(&outcome)) {
      if (call->number == yield_call) return;
      std::printf("thread %u: %s %d\n", thread.id(),
                  call->arguments[0].as_i32() == 0 ? "put" : "got", call->arguments[1].as_i32());
    } else if (const auto* finished = std::get_if<fermata::Finished>(&outcome)) {
      std::printf("thread %u finished", thread.id());
      for (const auto& result : finished->results)
        std::printf(" with %s", to_string(result).c_str());
      std::printf("\n");
      return;
    } else {
      const auto trap = std::get<fermata::Trapped>(outcome).trap;
      std::printf("thread %u trapped: %s\n", thread.id(), to_string(trap).data());
      return;
    }
  }
}

std::vector<std::uint8_t> read_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int argc, char** argv) {
  const auto module = fermata::Module::load(read_file(argc > 1 ? argv[1] : "threads.wasm"));
  if (!module) {
    std::fprintf(stderr, "%s\n", to_string(module.error()).c_str());
    return 1;
  }
  auto process = fermata::Process::create(*module, resolve).value();
  const std::vector arguments{fermata::Value::i32(3)};
  const auto worker = process.start_thread("worker", arguments);
  std::printf("thread %u is new and paused\n", worker.value().id());
  while (!process.poisoned()) {  // which the end of the main thread makes it
    for (const auto id : process.threads()) {
      if (!process.poisoned()) take_turn(process.thread(id));
    }
  }
}
