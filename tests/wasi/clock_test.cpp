// Clocks, and waiting for them with poll_oneoff.
#include "tests/wasi/world.hpp"

namespace fermata::test {
namespace {

using wasi::ClockId;
using wasi::Errno;
using namespace std::chrono_literals;

/// Stands still: the real time is 5000, the monotonic one 1000.
class StillClock final : public wasi::Clock {
 public:
  wasi::Expected<std::uint64_t> now(ClockId clock) override {
    if (clock == ClockId::realtime) return 5000;
    if (clock == ClockId::monotonic) return 1000;
    return std::unexpected(Errno::inval);
  }
  wasi::Expected<std::uint64_t> resolution(ClockId) override { return 250; }
};

constexpr std::uint32_t in = 1000;
constexpr std::uint32_t out = 5000;
constexpr std::uint32_t count = 9000;

World still_world() { return World({.clock = std::make_shared<StillClock>()}); }

void subscribe_clock(World& world, std::uint32_t i, std::uint64_t userdata, ClockId clock,
                     std::uint64_t timeout, bool absolute) {
  const auto at = in + 48 * i;
  world.put_number(at, userdata);
  world.put_number(at + 8, std::uint8_t{0});
  world.put_number(at + 16, static_cast<std::uint32_t>(clock));
  world.put_number(at + 24, timeout);
  world.put_number(at + 32, std::uint64_t{0});
  world.put_number(at + 40, static_cast<std::uint16_t>(absolute ? 1 : 0));
}

void subscribe_stream(World& world, std::uint32_t i, std::uint64_t userdata, bool write,
                      std::uint32_t fd) {
  const auto at = in + 48 * i;
  world.put_number(at, userdata);
  world.put_number(at + 8, static_cast<std::uint8_t>(write ? 2 : 1));
  world.put_number(at + 16, fd);
}

std::chrono::nanoseconds poll(World& world, std::uint64_t subscriptions) {
  const auto answer = world.ask("poll_oneoff", {in, out, subscriptions, count});
  const auto& resume = std::get<wasi::Resume>(answer);
  REQUIRE(resume.result == Value::i32(0));
  return resume.delay;
}

std::uint64_t event_userdata(World& world, std::uint32_t i) { return world.get_u64(out + 32 * i); }
Errno event_error(World& world, std::uint32_t i) {
  return static_cast<Errno>(world.get_number<std::uint16_t>(out + 32 * i + 8));
}

TEST_CASE("a guest sees the embedder's clock") {
  auto world = still_world();
  CHECK(world.errno_of("clock_time_get", {0, 0, 8}) == Errno::success);
  CHECK(world.get_u64(8) == 5000);
  CHECK(world.errno_of("clock_time_get", {1, 1, 8}) == Errno::success);
  CHECK(world.get_u64(8) == 1000);
  CHECK(world.errno_of("clock_res_get", {1, 8}) == Errno::success);
  CHECK(world.get_u64(8) == 250);
}

TEST_CASE("the system's clocks are there, and no others") {
  World world;
  for (const std::uint64_t id : {0u, 1u, 2u, 3u}) {
    CHECK(world.errno_of("clock_time_get", {id, 0, 8}) == Errno::success);
    CHECK(world.get_u64(8) > 0);
    CHECK(world.errno_of("clock_res_get", {id, 8}) == Errno::success);
  }
  CHECK(world.errno_of("clock_time_get", {4, 0, 8}) == Errno::inval);
  CHECK(world.errno_of("clock_res_get", {0xffff'ffff, 8}) == Errno::inval);
  CHECK(world.errno_of("clock_time_get", {0, 0, memory_size - 7}) == Errno::fault);
}

TEST_CASE("the monotonic clock never goes back") {
  World world;
  CHECK(world.errno_of("clock_time_get", {1, 0, 8}) == Errno::success);
  CHECK(world.errno_of("clock_time_get", {1, 0, 16}) == Errno::success);
  CHECK(world.get_u64(16) >= world.get_u64(8));
}

TEST_CASE("waiting for a clock is left to the embedder, who is told for how long") {
  auto world = still_world();
  subscribe_clock(world, 0, 77, ClockId::monotonic, 3'000'000, false);
  CHECK(poll(world, 1) == 3ms);
  CHECK(world.get_u32(count) == 1);
  CHECK(event_userdata(world, 0) == 77);
  CHECK(event_error(world, 0) == Errno::success);
  CHECK(world.get_number<std::uint8_t>(out + 10) == 0);
}

TEST_CASE("of several clocks the soonest decides, and only its event is given") {
  auto world = still_world();
  subscribe_clock(world, 0, 1, ClockId::monotonic, 900, false);
  subscribe_clock(world, 1, 2, ClockId::monotonic, 400, false);
  subscribe_clock(world, 2, 3, ClockId::realtime, 5400, true);
  CHECK(poll(world, 3) == 400ns);
  CHECK(world.get_u32(count) == 2);
  CHECK(event_userdata(world, 0) == 2);
  CHECK(event_userdata(world, 1) == 3);
}

TEST_CASE("an absolute time that has passed needs no waiting") {
  auto world = still_world();
  subscribe_clock(world, 0, 1, ClockId::monotonic, 999, true);
  CHECK(poll(world, 1) == 0ns);
  CHECK(world.get_u32(count) == 1);
}

TEST_CASE("a wait of more than 292 years is cut to that") {
  auto world = still_world();
  subscribe_clock(world, 0, 1, ClockId::monotonic, UINT64_MAX, false);
  CHECK(poll(world, 1) == std::chrono::nanoseconds::max());
}

TEST_CASE("a stream is ready at once, so no clock is waited for") {
  auto world = still_world();
  subscribe_clock(world, 0, 1, ClockId::monotonic, 400, false);
  subscribe_stream(world, 1, 2, true, 1);
  subscribe_stream(world, 2, 3, false, 0);
  CHECK(poll(world, 3) == 0ns);
  CHECK(world.get_u32(count) == 2);
  CHECK(event_userdata(world, 0) == 2);
  CHECK(world.get_number<std::uint8_t>(out + 10) == 2);
  CHECK(world.get_u64(out + 16) > 0);
  CHECK(event_userdata(world, 1) == 3);
}

TEST_CASE("a subscription that makes no sense is answered with an event that says so") {
  auto world = still_world();
  subscribe_stream(world, 0, 1, true, 0);
  subscribe_stream(world, 1, 2, false, 99);
  subscribe_clock(world, 2, 3, ClockId::process_cputime, 400, false);
  subscribe_clock(world, 3, 4, ClockId::monotonic, 400, false);
  world.put_number(in + 48 * 3 + 8, std::uint8_t{9});  // no such kind
  CHECK(poll(world, 4) == 0ns);
  REQUIRE(world.get_u32(count) == 4);
  CHECK(event_error(world, 0) == Errno::badf);
  CHECK(event_error(world, 1) == Errno::badf);
  CHECK(event_error(world, 2) == Errno::inval);
  CHECK(event_error(world, 3) == Errno::inval);
}

TEST_CASE("the events may be written over the subscriptions") {
  auto world = still_world();
  for (std::uint32_t i = 0; i < 3; ++i)
    subscribe_clock(world, i, 10 + i, ClockId::realtime, 6000, true);
  const auto answer = world.ask("poll_oneoff", {in, in, 3, count});
  CHECK(std::get<wasi::Resume>(answer).delay == 1000ns);
  CHECK(world.get_u32(count) == 3);
  for (std::uint32_t i = 0; i < 3; ++i) CHECK(world.get_u64(in + 32 * i) == 10 + i);
}

TEST_CASE("poll_oneoff refuses no subscriptions, too many, and bad pointers") {
  auto world = still_world();
  CHECK(world.errno_of("poll_oneoff", {in, out, 0, count}) == Errno::inval);
  CHECK(world.errno_of("poll_oneoff", {in, out, 4097, count}) == Errno::inval);
  CHECK(world.errno_of("poll_oneoff", {in, out, 0xffff'ffff, count}) == Errno::inval);
  CHECK(world.errno_of("poll_oneoff", {memory_size - 47, out, 1, count}) == Errno::fault);
  CHECK(world.errno_of("poll_oneoff", {in, memory_size - 31, 1, count}) == Errno::fault);
  CHECK(world.errno_of("poll_oneoff", {in, out, 1, memory_size - 3}) == Errno::fault);
}

}  // namespace
}  // namespace fermata::test
