// What a program is told at its start and does at its end: arguments, environment, randomness,
// exit.
#include "fermata/text.hpp"
#include "tests/wasi/world.hpp"

namespace fermata::test {
namespace {

using wasi::Errno;
using namespace std::string_literals;

TEST_CASE("a guest gets its arguments as C strings and a table of pointers") {
  World world({.arguments = {"program", "", "two words"}});
  CHECK(world.errno_of("args_sizes_get", {16, 20}) == Errno::success);
  CHECK(world.get_u32(16) == 3);
  CHECK(world.get_u32(20) == 19);
  CHECK(world.errno_of("args_get", {100, 200}) == Errno::success);
  CHECK(world.get_u32(100) == 200);
  CHECK(world.get_u32(104) == 208);
  CHECK(world.get_u32(108) == 209);
  CHECK(world.get(200, 19) == "program\0\0two words\0"s);
}

TEST_CASE("a guest gets its environment the same way") {
  World world({.environment = {"A=1", "LONGER=with = inside"}});
  CHECK(world.errno_of("environ_sizes_get", {16, 20}) == Errno::success);
  CHECK(world.get_u32(16) == 2);
  CHECK(world.get_u32(20) == 25);
  CHECK(world.errno_of("environ_get", {100, 200}) == Errno::success);
  CHECK(world.get_u32(104) == 204);
  CHECK(world.get(200, 25) == "A=1\0LONGER=with = inside\0"s);
}

TEST_CASE("a string of the embedder ends at its first NUL") {
  World world({.arguments = {"ab\0cd"s}});
  CHECK(world.errno_of("args_sizes_get", {16, 20}) == Errno::success);
  CHECK(world.get_u32(20) == 3);
}

TEST_CASE("arguments that do not fit where the guest wants them are refused") {
  World world({.arguments = {"12345"}});
  CHECK(world.errno_of("args_get", {memory_size - 4, 0}) == Errno::success);
  CHECK(world.errno_of("args_get", {memory_size - 3, 0}) == Errno::fault);
  CHECK(world.errno_of("args_get", {0, memory_size - 6}) == Errno::success);
  CHECK(world.errno_of("args_get", {0, memory_size - 5}) == Errno::fault);
  CHECK(world.errno_of("args_get", {0xffff'fffe, 0}) == Errno::fault);
  CHECK(world.errno_of("args_sizes_get", {0, memory_size - 3}) == Errno::fault);
}

TEST_CASE("an observer is told of what a call reads and writes, as it was before") {
  struct Observer final : wasi::MemoryObserver {
    void sees(std::uint64_t address, std::span<const std::byte> bytes) override {
      pieces.emplace_back(address,
                          std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    }
    std::vector<std::pair<std::uint64_t, std::string>> pieces;
  };
  const auto module = parse_text(R"((module
    (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
    (memory (export "memory") 1) (data (i32.const 0) "abcdefghijklmnop")
    (func (export "_start") (drop (call $args_get (i32.const 2) (i32.const 8))))))");
  auto process = Process::create(module.value(), wasi::Wasi::resolve).value();
  auto wasi = wasi::Wasi::create({.arguments = {"x"}}).value();
  Observer observer;
  const auto outcome = process.main_thread().run().value();
  static_cast<void>(wasi.handle(process, std::get<HostCall>(outcome), {.observer = &observer}));
  using Piece = std::pair<std::uint64_t, std::string>;
  CHECK(observer.pieces == std::vector<Piece>{{2, "cdef"}, {8, "ij"}});
}

TEST_CASE("proc_exit ends the program with its code") {
  World world;
  CHECK(std::get<wasi::Exited>(world.ask("proc_exit", {7})).code == 7);
  CHECK(std::get<wasi::Exited>(world.ask("proc_exit", {0xffff'ffff})).code == 0xffff'ffff);
}

TEST_CASE("proc_raise ends the program as a shell would tell it, but for no signal at all") {
  World world;
  CHECK(std::get<wasi::Exited>(world.ask("proc_raise", {6})).code == 134);
  CHECK(world.errno_of("proc_raise", {0}) == Errno::success);
  CHECK(world.errno_of("proc_raise", {31}) == Errno::inval);
}

TEST_CASE("with a seed random_get gives the same bytes in every run") {
  World a({.random_seed = 1});
  World b({.random_seed = 1});
  World c({.random_seed = 2});
  for (auto* world : {&a, &b, &c}) {
    CHECK(world->errno_of("random_get", {100, 61}) == Errno::success);
  }
  CHECK(a.get(100, 61) == b.get(100, 61));
  CHECK(a.get(100, 61) != c.get(100, 61));
  CHECK(a.get(161, 3) == "\0\0\0"s);
  CHECK(a.errno_of("random_get", {200, 61}) == Errno::success);
  CHECK(a.get(100, 61) != a.get(200, 61));
}

TEST_CASE("without a seed random_get gives the system's randomness, all the bytes asked for") {
  World world;
  CHECK(world.errno_of("random_get", {0, 1000}) == Errno::success);
  CHECK(world.errno_of("random_get", {1000, 1000}) == Errno::success);
  CHECK(world.get(0, 1000) != world.get(1000, 1000));
  CHECK(world.get(980, 20) != std::string(20, '\0'));
  CHECK(world.get(2000, 8) == std::string(8, '\0'));
}

TEST_CASE("more randomness at once than a host call should take time for is refused") {
  World world;
  CHECK(world.errno_of("random_get", {0, (64 << 20) + 1}) == Errno::inval);
  CHECK(world.errno_of("random_get", {0, 0xffff'ffff}) == Errno::inval);
}

TEST_CASE("randomness at the edge of the memory is given, past it refused") {
  World world;
  CHECK(world.errno_of("random_get", {memory_size - 4, 4}) == Errno::success);
  CHECK(world.errno_of("random_get", {memory_size, 0}) == Errno::success);
  CHECK(world.errno_of("random_get", {memory_size - 4, 5}) == Errno::fault);
  CHECK(world.errno_of("random_get", {0xffff'ffff, 64 << 20}) == Errno::fault);
}

TEST_CASE("a guest may yield") {
  World world;
  CHECK(world.errno_of("sched_yield", {}) == Errno::success);
}

}  // namespace
}  // namespace fermata::test
