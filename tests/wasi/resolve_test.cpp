// Which imports are WASI's, and which functions are there.
#include <set>

#include "tests/wasi/world.hpp"

namespace fermata::test {
namespace {

std::optional<std::uint64_t> resolve(std::string_view module, std::string_view name,
                                     std::string_view signature) {
  return wasi::Wasi::resolve({module, name, type_of(signature)});
}

TEST_CASE(
    "every function of preview 1 and of wasi-threads has a number of its own, far from an "
    "embedder's") {
  std::set<std::uint64_t> numbers;
  for (const auto& f : wasi::functions()) {
    const auto number = resolve(f.module, f.name, f.signature);
    REQUIRE(number);
    CHECK(wasi::Wasi::owns(*number));
    CHECK(*number > 1'000'000'000);
    numbers.insert(*number);
  }
  CHECK(numbers.size() == 47);
  CHECK_FALSE(wasi::Wasi::owns(*numbers.begin() - 1));
  CHECK_FALSE(wasi::Wasi::owns(*numbers.rbegin() + 1));
  CHECK_FALSE(wasi::Wasi::owns(0));
}

TEST_CASE("an import of another module is not WASI's, not even of its older version") {
  CHECK_FALSE(resolve("env", "fd_write", "iiii:i"));
  CHECK_FALSE(resolve("wasi_unstable", "fd_write", "iiii:i"));
  CHECK_FALSE(resolve("", "fd_write", "iiii:i"));
}

TEST_CASE("a function that WASI does not have is refused") {
  CHECK_FALSE(resolve("wasi_snapshot_preview1", "fd_wrote", "iiii:i"));
  CHECK_FALSE(resolve("wasi_snapshot_preview1", "", "iiii:i"));
}

TEST_CASE("a function of WASI with another signature is refused") {
  CHECK(resolve("wasi_snapshot_preview1", "fd_write", "iiii:i"));
  CHECK_FALSE(resolve("wasi_snapshot_preview1", "fd_write", "iiil:i"));
  CHECK_FALSE(resolve("wasi_snapshot_preview1", "fd_write", "iii:i"));
  CHECK_FALSE(resolve("wasi_snapshot_preview1", "fd_write", "iiii:"));
  CHECK_FALSE(resolve("wasi_snapshot_preview1", "proc_exit", "i:i"));
  const FuncType floats{{f32, i32, i32, i32}, {i32}};
  CHECK_FALSE(wasi::Wasi::resolve({"wasi_snapshot_preview1", "fd_write", floats}));
}

TEST_CASE("the functions of a file system and of sockets answer that they are not there") {
  World world;
  const auto nosys = static_cast<wasi::Errno>(52);
  CHECK(world.errno_of("path_open", {3, 0, 0, 0, 0, 0, 0, 0, 0}) == nosys);
  CHECK(world.errno_of("fd_readdir", {3, 0, 0, 0, 0}) == nosys);
  CHECK(world.errno_of("fd_pread", {0, 0, 0, 0, 0}) == nosys);
  CHECK(world.errno_of("sock_accept", {3, 0, 0}) == nosys);
}

TEST_CASE("a guest without a memory is told that its pointers are bad") {
  World world({.arguments = {"a"}}, false);
  CHECK(world.errno_of("args_sizes_get", {0, 4}) == wasi::Errno::fault);
  CHECK(world.errno_of("args_get", {0, 4}) == wasi::Errno::fault);
  CHECK(world.errno_of("random_get", {0, 1}) == wasi::Errno::fault);
  CHECK(world.errno_of("fd_write", {1, 0, 0, 0}) == wasi::Errno::fault);
  CHECK(world.errno_of("poll_oneoff", {0, 0, 1, 0}) == wasi::Errno::fault);
  CHECK(world.errno_of("sched_yield", {}) == wasi::Errno::success);
}

TEST_CASE("no function is harmed by any pointer, size or descriptor") {
  std::string out;
  World world({.arguments = {"a", "b"},
               .in = wasi::bytes_source("input"),
               .out = wasi::bytes_sink(&out, 100'000),
               .err = wasi::bytes_sink(&out, 100'000)});
  const std::uint64_t numbers[] = {
      0,           1,           2,           3,          8, memory_size - 8, memory_size - 1,
      memory_size, 0x7fff'ffff, 0xffff'fff8, 0xffff'ffff};
  std::uint64_t state = 1;
  for (const auto& f : wasi::functions()) {
    for (int round = 0; round < 60; ++round) {
      std::vector<std::uint64_t> arguments(type_of(f.signature).params.size());
      for (auto& a : arguments) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        a = numbers[(state >> 33) % std::size(numbers)];
      }
      (void)world.ask(f.name, arguments);
    }
  }
  CHECK(world.errno_of("sched_yield", {}) == wasi::Errno::success);
}

}  // namespace
}  // namespace fermata::test
