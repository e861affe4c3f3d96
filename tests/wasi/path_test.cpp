// What a guest does by paths, the same on the host's directories and in memory.
#include "tests/wasi/guest_files.hpp"

namespace fermata::test {
namespace {

using wasi::Errno;
using wasi::FileType;
namespace oflags = wasi::oflags;
namespace rights = wasi::rights;

template <class T>
Errno error(const wasi::Expected<T>& result) {
  return result ? Errno::success : result.error();
}

TEST_CASE("a file is made, written, read, and is gone when it was removed") {
  on_all_files([](World&, GuestFiles& guest) {
    CHECK(error(guest.open(3, "file")) == Errno::noent);
    guest.create(3, "file", "some bytes");
    CHECK(guest.contents(3, "file") == "some bytes");
    CHECK(error(guest.open(3, "file", for_writing(oflags::creat | oflags::excl))) == Errno::exist);
    CHECK(error(guest.open(3, "file", for_writing(oflags::creat))) == Errno::success);
    CHECK(guest.contents(3, "file") == "some bytes");
    CHECK(error(guest.open(3, "file", for_writing(oflags::trunc))) == Errno::success);
    CHECK(guest.contents(3, "file") == "");
    CHECK(guest.unlink(3, "file") == Errno::success);
    CHECK(guest.unlink(3, "file") == Errno::noent);
    CHECK(error(guest.open(3, "file")) == Errno::noent);
  });
}

TEST_CASE("a file that was removed can be used as long as it is open") {
  on_all_files([](World&, GuestFiles& guest) {
    const auto fd = guest.open(3, "file", for_writing(oflags::creat)).value();
    CHECK(guest.unlink(3, "file") == Errno::success);
    CHECK(guest.write(fd, "bytes") == 5u);
    CHECK(guest.read_at(fd, 0) == "bytes");
    CHECK(guest.stat(fd)->links == 0);
  });
}

TEST_CASE("paths are walked as everywhere, but never out of the directory") {
  on_all_files([](World&, GuestFiles& guest) {
    REQUIRE(guest.make_directory(3, "a") == Errno::success);
    REQUIRE(guest.make_directory(3, "a/b/") == Errno::success);
    guest.create(3, "a/b/file", "found");
    for (const char* path : {"a/b/file", "./a/b/file", "a//b///file", "a/../a/./b/../b/file"}) {
      INFO(path);
      CHECK(guest.contents(3, path) == "found");
    }
    for (const char* path : {"/a/b/file", "..", "../a", "a/../../a/b/file", "a/b/../../..", "/"}) {
      INFO(path);
      CHECK(error(guest.open(3, path)) == Errno::notcapable);
    }
    CHECK(error(guest.open(3, "")) == Errno::noent);
    CHECK(error(guest.open(3, "a/x/../b/file")) == Errno::noent);
    CHECK(error(guest.open(3, "a/b/file/")) == Errno::notdir);
    CHECK(error(guest.open(3, "a/b/file/more")) == Errno::notdir);
    CHECK(error(guest.open(3, "a/b/file/..")) == Errno::notdir);
    CHECK(error(guest.open(3, std::string_view("a/b/file\0x", 10))) == Errno::inval);
    CHECK(error(guest.open(3, "a/b", as_directory())) == Errno::success);
    CHECK(error(guest.open(3, "a/b/", as_directory())) == Errno::success);
    CHECK(error(guest.open(3, ".", as_directory())) == Errno::success);
    CHECK(error(guest.open(3, "a/b/file", as_directory())) == Errno::notdir);
    CHECK(error(guest.open(3, "a", for_writing())) == Errno::isdir);
    CHECK(error(guest.open(3, ".", for_writing())) == Errno::isdir);
  });
}

TEST_CASE("a directory that was opened is a world of its own") {
  on_all_files([](World&, GuestFiles& guest) {
    REQUIRE(guest.make_directory(3, "a") == Errno::success);
    guest.create(3, "secret", "secret");
    const auto fd = guest.open(3, "a", as_directory()).value();
    CHECK(error(guest.open(fd, "../secret")) == Errno::notcapable);
    CHECK(guest.symlink("../secret", 3, "a/link") == Errno::success);
    CHECK(error(guest.open(fd, "link")) == Errno::notcapable);
    CHECK(guest.contents(3, "a/link") == "secret");
  });
}

TEST_CASE("paths that are too long are refused, whatever they are") {
  on_all_files([](World& world, GuestFiles& guest) {
    std::string path;
    while (path.size() < 5000) path += "./";
    CHECK(error(guest.open(3, path)) == Errno::nametoolong);
    CHECK(error(guest.open(3, std::string(256, 'x'))) == Errno::nametoolong);
    CHECK(error(guest.open(3, std::string(300, 'x'), for_writing(oflags::creat))) ==
          Errno::nametoolong);
    CHECK(world.errno_of("path_unlink_file", {3, 0, 0xffff'ffff}) == Errno::fault);
    CHECK(world.errno_of("path_unlink_file", {3, 0xffff'ffff, 0xffff'ffff}) == Errno::fault);
  });
}

TEST_CASE("symbolic links are followed when that is asked for, and say what they say") {
  on_all_files([](World&, GuestFiles& guest) {
    REQUIRE(guest.make_directory(3, "a") == Errno::success);
    guest.create(3, "a/file", "bytes");
    CHECK(guest.symlink("a/file", 3, "link") == Errno::success);
    CHECK(guest.symlink("a", 3, "to-a") == Errno::success);
    CHECK(guest.symlink("../a/./file", 3, "a/back") == Errno::success);
    CHECK(guest.contents(3, "link") == "bytes");
    CHECK(guest.contents(3, "to-a/file") == "bytes");
    CHECK(guest.contents(3, "to-a/back") == "bytes");
    CHECK(error(guest.open(3, "link", {.follow = false})) == Errno::loop);
    CHECK(guest.read_link(3, "link") == "a/file");
    CHECK(guest.read_link(3, "link", 3) == "a/f");
    CHECK(error(guest.read_link(3, "a/file")) == Errno::inval);
    CHECK(error(guest.read_link(3, "a")) == Errno::inval);
    CHECK(guest.stat(3, "link")->type == FileType::regular_file);
    CHECK(guest.stat(3, "link", false)->type == FileType::symbolic_link);
    CHECK(guest.stat(3, "to-a/", false)->type == FileType::directory);
    CHECK(error(guest.stat(3, "link/")) == Errno::notdir);
    CHECK(guest.symlink("x", 3, "link") == Errno::exist);
    CHECK(guest.unlink(3, "link") == Errno::success);
    CHECK(guest.contents(3, "a/file") == "bytes");
  });
}

TEST_CASE("a link that dangles can be written through, as everywhere") {
  on_all_files([](World&, GuestFiles& guest) {
    CHECK(guest.symlink("target", 3, "link") == Errno::success);
    CHECK(error(guest.open(3, "link")) == Errno::noent);
    CHECK(error(guest.open(3, "link", for_writing(oflags::creat | oflags::excl))) == Errno::exist);
    const auto fd = guest.open(3, "link", for_writing(oflags::creat)).value();
    CHECK(guest.write(fd, "through") == 7u);
    CHECK(guest.contents(3, "target") == "through");
  });
}

TEST_CASE("40 links are followed for one path, and no more") {
  on_all_files([](World&, GuestFiles& guest) {
    CHECK(guest.make_directory(3, "0") == Errno::success);
    for (int i = 0; i < 41; ++i) {
      const std::string name = std::to_string(i + 1);
      CHECK(guest.symlink(std::to_string(i), 3, name) == Errno::success);
    }
    CHECK(guest.stat(3, "40/")->type == FileType::directory);
    CHECK(error(guest.stat(3, "41/")) == Errno::loop);
  });
}

TEST_CASE("links that lead out, to the root or round in a circle lead nowhere") {
  on_all_files([](World&, GuestFiles& guest) {
    CHECK(guest.symlink("/etc/passwd", 3, "absolute") == Errno::notcapable);
    CHECK(guest.symlink("", 3, "nothing") == Errno::noent);
    CHECK(guest.symlink("../../../../etc/passwd", 3, "out") == Errno::success);
    CHECK(guest.symlink("..", 3, "up") == Errno::success);
    CHECK(guest.symlink("circle", 3, "circle") == Errno::success);
    CHECK(guest.symlink("right", 3, "left") == Errno::success);
    CHECK(guest.symlink("left", 3, "right") == Errno::success);
    CHECK(error(guest.open(3, "out")) == Errno::notcapable);
    CHECK(error(guest.open(3, "up", as_directory())) == Errno::notcapable);
    CHECK(error(guest.open(3, "up/x")) == Errno::notcapable);
    CHECK(error(guest.stat(3, "up/")) == Errno::notcapable);
    CHECK(error(guest.open(3, "out", for_writing(oflags::creat))) == Errno::notcapable);
    CHECK(guest.make_directory(3, "up/x") == Errno::notcapable);
    CHECK(error(guest.open(3, "circle")) == Errno::loop);
    CHECK(error(guest.open(3, "left/x")) == Errno::loop);
    CHECK(error(guest.stat(3, "left")) == Errno::loop);
  });
}

TEST_CASE("forty links are followed for one path, and no more") {
  on_all_files([](World&, GuestFiles& guest) {
    guest.create(3, "0", "end");
    for (int i = 1; i <= 41; ++i) {
      REQUIRE(guest.symlink(std::to_string(i - 1), 3, std::to_string(i)) == Errno::success);
    }
    CHECK(guest.contents(3, "40") == "end");
    CHECK(error(guest.open(3, "41")) == Errno::loop);
  });
}

TEST_CASE("directories are made and removed, when they are empty") {
  on_all_files([](World&, GuestFiles& guest) {
    CHECK(guest.make_directory(3, "a") == Errno::success);
    CHECK(guest.make_directory(3, "a") == Errno::exist);
    CHECK(guest.make_directory(3, ".") == Errno::exist);
    CHECK(guest.make_directory(3, "x/y") == Errno::noent);
    guest.create(3, "a/file", "");
    CHECK(guest.remove_directory(3, "a") == Errno::notempty);
    CHECK(guest.remove_directory(3, "a/file") == Errno::notdir);
    CHECK(guest.unlink(3, "a") == Errno::isdir);
    CHECK(guest.unlink(3, "a/") == Errno::isdir);
    CHECK(guest.unlink(3, "a/file/") == Errno::notdir);
    CHECK(guest.unlink(3, ".") == Errno::isdir);
    CHECK(guest.unlink(3, "a/file") == Errno::success);
    CHECK(guest.remove_directory(3, ".") == Errno::inval);
    CHECK(guest.remove_directory(3, "a/") == Errno::success);
    CHECK(guest.remove_directory(3, "a") == Errno::noent);
    CHECK(guest.remove_directory(3, "..") == Errno::notcapable);
  });
}

TEST_CASE("nothing is made in a directory that was removed while it was open") {
  on_all_files([](World&, GuestFiles& guest) {
    REQUIRE(guest.make_directory(3, "a") == Errno::success);
    const auto fd = guest.open(3, "a", as_directory()).value();
    CHECK(guest.remove_directory(3, "a") == Errno::success);
    CHECK(error(guest.open(fd, "file", for_writing(oflags::creat))) == Errno::noent);
    CHECK(guest.make_directory(fd, "b") == Errno::noent);
  });
}

TEST_CASE("renaming moves files and directories, and replaces what may be replaced") {
  on_all_files([](World&, GuestFiles& guest) {
    REQUIRE(guest.make_directory(3, "a") == Errno::success);
    REQUIRE(guest.make_directory(3, "b") == Errno::success);
    guest.create(3, "a/file", "1");
    guest.create(3, "other", "2");
    const auto b = guest.open(3, "b", as_directory()).value();
    CHECK(guest.rename(3, "a/file", b, "moved") == Errno::success);
    CHECK(guest.contents(3, "b/moved") == "1");
    CHECK(error(guest.open(3, "a/file")) == Errno::noent);
    CHECK(guest.rename(3, "other", 3, "b/moved") == Errno::success);
    CHECK(guest.contents(3, "b/moved") == "2");
    CHECK(guest.rename(3, "b/moved", 3, "b/moved") == Errno::success);
    CHECK(guest.rename(3, "a", 3, "b") == Errno::notempty);
    CHECK(guest.rename(3, "a", 3, "b/moved") == Errno::notdir);
    CHECK(guest.rename(3, "b/moved", 3, "a") == Errno::isdir);
    CHECK(guest.rename(3, "b", 3, "b/c") == Errno::inval);
    CHECK(guest.rename(3, "b/moved", 3, "x/") == Errno::notdir);
    CHECK(guest.rename(3, "b/moved/", 3, "x") == Errno::notdir);
    CHECK(guest.rename(3, "nothing", 3, "x") == Errno::noent);
    CHECK(guest.rename(3, ".", 3, "x") == Errno::busy);
    CHECK(guest.rename(3, "b", 3, "..") == Errno::notcapable);
    CHECK(guest.rename(3, "b/", 3, "a/") == Errno::success);
    CHECK(guest.contents(3, "a/moved") == "2");
    CHECK(error(guest.stat(3, "b")) == Errno::noent);
  });
}

TEST_CASE("a link is another name of the same file") {
  on_all_files([](World&, GuestFiles& guest) {
    REQUIRE(guest.make_directory(3, "a") == Errno::success);
    guest.create(3, "file", "bytes");
    CHECK(guest.link(3, "file", 3, "a/name") == Errno::success);
    CHECK(guest.stat(3, "file")->links == 2);
    CHECK(guest.stat(3, "file")->inode == guest.stat(3, "a/name")->inode);
    CHECK(guest.link(3, "file", 3, "a/name") == Errno::exist);
    CHECK(guest.link(3, "file", 3, "new/") == Errno::noent);
    CHECK(guest.link(3, "a", 3, "b") == Errno::perm);
    CHECK(guest.link(3, "nothing", 3, "b") == Errno::noent);
    CHECK(guest.unlink(3, "file") == Errno::success);
    CHECK(guest.contents(3, "a/name") == "bytes");
    REQUIRE(guest.symlink("a/name", 3, "link") == Errno::success);
    CHECK(guest.link(3, "link", 3, "link-too") == Errno::success);
    CHECK(guest.stat(3, "link-too", false)->type == FileType::symbolic_link);
    CHECK(guest.link(3, "link", 3, "followed", true) == Errno::success);
    CHECK(guest.stat(3, "followed", false)->type == FileType::regular_file);
  });
}

TEST_CASE("times are told and set, also those of a link itself") {
  using namespace wasi::fstflags;
  constexpr std::uint64_t one = 1'000'000'000'000'000'100, two = 1'000'000'000'000'000'200;
  on_all_files([=](World& world, GuestFiles& guest) {
    guest.create(3, "file", "bytes");
    REQUIRE(guest.symlink("file", 3, "link") == Errno::success);
    CHECK(guest.set_times(3, "link", one, two, atim | mtim) == Errno::success);
    CHECK(guest.stat(3, "file")->accessed == one);
    CHECK(guest.stat(3, "file")->modified == two);
    CHECK(guest.set_times(3, "link", two, one, mtim, false) == Errno::success);
    CHECK(guest.stat(3, "link", false)->modified == one);
    CHECK(guest.stat(3, "file")->modified == two);
    CHECK(guest.set_times(3, "file", 0, 0, mtim_now) == Errno::success);
    CHECK(guest.stat(3, "file")->modified > two);
    CHECK(guest.stat(3, "file")->accessed == one);
    CHECK(guest.set_times(3, "file", 0, 0, mtim | mtim_now) == Errno::inval);
    CHECK(guest.set_times(3, "file", 0, 0, atim | atim_now) == Errno::inval);
    CHECK(guest.set_times(3, "file", 0, 0, 16) == Errno::inval);
    CHECK(guest.set_times(3, ".", one, two, atim | mtim) == Errno::success);
    CHECK(guest.stat(3, ".")->modified == two);
    const auto fd = guest.open(3, "file", for_writing()).value();
    CHECK(world.errno_of("fd_filestat_set_times", {fd, two, one, mtim}) == Errno::success);
    CHECK(guest.stat(fd)->modified == one);
    const auto directory = guest.open(3, ".", as_directory()).value();
    CHECK(world.errno_of("fd_filestat_set_times", {directory, one, one, mtim}) == Errno::success);
    CHECK(guest.stat(directory)->modified == one);
  });
}

TEST_CASE("rights are asked for, given on, dropped, and never got back") {
  on_all_files([](World& world, GuestFiles& guest) {
    guest.create(3, "file", "bytes");
    REQUIRE(guest.make_directory(3, "a") == Errno::success);
    auto asked = as_directory();
    asked.base = rights::path_open | rights::fd_readdir;
    asked.inheriting = rights::fd_read;
    const auto fd = guest.open(3, ".", asked).value();
    CHECK(error(guest.open(fd, "file", {.base = rights::fd_read})) == Errno::notcapable);
    const Asked only_reading{.base = rights::fd_read, .inheriting = 0};
    const auto file = guest.open(fd, "file", only_reading).value();
    CHECK(guest.read(file) == "bytes");
    CHECK(error(guest.seek(file, 0, wasi::Whence::set)) == Errno::notcapable);
    CHECK(error(guest.read_at(file, 0)) == Errno::notcapable);
    CHECK(error(guest.write(file, "x")) == Errno::badf);
    CHECK(error(guest.stat(file)) == Errno::notcapable);
    auto more = only_reading;
    more.base |= rights::fd_write;
    CHECK(error(guest.open(fd, "file", more)) == Errno::notcapable);
    auto creating = only_reading;
    creating.oflags = oflags::creat;
    CHECK(error(guest.open(fd, "file", creating)) == Errno::notcapable);
    CHECK(guest.unlink(fd, "file") == Errno::notcapable);
    CHECK(guest.make_directory(fd, "x") == Errno::notcapable);
    CHECK(world.errno_of("fd_fdstat_set_rights", {file, 0, 0}) == Errno::success);
    CHECK(error(guest.read(file)) == Errno::badf);
    CHECK(world.errno_of("fd_fdstat_set_rights", {file, rights::fd_read, 0}) == Errno::notcapable);
  });
}

TEST_CASE("rights that mean nothing for a file are not given, and no error") {
  on_all_files([](World& world, GuestFiles& guest) {
    guest.create(3, "file", "bytes");
    const auto fd =
        guest.open(3, "file", {.base = ~std::uint64_t{0}, .inheriting = ~std::uint64_t{0}});
    REQUIRE(fd.has_value());
    REQUIRE(world.errno_of("fd_fdstat_get", {*fd, 100}) == Errno::success);
    CHECK(world.get_u64(108) == rights::of_file);
    CHECK(world.get_u64(116) == 0);
  });
}

TEST_CASE("numbers are the lowest free ones, and there are not more than the configuration says") {
  World world(
      {.directories = {{.guest = "/", .root = wasi::memory_directory()}}, .max_descriptors = 10});
  GuestFiles guest(world);
  guest.create(3, "file", "");
  for (std::uint32_t fd = 4; fd < 10; ++fd) CHECK(guest.open(3, "file") == fd);
  CHECK(error(guest.open(3, "file")) == Errno::mfile);
  CHECK(guest.close(6) == Errno::success);
  CHECK(guest.close(5) == Errno::success);
  CHECK(guest.open(3, "file") == 5u);
  CHECK(guest.open(3, "file") == 6u);
  CHECK(world.errno_of("fd_renumber", {9, 0}) == Errno::success);
  CHECK(guest.open(3, "file") == 9u);
}

TEST_CASE("flags that there are not, and some together, are refused") {
  on_all_files([](World&, GuestFiles& guest) {
    guest.create(3, "file", "");
    CHECK(error(guest.open(3, "file", {.oflags = 16})) == Errno::inval);
    CHECK(error(guest.open(3, "file", {.flags = 32})) == Errno::inval);
    CHECK(error(guest.open(3, "x", {.oflags = oflags::creat | oflags::directory})) == Errno::inval);
    CHECK(error(guest.open(3, "x/", for_writing(oflags::creat))) == Errno::isdir);
    CHECK(error(guest.open(0, "file")) == Errno::notdir);
  });
}

TEST_CASE("what is in a file system cannot be moved or linked into another one") {
  World world({.directories = {{.guest = "/a", .root = wasi::memory_directory()},
                               {.guest = "/b", .root = wasi::memory_directory()}}});
  GuestFiles guest(world);
  guest.create(3, "file", "bytes");
  CHECK(guest.rename(3, "file", 4, "file") == Errno::xdev);
  CHECK(guest.link(3, "file", 4, "file") == Errno::xdev);
  CHECK(guest.contents(3, "file") == "bytes");
}

}  // namespace
}  // namespace fermata::test
