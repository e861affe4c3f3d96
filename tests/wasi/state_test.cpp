// What a Wasi remembers, and another one that goes on with it.
#include <cstdio>

#include "tests/wasi/guest_files.hpp"

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
  const auto host_of = [](const World& w) { return w.state().directories.back().host; };
  REQUIRE(world.go_on(world.state()).has_value());
  CHECK(host_of(world) == "/");
  REQUIRE(world.go_on(world.state(), {.directories = {{"/usr", "/guest"}}}).has_value());
  CHECK(host_of(world) == "/usr");
  CHECK(world.errno_of("fd_prestat_get", {3, 8}) == Errno::success);
  auto state = world.state();
  state.directories.back().host = "/no/such/directory";
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

/// The message of what is wrong with going on.
std::string refusal(World& world, const wasi::State& state, wasi::Config config = {}) {
  const auto done = world.go_on(state, std::move(config));
  REQUIRE_FALSE(done.has_value());
  CHECK(done.error().code == ErrorCode::io_failed);
  return done.error().message;
}

TEST_CASE("files and directories that were open are opened again, where they were") {
  const TemporaryDirectory directory;
  World world({.directories = {{directory.path().string(), "/"}}});
  GuestFiles guest(world);
  REQUIRE(guest.make_directory(3, "a") == Errno::success);
  guest.create(3, "a/file", "0123456789");
  const auto a = guest.open(3, "./a/", as_directory()).value();
  const auto file = guest.open(a, "file", for_writing(0, wasi::fdflags::sync)).value();
  const auto reader = guest.open(a, "file").value();
  CHECK(guest.read(file, 4) == "0123");
  CHECK(guest.seek(reader, 8, wasi::Whence::set) == 8u);
  CHECK(guest.close(3) == Errno::success);
  CHECK(guest.rename(a, "file", a, "renamed") == Errno::success);
  REQUIRE(world.go_on(world.state()).has_value());
  CHECK(guest.read(file, 2) == "45");
  CHECK(guest.read(reader) == "89");
  CHECK(guest.write(file, "x") == 1u);
  CHECK(guest.write(reader, "x").error() == Errno::badf);
  CHECK(directory.read("a/renamed") == "012345x789");
  CHECK(guest.contents(a, "renamed") == "012345x789");
  CHECK(guest.open(3, "a").error() == Errno::badf);
  REQUIRE(world.errno_of("fd_fdstat_get", {file, 100}) == Errno::success);
  CHECK(world.get_number<std::uint16_t>(102) == wasi::fdflags::sync);
}

TEST_CASE("a file that is gone, or another one, is not opened in its place") {
  const TemporaryDirectory directory, elsewhere;
  World world({.directories = {{directory.path().string(), "/"}}});
  GuestFiles guest(world);
  guest.create(3, "file", "0123456789");
  REQUIRE(guest.open(3, "file").has_value());
  const auto state = world.state();
  std::filesystem::rename(directory.path() / "file", directory.path() / "kept");
  CHECK_THAT(refusal(world, state), has_text("cannot open 'file' in '/' again: No such file"));
  directory.write("file", "0123456789");
  CHECK_THAT(refusal(world, state), has_text("it is another file now"));
  std::filesystem::remove(directory.path() / "file");
  std::filesystem::create_directory(directory.path() / "file");
  CHECK_THAT(refusal(world, state), has_text("it is another file now"));
  std::filesystem::remove(directory.path() / "file");
  std::filesystem::create_symlink("../" + directory.path().filename().string() + "/kept",
                                  directory.path() / "file");
  CHECK_THAT(refusal(world, state), has_text("it leads out of the directory"));
  // A copy of the directory does, when it is put in the place of the first.
  const wasi::Config moved{.directories = {{elsewhere.path().string(), "/"}}};
  CHECK_THAT(refusal(world, state, moved), has_text("No such file"));
  elsewhere.write("file", "012345678");
  CHECK_THAT(refusal(world, state, moved), has_text("it is another file now"));
  elsewhere.write("file", "abcdefghij");
  REQUIRE(world.go_on(state, moved).has_value());
  CHECK(guest.read(4) == "abcdefghij");
}

TEST_CASE("a state with files that no Wasi can have open is refused") {
  World world({.directories = {{.guest = "/", .root = wasi::memory_directory()}}});
  GuestFiles guest(world);
  guest.create(3, "file", "bytes");
  REQUIRE(guest.open(3, "file").has_value());
  const wasi::Config config{.directories = {{.guest = "/", .root = wasi::memory_directory()}}};
  const auto code = [&](auto change) {
    auto state = world.state();
    change(state);
    const auto done = world.go_on(state, config);
    return done ? std::nullopt : std::optional(done.error().code);
  };
  using State = wasi::State;
  CHECK(code([](State& s) { s.descriptors[3].file = State::Preopened{1}; }) ==
        ErrorCode::invalid_snapshot);
  CHECK(code([](State& s) { std::get<State::File>(s.descriptors[4].file).directory = 7; }) ==
        ErrorCode::invalid_snapshot);
  CHECK(code([](State& s) {
          std::get<State::File>(s.descriptors[4].file).position = 1ull << 63;
        }) == ErrorCode::invalid_snapshot);
  CHECK(code([](State& s) { std::get<State::File>(s.descriptors[4].file).path = "../x"; }) ==
        ErrorCode::io_failed);
  CHECK(code([](State& s) { std::get<State::File>(s.descriptors[4].file).path = "/x"; }) ==
        ErrorCode::io_failed);
  CHECK(code([](State& s) { std::get<State::File>(s.descriptors[4].file).path.clear(); }) ==
        ErrorCode::io_failed);
  CHECK(code([](State& s) { s.descriptors[3].rights = ~0ull, s.descriptors.pop_back(); }) ==
        std::nullopt);
  REQUIRE(world.errno_of("fd_fdstat_get", {3, 100}) == Errno::success);
  CHECK(world.get_u64(108) == wasi::rights::of_directory);
}

}  // namespace
}  // namespace fermata::test
