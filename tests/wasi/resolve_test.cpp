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
  CHECK_FALSE(wasi::Wasi::owns(*numbers.begin() + 2 * numbers.size()));
  CHECK_FALSE(wasi::Wasi::owns(0));
}

TEST_CASE("preview 0 has the same functions under other numbers, but for the newer ones") {
  for (const auto& f : wasi::functions()) {
    const auto number = resolve("wasi_unstable", f.name, f.signature);
    const bool is_newer = f.name == "sock_accept" || f.name == "thread-spawn";
    CHECK(number.has_value() != is_newer);
    if (number) CHECK(wasi::Wasi::owns(*number));
    CHECK((!number || number != resolve(f.module, f.name, f.signature)));
  }
}

TEST_CASE("an import of another module is not WASI's") {
  CHECK_FALSE(resolve("env", "fd_write", "iiii:i"));
  CHECK_FALSE(resolve("wasi", "fd_write", "iiii:i"));
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

TEST_CASE("a bad descriptor is that, whatever else is wrong") {
  World world;
  constexpr std::uint32_t bad = 0xffff'ffff;
  for (const auto& f : wasi::functions()) {
    const bool has_descriptor =
        f.name.starts_with("fd_") || f.name.starts_with("path_") || f.name.starts_with("sock_");
    if (!has_descriptor) continue;
    INFO(f.name);
    std::vector<std::uint64_t> arguments(type_of(f.signature).params.size(), bad);
    const auto answer = world.ask(f.name, arguments);
    CHECK(std::get<wasi::Resume>(answer).result == Value::i32(8));
  }
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
               .directories = {{.guest = "/", .root = wasi::memory_directory(1u << 20)}},
               .in = wasi::bytes_source("input"),
               .out = wasi::bytes_sink(&out, 100'000),
               .err = wasi::bytes_sink(&out, 100'000),
               .max_descriptors = 100});
  world.put(8, "a/b/../c/./d/e");
  const std::uint64_t numbers[] = {0,
                                   1,
                                   2,
                                   3,
                                   3,
                                   4,
                                   8,
                                   9,
                                   memory_size - 8,
                                   memory_size - 1,
                                   memory_size,
                                   0x7fff'ffff,
                                   0xffff'fff8,
                                   0xffff'ffff,
                                   1ull << 62,
                                   INT64_MAX,
                                   1ull << 63,
                                   UINT64_MAX};
  std::uint64_t state = 1;
  for (const auto& f : wasi::functions()) {
    for (int round = 0; round < 1000; ++round) {
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
