// That a guest never gets out of the host's directories that it was given, and never keeps the
// library waiting: by both ways in which paths are walked.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/wasi/guest_files.hpp"

namespace fermata::test {
namespace {

using wasi::Errno;
using wasi::HostWalk;
namespace oflags = wasi::oflags;

template <class T>
Errno error(const wasi::Expected<T>& result) {
  return result ? Errno::success : result.error();
}

constexpr HostWalk both_walks[] = {HostWalk::automatic, HostWalk::by_components};

/// A directory `outside`, with a secret, beside the guest's `inside`.
struct Prison {
  Prison() {
    std::filesystem::create_directory(outside());
    std::filesystem::create_directory(inside());
    directory.write("outside/secret", "secret");
  }
  [[nodiscard]] std::filesystem::path inside() const { return directory.path() / "inside"; }
  [[nodiscard]] std::filesystem::path outside() const { return directory.path() / "outside"; }
  [[nodiscard]] wasi::Config config(HostWalk walk) const {
    auto root = wasi::host_directory(inside().string(), walk).value();
    return {.directories = {{.guest = "/", .root = std::move(root)}}};
  }
  TemporaryDirectory directory;
};

TEST_CASE("links that the host has made lead out as little as those of a guest") {
  for (const HostWalk walk : both_walks) {
    const Prison prison;
    const auto link = [&](const std::filesystem::path& to, const char* name) {
      std::filesystem::create_symlink(to, prison.inside() / name);
    };
    link(prison.outside() / "secret", "absolute");
    link(prison.outside(), "absolute-directory");
    link("../outside/secret", "relative");
    link("../outside", "relative-directory");
    link("relative-directory", "twice");
    link("../inside/file", "out-and-back");
    std::ofstream(prison.inside() / "file") << "bytes";
    World world(prison.config(walk));
    GuestFiles guest(world);
    for (const char* path :
         {"absolute", "relative", "absolute-directory/secret", "relative-directory/secret",
          "twice/secret", "twice/../outside/secret", "out-and-back", "relative-directory/",
          "absolute-directory/.", "relative-directory/../inside/file"}) {
      INFO(path);
      CHECK(error(guest.open(3, path)) == Errno::notcapable);
      CHECK(error(guest.open(3, path, for_writing(oflags::creat))) != Errno::success);
      CHECK(error(guest.stat(3, path)) == Errno::notcapable);
    }
    CHECK(error(guest.open(3, "relative", {.follow = false})) == Errno::loop);
    CHECK(guest.make_directory(3, "relative-directory/new") == Errno::notcapable);
    CHECK(guest.unlink(3, "relative-directory/secret") == Errno::notcapable);
    CHECK(guest.rename(3, "file", 3, "relative-directory/file") == Errno::notcapable);
    CHECK(guest.rename(3, "relative-directory/secret", 3, "mine") == Errno::notcapable);
    CHECK(guest.link(3, "relative-directory/secret", 3, "mine") == Errno::notcapable);
    CHECK(guest.link(3, "relative", 3, "mine", true) == Errno::notcapable);
    CHECK(guest.symlink("x", 3, "relative-directory/x") == Errno::notcapable);
    CHECK(guest.set_times(3, "relative", 1, 1, 5) == Errno::notcapable);
    CHECK(prison.directory.read("outside/secret") == "secret");
    CHECK(guest.contents(3, "file") == "bytes");
  }
}

#ifdef __linux__
TEST_CASE("the magic links of /proc lead nowhere") {
  const Prison prison;
  const auto secret = prison.outside() / "secret";
  const int fd = ::open(secret.c_str(), O_RDONLY);
  REQUIRE(fd >= 0);
  for (const HostWalk walk : both_walks) {
    auto root = wasi::host_directory("/proc", walk).value();
    World world({.directories = {{.guest = "/", .root = std::move(root)}}});
    GuestFiles guest(world);
    const std::string self = std::to_string(::getpid());
    CHECK(error(guest.open(3, self + "/fd/" + std::to_string(fd))) != Errno::success);
    CHECK(error(guest.open(3, self + "/root/etc/passwd")) != Errno::success);
    CHECK(error(guest.open(3, self + "/cwd/.")) != Errno::success);
    CHECK(error(guest.open(3, "self/root")) != Errno::success);
    CHECK(error(guest.open(3, "self/status")) == Errno::success);
  }
  ::close(fd);
}
#endif

TEST_CASE("10,000 paths are opened while another thread swaps links, and none gets out") {
  for (const HostWalk walk : both_walks) {
    const Prison prison;
    const auto inside = prison.inside();
    std::filesystem::create_directories(inside / "a" / "b");
    std::ofstream(inside / "a" / "b" / "secret") << "public";
    std::ofstream(inside / "secret") << "public";
    std::filesystem::create_symlink("../../outside", inside / "a" / "way-out");
    std::filesystem::create_symlink("../outside/secret", inside / "file-out");
    std::atomic<bool> stop = false;
    // "a/b" is a directory, a link that leads out, and nothing, in turns; so is "secret" a file.
    std::thread swapper([&] {
      const auto swap = [&](const std::filesystem::path& one, const std::filesystem::path& other) {
        const auto away = inside / "away";
        ::rename(one.c_str(), away.c_str());
        ::rename(other.c_str(), one.c_str());
        ::rename(away.c_str(), other.c_str());
      };
      while (!stop) {
        swap(inside / "a" / "b", inside / "a" / "way-out");
        swap(inside / "secret", inside / "file-out");
      }
    });
    World world(prison.config(walk));
    GuestFiles guest(world);
    const char* const paths[] = {"a/b/secret", "secret", "a/b/../b/secret", "a/../a/b/./secret",
                                 "a/b/../../secret"};
    int opened = 0, refused = 0, escaped = 0;
    for (int attempt = 0; attempt < 10'000; ++attempt) {
      const auto found = guest.contents(3, paths[attempt % 5]);
      if (!found)
        ++refused;
      else if (*found == "public")
        ++opened;
      else
        ++escaped;
      if (attempt % 10 != 0) continue;
      const auto stat = guest.stat(3, "a/b/secret");
      escaped += stat && stat->inode == 0;
      static_cast<void>(guest.make_directory(3, "a/b/new"));
      static_cast<void>(guest.remove_directory(3, "a/b/new"));
    }
    stop = true;
    swapper.join();
    INFO(opened << " opened, " << refused << " refused");
    CHECK(escaped == 0);
    CHECK(opened > 0);
    CHECK(refused > 0);
    CHECK(prison.directory.read("outside/secret") == "secret");
    CHECK_FALSE(std::filesystem::exists(prison.outside() / "new"));
  }
}

TEST_CASE("a FIFO is opened and read without waiting") {
  for (const HostWalk walk : both_walks) {
    const Prison prison;
    const auto path = prison.inside() / "fifo";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    World world(prison.config(walk));
    GuestFiles guest(world);
    CHECK(error(guest.open(3, "fifo", {.base = wasi::rights::fd_write})) == Errno::nxio);
    const auto fd = guest.open(3, "fifo").value();
    CHECK(guest.stat(fd)->type == wasi::FileType::unknown);
    const int writer = ::open(path.c_str(), O_WRONLY | O_NONBLOCK);
    REQUIRE(writer >= 0);
    world.put_vectors(100, {{200, 10}});
    const auto answer = world.ask("fd_read", {fd, 100, 1, 300});
    const auto& waits = std::get<wasi::Blocked>(answer).waits;
    REQUIRE(waits.size() == 1);
    CHECK(waits[0].descriptor == fd);
    CHECK(waits[0].host >= 0);
    REQUIRE(::write(writer, "bytes", 5) == 5);
    CHECK(wasi::wait_for(std::get<wasi::Blocked>(answer)));
    CHECK(std::holds_alternative<wasi::Resume>(world.ask_again()));
    CHECK(world.get(200, 5) == "bytes");
    ::close(writer);
    CHECK(guest.read(fd) == "");
  }
}

TEST_CASE("a device that is no terminal can be sought, by which a guest tells it from one") {
  World world({.directories = {{"/dev", "/dev"}}});
  GuestFiles guest(world);
  const auto fd = guest.open(3, "null", for_writing()).value();
  REQUIRE(world.errno_of("fd_fdstat_get", {fd, 100}) == Errno::success);
  CHECK(world.get_number<std::uint8_t>(100) ==
        static_cast<std::uint8_t>(wasi::FileType::character_device));
  CHECK((world.get_u64(108) & wasi::rights::to_seek) == wasi::rights::to_seek);
  CHECK(guest.read(fd) == "");
  CHECK(guest.write(fd, "gone") == 4u);
}

TEST_CASE("a terminal is one, by its type and since it cannot be sought") {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
  REQUIRE(master >= 0);
  REQUIRE(::grantpt(master) == 0);
  REQUIRE(::unlockpt(master) == 0);
  const int terminal = ::open(::ptsname(master), O_RDWR | O_NOCTTY);
  REQUIRE(terminal >= 0);
  World world({.in = wasi::host_descriptor(terminal)});
  REQUIRE(world.errno_of("fd_fdstat_get", {0, 100}) == Errno::success);
  CHECK(world.get_number<std::uint8_t>(100) ==
        static_cast<std::uint8_t>(wasi::FileType::character_device));
  CHECK((world.get_u64(108) & wasi::rights::to_seek) == 0);
  world.put_vectors(100, {{200, 10}});
  CHECK(std::holds_alternative<wasi::Blocked>(world.ask("fd_read", {0, 100, 1, 300})));
  REQUIRE(::write(master, "ab\n", 3) == 3);
  CHECK(std::holds_alternative<wasi::Resume>(world.ask_again()));
  CHECK(world.get(200, 3) == "ab\n");
  ::close(terminal);
  ::close(master);
}

TEST_CASE("links that are long to walk end the walk, and soon") {
  const Prison prison;
  std::string long_way;
  while (long_way.size() < 4000) long_way += "a/../";
  std::filesystem::create_directory(prison.inside() / "a");
  std::ofstream(prison.inside() / "file") << "bytes";
  std::string path;
  for (int i = 0; i < 30; ++i) {
    const auto name = "link" + std::to_string(i);
    std::filesystem::create_symlink(long_way, prison.inside() / name);
    path += name + "/";
  }
  World world(prison.config(HostWalk::by_components));
  GuestFiles guest(world);
  CHECK(error(guest.open(3, path + "file")) == Errno::nametoolong);
  CHECK(guest.contents(3, "link0/link1/file") == "bytes");
}

TEST_CASE("what a guest writes is on the host, and what is there can be read alone") {
  const TemporaryDirectory directory;
  const auto path = directory.path().string();
  World world({.directories = {{path, "/rw"}, {path, "/ro", true}}});
  GuestFiles guest(world);
  guest.create(3, "file", "bytes");
  CHECK(directory.read("file") == "bytes");
  CHECK(guest.contents(4, "file") == "bytes");
  CHECK(error(guest.open(4, "file", for_writing())) == Errno::rofs);
  CHECK(error(guest.open(4, "./x/../file")) == Errno::noent);
  CHECK(guest.unlink(4, "file") == Errno::rofs);
  CHECK(guest.rename(3, "file", 3, "other") == Errno::success);
  CHECK(directory.read("other") == "bytes");
}

}  // namespace
}  // namespace fermata::test
