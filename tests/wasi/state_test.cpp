// What a Wasi remembers, and another one that goes on with it.
#include <cstdio>

#include "tests/wasi/world.hpp"

namespace fermata::test {
namespace {

using wasi::ClockId;
using wasi::Errno;

/// All clocks show the same.
class SetClock final : public wasi::Clock {
 public:
  explicit SetClock(std::uint64_t time) : time_(time) {}
  wasi::Expected<std::uint64_t> now(ClockId) override { return time_; }
  wasi::Expected<std::uint64_t> resolution(ClockId) override { return 1; }
  void pass(std::uint64_t nanoseconds) { time_ += nanoseconds; }

 private:
  std::uint64_t time_;
};

std::uint64_t time_of(World& world, ClockId clock) {
  const auto id = static_cast<std::uint64_t>(clock);
  REQUIRE(world.errno_of("clock_time_get", {id, 0, 8}) == Errno::success);
  return world.get_u64(8);
}

std::string random_of(World& world) {
  REQUIRE(world.errno_of("random_get", {64, 16}) == Errno::success);
  return world.get(64, 16);
}

TEST_CASE("arguments and environment go on") {
  World world({.arguments = {"program", "one"}, .environment = {"A=1"}});
  REQUIRE(world.go_on(world.state(), {.arguments = {"another"}}).has_value());
  CHECK(world.state().arguments == std::vector<std::string>{"program", "one"});
  CHECK(world.state().environment == std::vector<std::string>{"A=1"});
}

TEST_CASE("a fixed sequence of random numbers goes on where it was") {
  World world({.random_seed = 7});
  World other({.random_seed = 7});
  CHECK(random_of(world) == random_of(other));
  REQUIRE(other.go_on(other.state()).has_value());
  CHECK(random_of(world) == random_of(other));
}

TEST_CASE("clocks go on from what they showed, but real time is real") {
  const auto late = std::make_shared<SetClock>(1'000'000);
  const auto early = std::make_shared<SetClock>(10);
  World world({.clock = late});
  REQUIRE(world.go_on(world.state(), {.clock = early}).has_value());
  early->pass(5);
  CHECK(time_of(world, ClockId::monotonic) == 1'000'005);
  CHECK(time_of(world, ClockId::process_cputime) == 1'000'005);
  CHECK(time_of(world, ClockId::thread_cputime) == 1'000'005);
  CHECK(time_of(world, ClockId::realtime) == 15);
  REQUIRE(world.go_on(world.state(), {.clock = late}).has_value());
  CHECK(time_of(world, ClockId::monotonic) == 1'000'005);
}

TEST_CASE("what was closed stays closed, what was moved is where it was moved to, with its flags") {
  std::string before, after;
  World world({.out = wasi::bytes_sink(&before), .err = wasi::bytes_sink(&before)});
  REQUIRE(world.errno_of("fd_close", {0}) == Errno::success);
  REQUIRE(world.errno_of("fd_renumber", {1, 2}) == Errno::success);
  REQUIRE(world.errno_of("fd_fdstat_set_flags", {2, 4}) == Errno::success);
  REQUIRE(
      world.go_on(world.state(), {.out = wasi::bytes_sink(&after), .err = nullptr}).has_value());
  CHECK(world.errno_of("fd_tell", {0, 8}) == Errno::badf);
  CHECK(world.errno_of("fd_tell", {1, 8}) == Errno::badf);
  world.put_vectors(0, {{100, 2}});
  world.put(100, "hi");
  CHECK(world.errno_of("fd_write", {2, 0, 1, 8}) == Errno::success);
  CHECK(after == "hi");
  REQUIRE(world.errno_of("fd_fdstat_get", {2, 200}) == Errno::success);
  CHECK(world.get_number<std::uint16_t>(202) == 4);
}

TEST_CASE("a directory is opened again, or another one in its place") {
  World world({.directories = {{"/", "/guest"}}});
  const auto host_of = [](const World& w) {
    return std::get<wasi::Directory>(w.state().descriptors.back().file).host;
  };
  REQUIRE(world.go_on(world.state()).has_value());
  CHECK(host_of(world) == "/");
  REQUIRE(world.go_on(world.state(), {.directories = {{"/usr", "/guest"}}}).has_value());
  CHECK(host_of(world) == "/usr");
  CHECK(world.errno_of("fd_prestat_get", {3, 8}) == Errno::success);
  auto state = world.state();
  std::get<wasi::Directory>(state.descriptors.back().file).host = "/no/such/directory";
  CHECK(world.go_on(state).error().code == ErrorCode::io_failed);
}

TEST_CASE("a file as standard input is read on from where it was") {
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  std::fputs("abcdef", file);
  std::rewind(file);
  const int fd = ::fileno(file);
  World world({.in = wasi::host_descriptor(fd)});
  world.put_vectors(0, {{100, 2}});
  REQUIRE(world.errno_of("fd_read", {0, 0, 1, 8}) == Errno::success);
  const auto state = world.state();
  CHECK(state.in_position == 2);
  REQUIRE(world.errno_of("fd_read", {0, 0, 1, 8}) == Errno::success);
  REQUIRE(world.go_on(state, {.in = wasi::host_descriptor(fd)}).has_value());
  REQUIRE(world.errno_of("fd_read", {0, 0, 1, 8}) == Errno::success);
  CHECK(world.get(100, 2) == "cd");
  std::fclose(file);
}

TEST_CASE("a state that no Wasi can be in is refused") {
  World world;
  const auto refused = [&](auto change) {
    auto state = world.state();
    change(state);
    const auto done = world.go_on(state);
    return !done && done.error().code == ErrorCode::invalid_snapshot;
  };
  CHECK(refused([](wasi::State& s) { s.descriptors[0].file = std::uint32_t{3}; }));
  CHECK(refused([](wasi::State& s) { s.descriptors[0].flags = 0x20; }));
  CHECK(refused([](wasi::State& s) { s.descriptors[0].number = 1; }));
  CHECK(refused([](wasi::State& s) { s.next_thread = 0; }));
}

}  // namespace
}  // namespace fermata::test
