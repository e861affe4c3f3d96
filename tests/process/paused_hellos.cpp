// Many WASI programs, paused where they print, in one OS process, and what the host can still do.
//
//     paused_hellos COUNT [MEBIBYTES]        with at most so much address space
//
// All options are the default ones. A program of its own, for the limit holds for all that follows.
#include <fmt/core.h>
#include <sys/resource.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "fermata/fermata.hpp"
#include "fermata/text.hpp"

namespace {

using fermata::HostCall;
using fermata::Module;
using fermata::Process;

// As a C compiler makes it: two pages, no maximum, the stack below the data; its arguments need a
// page of heap.
constexpr std::string_view hello = R"((module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (global $stack (mut i32) (i32.const 65536))
  (data (i32.const 65536) "\00\00\00\00\06\00\00\00hello\n")
  (func $print (param $iov i32) (result i32) (local $frame i32)
    (global.set $stack (local.tee $frame (i32.sub (global.get $stack) (i32.const 16))))
    (i32.store (local.get $iov) (i32.const 65544))
    (call $fd_write (i32.const 1) (local.get $iov) (i32.const 1) (local.get $frame)))
  (func (export "_start")
    (if (i32.ne (memory.grow (i32.const 1)) (i32.const 2)) (then (unreachable)))
    (if (call $print (i32.const 65536)) (then (unreachable))))))";

[[noreturn]] void fail(const std::string& why) {
  fmt::print(stderr, "paused_hellos: {}\n", why);
  std::exit(1);
}

template <class T>
T ok(fermata::Result<T> result) {
  if (!result) fail(to_string(result.error()));
  return std::move(*result);
}

void limit_address_space(std::uint64_t bytes) {
  rlimit limit{};
  limit.rlim_cur = limit.rlim_max = static_cast<rlim_t>(bytes);
  if (setrlimit(RLIMIT_AS, &limit) != 0) fail("the address space cannot be limited");
}

Process paused(const Module& module) {
  Process process = ok(Process::create(module, [](const auto&) { return std::optional(7); }));
  const auto outcome = ok(process.main_thread().run());
  const auto* const call = std::get_if<HostCall>(&outcome);
  if (call == nullptr || call->number != 7) fail("a guest does not wait where it prints");
  return process;
}

/// Small and large allocations, and OS threads.
void use_the_host() {
  std::vector<std::vector<char>> blocks;
  for (int i = 0; i < 1000; ++i) blocks.emplace_back(8192, 'x');
  blocks.emplace_back(64 << 20, 'x');
  std::vector<std::thread> threads;
  int sums[8] = {};
  for (int& sum : sums) threads.emplace_back([&sum] { sum = 1; });
  for (std::thread& thread : threads) thread.join();
  for (const int sum : sums) {
    if (sum != 1) fail("an OS thread did not run");
  }
}

/// Answers the guest, which must have printed what it should, and end.
void finish(Process& process) {
  const auto memory = process.memory();
  std::string text(6, '\0');
  if (!memory->read(65544, std::as_writable_bytes(std::span(text))) || text != "hello\n") {
    fail("a guest's memory is not its own");
  }
  const fermata::Value success[] = {fermata::Value::i32(0)};
  const auto outcome = ok(process.main_thread().run(success));
  if (!std::holds_alternative<fermata::Finished>(outcome)) fail("a guest did not end");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) fail("usage: paused_hellos COUNT [MEBIBYTES]");
  if (argc > 2) limit_address_space(std::strtoull(argv[2], nullptr, 10) << 20);
  const auto count = static_cast<std::size_t>(std::strtoull(argv[1], nullptr, 10));
  const Module module = ok(fermata::parse_text(hello));
  std::vector<Process> processes;
  processes.reserve(count);
  while (processes.size() < count) processes.push_back(paused(module));
  use_the_host();
  for (Process& process : processes) finish(process);
}
