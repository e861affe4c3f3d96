// Sockets that the embedder hands in: accepted, received from, sent to, shut down, never waited
// for.
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "tests/wasi/world.hpp"
#include "wasi/rights.hpp"

namespace fermata::test {
namespace {

using wasi::Errno;

/// Two ends of a connection, the first of which is the guest's descriptor 3.
struct Pair {
  explicit Pair(int type = SOCK_STREAM) {
    REQUIRE(::socketpair(AF_UNIX, type, 0, ends.data()) == 0);
  }
  ~Pair() {
    for (const int end : ends) ::close(end);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  [[nodiscard]] World world() const { return World({.sockets = {wasi::host_socket(ends[0])}}); }
  void send(std::string_view bytes) const {
    REQUIRE(::send(ends[1], bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  }
  std::array<int, 2> ends{};
};

TEST_CASE("a guest receives what is there, and is asked again when there is nothing") {
  const Pair pair;
  World world = pair.world();
  world.put_vectors(100, {{200, 3}, {300, 10}});
  CHECK(std::get<wasi::Blocked>(world.ask("sock_recv", {3, 100, 2, 0, 400, 404})).waits[0].host ==
        pair.ends[0]);
  pair.send("abcdef");
  CHECK(std::holds_alternative<wasi::Resume>(world.ask_again()));
  CHECK(world.get_u32(400) == 6);
  CHECK(world.get(200, 3) == "abc");
  CHECK(world.get(300, 3) == "def");
  pair.send("xyz");
  CHECK(world.errno_of("sock_recv", {3, 100, 1, 1, 400, 404}) == Errno::success);
  CHECK(world.get(200, 3) == "xyz");
  CHECK(world.errno_of("fd_read", {3, 100, 1, 400}) == Errno::success);
  CHECK(world.get(200, 3) == "xyz");
  CHECK(std::holds_alternative<wasi::Blocked>(world.ask("fd_read", {3, 100, 1, 400})));
  CHECK(world.errno_of("fd_fdstat_set_flags", {3, wasi::fdflags::nonblock}) == Errno::success);
  CHECK(world.errno_of("sock_recv", {3, 100, 1, 0, 400, 404}) == Errno::again);
}

TEST_CASE("a guest sends, until no more is taken") {
  const Pair pair;
  World world = pair.world();
  world.put(200, "abcdef");
  world.put_vectors(100, {{200, 2}, {204, 2}, {0, 60000}});
  CHECK(world.errno_of("sock_send", {3, 100, 2, 0, 400}) == Errno::success);
  CHECK(world.get_u32(400) == 4);
  std::array<char, 8> got{};
  REQUIRE(::recv(pair.ends[1], got.data(), got.size(), 0) == 4);
  CHECK(std::string_view(got.data(), 4) == "abef");
  auto answer = world.ask("fd_write", {3, 100, 3, 400});
  for (int i = 0; i < 1000 && std::holds_alternative<wasi::Resume>(answer); ++i) {
    answer = world.ask("sock_send", {3, 116, 1, 0, 400});
  }
  REQUIRE(std::holds_alternative<wasi::Blocked>(answer));
  CHECK(std::get<wasi::Blocked>(answer).waits[0].for_writing);
}

TEST_CASE("a message that is longer than the buffers is cut off, which is told") {
  const Pair pair(SOCK_DGRAM);
  World world = pair.world();
  world.put_vectors(100, {{200, 2}, {300, 2}});
  CHECK(world.errno_of("fd_fdstat_get", {3, 500}) == Errno::success);
  CHECK(world.get_number<std::uint8_t>(500) ==
        static_cast<std::uint8_t>(wasi::FileType::socket_dgram));
  pair.send("abcdef");
  CHECK(world.errno_of("sock_recv", {3, 100, 2, 0, 400, 404}) == Errno::success);
  CHECK(world.get_u32(400) == 4);
  CHECK(world.get_number<std::uint16_t>(404) == 1);
  pair.send("ab");
  CHECK(world.errno_of("sock_recv", {3, 100, 2, 0, 400, 404}) == Errno::success);
  CHECK(world.get_number<std::uint16_t>(404) == 0);
}

TEST_CASE("a socket that was shut down is at its end") {
  const Pair pair;
  World world = pair.world();
  world.put_vectors(100, {{200, 3}});
  CHECK(world.errno_of("sock_shutdown", {3, 0}) == Errno::inval);
  CHECK(world.errno_of("sock_shutdown", {3, 4}) == Errno::inval);
  CHECK(world.errno_of("sock_shutdown", {3, 2}) == Errno::success);
  CHECK(world.errno_of("sock_send", {3, 100, 1, 0, 400}) == Errno::pipe);
  CHECK(world.errno_of("sock_shutdown", {3, 1}) == Errno::success);
  CHECK(world.errno_of("sock_recv", {3, 100, 1, 0, 400, 404}) == Errno::success);
  CHECK(world.get_u32(400) == 0);
}

TEST_CASE("connections are accepted, and closed by the guest") {
  const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  REQUIRE(::bind(listening, any, size) == 0);
  REQUIRE(::listen(listening, 4) == 0);
  REQUIRE(::getsockname(listening, any, &size) == 0);
  World world({.sockets = {wasi::host_socket(listening)}});
  CHECK(std::holds_alternative<wasi::Blocked>(world.ask("sock_accept", {3, 0, 400})));
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(::connect(client, any, size) == 0);
  const auto accepted = world.ask_again();
  CHECK(std::get<wasi::Resume>(accepted).result == Value::i32(0));
  REQUIRE(world.get_u32(400) == 4);
  world.put(200, "hello");
  world.put_vectors(100, {{200, 5}});
  CHECK(world.errno_of("sock_send", {4, 100, 1, 0, 404}) == Errno::success);
  std::array<char, 8> got{};
  CHECK(::recv(client, got.data(), got.size(), 0) == 5);
  CHECK(world.errno_of("fd_close", {4}) == Errno::success);
  CHECK(::recv(client, got.data(), got.size(), 0) == 0);
  CHECK(world.errno_of("sock_accept", {3, 1, 400}) == Errno::inval);
  CHECK(world.errno_of("sock_accept", {1, 0, 400}) == Errno::notsock);
  ::close(client);
  ::close(listening);
}

TEST_CASE("a restored guest has the sockets that it is given, and lost its connections") {
  const Pair pair;
  World world = pair.world();
  auto state = world.state();
  state.descriptors.push_back({4, wasi::State::SocketPlace{}, 0, wasi::rights::of_socket, 0});
  REQUIRE(world.go_on(state, {.sockets = {wasi::host_socket(pair.ends[0])}}).has_value());
  pair.send("abc");
  world.put_vectors(100, {{200, 3}});
  CHECK(world.errno_of("sock_recv", {3, 100, 1, 0, 400, 404}) == Errno::success);
  CHECK(world.get(200, 3) == "abc");
  CHECK(world.errno_of("sock_recv", {4, 100, 1, 0, 400, 404}) == Errno::connreset);
  REQUIRE(world.go_on(state).has_value());
  CHECK(world.errno_of("sock_recv", {3, 100, 1, 0, 400, 404}) == Errno::badf);
}

}  // namespace
}  // namespace fermata::test
