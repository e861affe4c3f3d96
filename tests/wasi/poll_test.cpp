// poll_oneoff on descriptors that have nothing now, with and without a clock.
#include "tests/wasi/world.hpp"

namespace fermata::test {
namespace {

using wasi::Errno;
using namespace std::chrono_literals;

/// Ready when it is told to be.
class Switched final : public wasi::Stream {
 public:
  wasi::Expected<std::size_t> read(std::span<std::byte>) override { return 0; }
  wasi::Expected<std::size_t> write(std::span<const std::byte> bytes) override {
    return bytes.size();
  }
  bool readable() const override { return is_ready; }
  bool writable() const override { return is_ready; }
  int host() const override { return 77; }
  bool is_ready = false;
};

constexpr std::uint32_t in = 1000, out = 5000, count = 9000;

void subscribe(World& world, std::uint32_t i, std::uint8_t type, std::uint32_t fd) {
  const auto at = in + 48 * i;
  world.put_number(at, std::uint64_t{i + 10});
  world.put_number(at + 8, type);
  world.put_number(at + 16, fd);
}

void subscribe_clock(World& world, std::uint32_t i, std::uint64_t timeout) {
  subscribe(world, i, 0, 1);  // the monotonic one
  world.put_number(in + 48 * i + 24, timeout);
  world.put_number(in + 48 * i + 40, std::uint16_t{0});
}

TEST_CASE("waiting for streams is left to the embedder, who is told for which") {
  const auto stream = std::make_shared<Switched>();
  World world({.in = stream, .out = stream});
  subscribe(world, 0, 1, 0);
  subscribe(world, 1, 2, 1);
  const auto answer = world.ask("poll_oneoff", {in, out, 2, count});
  const auto& blocked = std::get<wasi::Blocked>(answer);
  CHECK_FALSE(blocked.timeout);
  REQUIRE(blocked.waits.size() == 2);
  CHECK(blocked.waits[0].descriptor == 0);
  CHECK_FALSE(blocked.waits[0].for_writing);
  CHECK(blocked.waits[0].host == 77);
  CHECK(blocked.waits[1].descriptor == 1);
  CHECK(blocked.waits[1].for_writing);
  stream->is_ready = true;
  CHECK(std::get<wasi::Resume>(world.ask_again()).delay == 0ns);
  CHECK(world.get_u32(count) == 2);
  CHECK(world.get_u64(out) == 10);
  CHECK(world.get_u64(out + 32) == 11);
}

TEST_CASE(
    "with a clock there is a timeout, and when it has passed the clock's event is the answer") {
  const auto stream = std::make_shared<Switched>();
  World world({.in = stream});
  subscribe(world, 0, 1, 0);
  subscribe_clock(world, 1, 5000);
  subscribe_clock(world, 2, 9000);
  const auto answer = world.ask("poll_oneoff", {in, out, 3, count});
  CHECK(std::get<wasi::Blocked>(answer).timeout == 5000ns);
  CHECK(std::holds_alternative<wasi::Blocked>(world.ask_again()));
  const auto over = world.ask_again(true);
  CHECK(std::get<wasi::Resume>(over).delay == 0ns);
  CHECK(world.get_u32(count) == 1);
  CHECK(world.get_u64(out) == 11);
  CHECK(world.get_number<std::uint8_t>(out + 10) == 0);
}

TEST_CASE("a stream that is ready when the timeout has passed is the answer") {
  const auto stream = std::make_shared<Switched>();
  World world({.in = stream});
  subscribe(world, 0, 1, 0);
  subscribe_clock(world, 1, 5000);
  CHECK(std::holds_alternative<wasi::Blocked>(world.ask("poll_oneoff", {in, out, 2, count})));
  stream->is_ready = true;
  CHECK(std::holds_alternative<wasi::Resume>(world.ask_again(true)));
  CHECK(world.get_u32(count) == 1);
  CHECK(world.get_u64(out) == 10);
}

TEST_CASE("an error among the subscriptions is an answer at once") {
  const auto stream = std::make_shared<Switched>();
  World world({.in = stream});
  subscribe(world, 0, 1, 0);
  subscribe(world, 1, 1, 99);
  CHECK(std::holds_alternative<wasi::Resume>(world.ask("poll_oneoff", {in, out, 2, count})));
  CHECK(world.get_u32(count) == 1);
  CHECK(world.get_u64(out) == 11);
  CHECK(world.get_number<std::uint16_t>(out + 8) == 8);
}

TEST_CASE("waiting for nothing of the host's is over at once") {
  CHECK(wasi::wait_for({}));
  CHECK(wasi::wait_for({.waits = {{}}, .timeout = 1h}));
}

}  // namespace
}  // namespace fermata::test
