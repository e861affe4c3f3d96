// fd_read and fd_write: vectors of any shape, short counts, streams that have nothing now.
#include <algorithm>

#include "tests/wasi/world.hpp"

namespace fermata::test {
namespace {

using wasi::Errno;

/// A stream that an event loop feeds: without bytes it has nothing *now*.
class FedStream final : public wasi::Stream {
 public:
  wasi::Expected<std::size_t> read(std::span<std::byte> into) override {
    if (bytes.empty()) return std::unexpected(Errno::again);
    const auto count = std::min(into.size(), bytes.size());
    std::ranges::copy(std::as_bytes(std::span(bytes)).first(count), into.begin());
    bytes.erase(0, count);
    return count;
  }
  wasi::Expected<std::size_t> write(std::span<const std::byte> from) override {
    if (room == 0) return std::unexpected(Errno::again);
    const auto count = std::min(from.size(), room);
    room -= count;
    return count;
  }
  bool readable() const override { return !bytes.empty(); }

  std::string bytes;
  std::size_t room = 0;
};

TEST_CASE("a write gathers its vectors, empty ones too") {
  std::string out;
  World world({.out = wasi::bytes_sink(&out)});
  world.put(0, "hello, world\n");
  world.put_vectors(100, {{0, 5}, {memory_size, 0}, {5, 2}, {7, 6}});
  CHECK(world.errno_of("fd_write", {1, 100, 4, 200}) == Errno::success);
  CHECK(out == "hello, world\n");
  CHECK(world.get_u32(200) == 13);
}

TEST_CASE("a write of nothing is fine") {
  std::string out;
  World world({.out = wasi::bytes_sink(&out, 0)});
  CHECK(world.errno_of("fd_write", {1, 100, 0, 200}) == Errno::success);
  CHECK(world.get_u32(200) == 0);
}

TEST_CASE("a read scatters into its vectors, and gives 0 at the end") {
  World world({.in = wasi::bytes_source("abcdefg")});
  world.put_vectors(100, {{0, 3}, {10, 3}, {20, 3}});
  CHECK(world.errno_of("fd_read", {0, 100, 3, 200}) == Errno::success);
  CHECK(world.get_u32(200) == 7);
  CHECK(world.get(0, 3) == "abc");
  CHECK(world.get(10, 3) == "def");
  CHECK(world.get(20, 2) == std::string("g\0", 2));
  CHECK(world.errno_of("fd_read", {0, 100, 3, 200}) == Errno::success);
  CHECK(world.get_u32(200) == 0);
}

TEST_CASE("standard input is for reading, the others are for writing") {
  World world;
  world.put_vectors(100, {{0, 1}});
  CHECK(world.errno_of("fd_write", {0, 100, 1, 200}) == Errno::badf);
  CHECK(world.errno_of("fd_read", {1, 100, 1, 200}) == Errno::badf);
  CHECK(world.errno_of("fd_read", {2, 100, 1, 200}) == Errno::badf);
  CHECK(world.errno_of("fd_write", {5, 100, 1, 200}) == Errno::badf);
}

TEST_CASE("with one bad pointer among its vectors a write writes nothing") {
  std::string out;
  World world({.out = wasi::bytes_sink(&out)});
  world.put_vectors(100, {{0, 5}, {memory_size - 2, 3}});
  CHECK(world.errno_of("fd_write", {1, 100, 2, 200}) == Errno::fault);
  world.put_vectors(100, {{0, 5}, {0xffff'ffff, 0xffff'ffff}});
  CHECK(world.errno_of("fd_write", {1, 100, 2, 200}) == Errno::fault);
  CHECK(world.errno_of("fd_write", {1, memory_size - 7, 1, 200}) == Errno::fault);
  CHECK(world.errno_of("fd_write", {1, 100, 1, memory_size - 3}) == Errno::fault);
  CHECK(out.empty());
}

TEST_CASE("1024 vectors are enough") {
  std::string out;
  World world({.out = wasi::bytes_sink(&out)});
  for (std::uint32_t i = 0; i < 1025; ++i) world.put_vectors(8 * i, {{60000, 1}});
  CHECK(world.errno_of("fd_write", {1, 0, 1024, 65000}) == Errno::success);
  CHECK(out.size() == 1024);
  CHECK(world.errno_of("fd_write", {1, 0, 1025, 65000}) == Errno::inval);
  CHECK(world.errno_of("fd_write", {1, 0, 0xffff'ffff, 65000}) == Errno::inval);
}

TEST_CASE("a sink takes as much as it may, then it is full") {
  std::string out;
  World world({.out = wasi::bytes_sink(&out, 7)});
  world.put(0, "12345");
  world.put_vectors(100, {{0, 5}, {0, 5}});
  CHECK(world.errno_of("fd_write", {1, 100, 2, 200}) == Errno::success);
  CHECK(world.get_u32(200) == 7);
  CHECK(out == "1234512");
  CHECK(world.errno_of("fd_write", {1, 100, 2, 200}) == Errno::nospc);
  CHECK(out.size() == 7);
}

TEST_CASE("a read from a stream that has nothing now is asked again later, nothing lost") {
  const auto fed = std::make_shared<FedStream>();
  World world({.in = fed});
  world.put_vectors(100, {{0, 4}, {10, 4}});
  const auto waits = std::get<wasi::Blocked>(world.ask("fd_read", {0, 100, 2, 200})).waits;
  REQUIRE(waits.size() == 1);
  CHECK(waits[0].descriptor == 0);
  CHECK_FALSE(waits[0].for_writing);
  CHECK(std::holds_alternative<wasi::Blocked>(world.ask_again()));
  fed->bytes = "abcdef";
  CHECK(std::get<wasi::Resume>(world.ask_again()).result == Value::i32(0));
  CHECK(world.get_u32(200) == 6);
  CHECK(world.get(0, 4) == "abcd");
  CHECK(world.get(10, 2) == "ef");
}

TEST_CASE("a read that has filled a vector does not wait for the next one") {
  const auto fed = std::make_shared<FedStream>();
  World world({.in = fed});
  world.put_vectors(100, {{0, 4}, {10, 4}});
  fed->bytes = "abcd";
  CHECK(world.errno_of("fd_read", {0, 100, 2, 200}) == Errno::success);
  CHECK(world.get_u32(200) == 4);
}

TEST_CASE("a guest that does not want to wait is told to try again") {
  const auto fed = std::make_shared<FedStream>();
  World world({.in = fed, .out = fed});
  world.put_vectors(100, {{0, 4}});
  CHECK(world.errno_of("fd_fdstat_set_flags", {0, 4}) == Errno::success);
  CHECK(world.errno_of("fd_fdstat_set_flags", {1, 4}) == Errno::success);
  CHECK(world.errno_of("fd_read", {0, 100, 1, 200}) == Errno::again);
  CHECK(world.errno_of("fd_write", {1, 100, 1, 200}) == Errno::again);
}

TEST_CASE("a write that only a part of fits now gives that part") {
  const auto fed = std::make_shared<FedStream>();
  World world({.out = fed});
  world.put_vectors(100, {{0, 4}, {0, 4}});
  CHECK(std::holds_alternative<wasi::Blocked>(world.ask("fd_write", {1, 100, 2, 200})));
  fed->room = 4;
  CHECK(std::holds_alternative<wasi::Resume>(world.ask_again()));
  CHECK(world.get_u32(200) == 4);
}

TEST_CASE("a stream that an embedder leaves at its defaults refuses everything") {
  struct Nothing final : wasi::Stream {};
  const auto nothing = std::make_shared<Nothing>();
  World world({.in = nothing, .out = nothing});
  world.put_vectors(100, {{0, 4}});
  CHECK(world.errno_of("fd_read", {0, 100, 1, 200}) == Errno::badf);
  CHECK(world.errno_of("fd_write", {1, 100, 1, 200}) == Errno::badf);
  CHECK(world.errno_of("fd_tell", {0, 200}) == Errno::spipe);
}

}  // namespace
}  // namespace fermata::test
