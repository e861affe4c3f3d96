// wasi_unstable: the same functions with the layouts that they had before preview 1.
#include "tests/wasi/guest_files.hpp"

namespace fermata::test {
namespace {

using wasi::Errno;

World older_world() {
  return World({.arguments = {"program"},
                .directories = {{.guest = "/", .root = wasi::memory_directory()}},
                .in = wasi::bytes_source("input")},
               true, Preview::preview0);
}

TEST_CASE("preview 0 counts whence from the current place, the end, the begin") {
  auto world = older_world();
  GuestFiles guest(world);
  const auto fd = guest.open(3, "file", for_writing(wasi::oflags::creat)).value();
  CHECK(guest.write(fd, "0123456789") == 10u);
  const auto seek = [&](std::int64_t offset, std::uint32_t whence) {
    REQUIRE(world.errno_of("fd_seek", {fd, static_cast<std::uint64_t>(offset), whence, 500}) ==
            Errno::success);
    return world.get_u64(500);
  };
  CHECK(seek(-3, 0) == 7);
  CHECK(seek(-1, 1) == 9);
  CHECK(seek(2, 2) == 2);
  CHECK(world.errno_of("fd_seek", {fd, 0, 3, 500}) == Errno::inval);
}

TEST_CASE("a filestat of preview 0 has 56 bytes") {
  auto world = older_world();
  GuestFiles guest(world);
  guest.create(3, "file", "0123456789");
  REQUIRE(guest.link(3, "file", 3, "other") == Errno::success);
  REQUIRE(guest.set_times(3, "file", 1000, 2000, 5) == Errno::success);
  world.put(600, std::string(64, 'x'));
  world.put(0, "file");
  REQUIRE(world.errno_of("path_filestat_get", {3, 0, 0, 4, 600}) == Errno::success);
  CHECK(world.get_u64(600) != 0);
  CHECK(world.get_number<std::uint8_t>(616) == 4);
  CHECK(world.get_u32(620) == 2);
  CHECK(world.get_u64(624) == 10);
  CHECK(world.get_u64(632) == 1000);
  CHECK(world.get_u64(640) == 2000);
  CHECK(world.get(656, 8) == "xxxxxxxx");
  CHECK(world.errno_of("fd_filestat_get", {3, memory_size - 56}) == Errno::success);
  CHECK(world.errno_of("fd_filestat_get", {3, memory_size - 55}) == Errno::fault);
}

TEST_CASE("a subscription of preview 0 has 56 bytes, of which a clock has a number of its own") {
  auto world = older_world();
  world.put(1000, std::string(112, '\0'));
  world.put_number(1000, std::uint64_t{7});
  world.put_number(1000 + 16, std::uint64_t{99});  // what nobody looks at
  world.put_number(1000 + 24, std::uint32_t{1});
  world.put_number(1000 + 32, std::uint64_t{5000});
  const auto answer = world.ask("poll_oneoff", {1000, 2000, 1, 3000});
  CHECK(std::get<wasi::Resume>(answer).delay == std::chrono::nanoseconds(5000));
  CHECK(world.get_u64(2000) == 7);
  world.put_number(1056, std::uint64_t{8});
  world.put_number(1056 + 8, std::uint8_t{1});
  world.put_number(1056 + 16, std::uint32_t{0});
  const auto both = world.ask("poll_oneoff", {1000, 2000, 2, 3000});
  CHECK(std::get<wasi::Resume>(both).delay == std::chrono::nanoseconds(0));
  CHECK(world.get_u32(3000) == 1);
  CHECK(world.get_u64(2000) == 8);
}

TEST_CASE("the rest of preview 0 is as in preview 1") {
  auto world = older_world();
  GuestFiles guest(world);
  REQUIRE(guest.make_directory(3, "a") == Errno::success);
  guest.create(3, "a/file", "bytes");
  CHECK(guest.contents(3, "a/file") == "bytes");
  CHECK(guest.list(3)->size() == 3);
  CHECK(guest.rename(3, "a", 3, "b") == Errno::success);
  CHECK(world.errno_of("args_sizes_get", {100, 104}) == Errno::success);
  CHECK(world.get_u32(100) == 1);
}

}  // namespace
}  // namespace fermata::test
