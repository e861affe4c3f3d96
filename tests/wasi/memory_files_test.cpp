// The file system in memory, and the view that only reads: what is theirs alone.
#include "tests/wasi/guest_files.hpp"

namespace fermata::test {
namespace {

using wasi::Errno;
namespace oflags = wasi::oflags;

template <class T>
Errno error(const wasi::Expected<T>& result) {
  return result ? Errno::success : result.error();
}

TEST_CASE("a file system in memory takes no more than it may, and gives back what is removed") {
  World world({.directories = {{.guest = "/", .root = wasi::memory_directory(100'000)}}});
  GuestFiles guest(world);
  const std::string block(4096, 'x');
  for (int round = 0; round < 3; ++round) {
    const auto fd = guest.open(3, "file", for_writing(oflags::creat)).value();
    std::size_t blocks = 0;
    while (guest.write(fd, block) == block.size()) ++blocks;
    CHECK(blocks == 23);
    CHECK(error(guest.write(fd, block)) == Errno::nospc);
    CHECK(world.errno_of("fd_allocate", {fd, 0, 200'000}) == Errno::nospc);
    CHECK(guest.close(fd) == Errno::success);
    CHECK(guest.unlink(3, "file") == Errno::success);
  }
  int names = 0;
  while (guest.make_directory(3, "directory" + std::to_string(names)) == Errno::success) ++names;
  CHECK(names > 100);
  CHECK(names < 400);
}

TEST_CASE("what was never written takes no room, wherever it is") {
  World world({.directories = {{.guest = "/", .root = wasi::memory_directory(20'000)}}});
  GuestFiles guest(world);
  const auto fd = guest.open(3, "file", for_writing(oflags::creat)).value();
  constexpr std::uint64_t far = std::uint64_t{1} << 62;
  CHECK(guest.write_at(fd, "far", far) == 3u);
  CHECK(guest.read_at(fd, far - 2) == std::string("\0\0far", 5));
  CHECK(guest.stat(fd)->size == far + 3);
  CHECK(world.errno_of("fd_filestat_set_size", {fd, 1}) == Errno::success);
  CHECK(world.errno_of("fd_filestat_set_size", {fd, far + 3}) == Errno::success);
  CHECK(guest.read_at(fd, far) == std::string(3, '\0'));
}

TEST_CASE("directories are as deep in each other as there is room, and go without a deep stack") {
  const auto root = wasi::memory_directory();
  auto directory = root;
  std::size_t depth = 0;
  while (directory->make_directory("d") == Errno::success) {
    auto next = directory->open("d", {}).value();
    directory = std::get<std::shared_ptr<wasi::OpenDirectory>>(next);
    ++depth;
  }
  CHECK(depth > 100'000);
}

TEST_CASE("its times are the clock's") {
  struct Fixed final : wasi::Clock {
    wasi::Expected<std::uint64_t> now(wasi::ClockId) override { return time; }
    wasi::Expected<std::uint64_t> resolution(wasi::ClockId) override { return 1; }
    std::uint64_t time = 1000;
  };
  const auto clock = std::make_shared<Fixed>();
  World world({.directories = {{.guest = "/", .root = wasi::memory_directory(1u << 20, clock)}}});
  GuestFiles guest(world);
  const auto fd = guest.open(3, "file", for_writing(oflags::creat)).value();
  clock->time = 2000;
  CHECK(guest.write(fd, "x") == 1u);
  CHECK(guest.stat(fd)->accessed == 1000);
  CHECK(guest.stat(fd)->modified == 2000);
  CHECK(guest.stat(fd)->changed == 2000);
}

/// One with a directory, a file and a link in it.
std::shared_ptr<wasi::OpenDirectory> filled() {
  auto root = wasi::memory_directory();
  REQUIRE(root->make_directory("directory") == Errno::success);
  REQUIRE(root->make_symbolic_link("link", "directory/file") == Errno::success);
  World world({.directories = {{.guest = "/", .root = root}}});
  GuestFiles(world).create(3, "directory/file", "bytes");
  return root;
}

TEST_CASE("a directory that is to be read alone is read and listed, and nothing else") {
  World world({.directories = {{.guest = "/ro", .read_only = true, .root = filled()},
                               {.guest = "/rw", .root = filled()}}});
  GuestFiles guest(world);
  CHECK(guest.contents(3, "directory/file") == "bytes");
  CHECK(guest.contents(3, "link") == "bytes");
  CHECK(guest.list(3)->size() == 4);
  CHECK(guest.read_link(3, "link") == "directory/file");
  CHECK(guest.stat(3, "link", false)->type == wasi::FileType::symbolic_link);
  CHECK(error(guest.open(3, "directory/file", for_writing())) == Errno::rofs);
  CHECK(error(guest.open(3, "directory/file", {.oflags = oflags::trunc})) == Errno::rofs);
  CHECK(error(guest.open(3, "new", for_writing(oflags::creat))) == Errno::rofs);
  CHECK(error(guest.open(3, "link", {.oflags = oflags::creat})) == Errno::success);
  CHECK(error(guest.open(3, "link", {.oflags = oflags::creat | oflags::excl})) == Errno::exist);
  CHECK(error(guest.open(3, "directory", for_writing())) == Errno::isdir);
  CHECK(guest.make_directory(3, "new") == Errno::rofs);
  CHECK(guest.symlink("x", 3, "new") == Errno::rofs);
  CHECK(guest.unlink(3, "directory/file") == Errno::rofs);
  CHECK(guest.remove_directory(3, "directory") == Errno::rofs);
  CHECK(guest.rename(3, "link", 3, "new") == Errno::rofs);
  CHECK(guest.rename(3, "link", 4, "new") == Errno::rofs);
  CHECK(guest.rename(4, "link", 3, "new") == Errno::rofs);
  CHECK(guest.link(4, "directory/file", 3, "new") == Errno::rofs);
  CHECK(guest.set_times(3, "link", 1, 1, 5) == Errno::rofs);
  const auto fd =
      guest.open(3, "directory/file", {.base = wasi::rights::of_file & ~wasi::rights::fd_write})
          .value();
  CHECK(world.errno_of("fd_filestat_set_size", {fd, 0}) == Errno::rofs);
  CHECK(world.errno_of("fd_allocate", {fd, 0, 10}) == Errno::rofs);
  CHECK(world.errno_of("fd_filestat_set_times", {fd, 1, 1, 5}) == Errno::rofs);
  CHECK(guest.contents(3, "directory/file") == "bytes");
}

TEST_CASE("what is in memory is given as bytes, of which the same comes again") {
  const auto root = filled();
  World world({.directories = {{.guest = "/", .root = root}}});
  GuestFiles guest(world);
  REQUIRE(guest.make_directory(3, "other") == Errno::success);
  REQUIRE(guest.link(3, "directory/file", 3, "other/name") == Errno::success);
  const auto fd = guest.open(3, "sparse", for_writing(oflags::creat)).value();
  REQUIRE(guest.write_at(fd, "far", 1u << 20) == 3u);
  REQUIRE(guest.unlink(3, "link") == Errno::success);
  const auto first = guest.list(3).value();
  const auto contents = wasi::memory_contents(*root).value();
  CHECK(contents.size() < 10'000);
  const auto again = wasi::memory_directory(contents).value();
  CHECK(wasi::memory_contents(*again).value() == contents);
  World restored({.directories = {{.guest = "/", .root = again}}});
  GuestFiles other(restored);
  CHECK(other.contents(3, "directory/file") == "bytes");
  CHECK(other.stat(3, "directory/file")->links == 2);
  CHECK(other.stat(3, "sparse")->size == (1u << 20) + 3);
  CHECK(other.stat(3, "sparse")->modified == guest.stat(3, "sparse")->modified);
  // Cookies are still good.
  CHECK(other.list(3, first[2].next)->front().name == first[3].name);
  // A directory within it, or of another file system, is not one of these.
  const auto inner =
      std::get<std::shared_ptr<wasi::OpenDirectory>>(root->open("other", {}).value());
  CHECK(error(wasi::memory_contents(*inner)) == Errno::notsup);
  CHECK(error(wasi::memory_contents(*wasi::read_only(root))) == Errno::notsup);
}

TEST_CASE("bytes that are no file system are refused, or are one that is whole") {
  const auto contents = wasi::memory_contents(*filled()).value();
  int accepted = 0;
  for (std::size_t size = 0; size < contents.size(); ++size) {
    accepted += wasi::memory_directory(std::span(contents).first(size)).has_value();
  }
  CHECK(accepted == 0);
  for (std::size_t at = 0; at < 300 && at < contents.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      auto changed = contents;
      changed[at] = static_cast<std::byte>(value);
      const auto root = wasi::memory_directory(changed);
      if (!root) continue;
      // Its own bytes make the same again: so nothing of it is lost or in a circle.
      const auto bytes = wasi::memory_contents(**root).value();
      const auto again = wasi::memory_directory(bytes);
      REQUIRE(again.has_value());
      REQUIRE(wasi::memory_contents(**again).value() == bytes);
    }
  }
}

TEST_CASE("a guest goes on with its files in memory, and where it was in them") {
  World world({.directories = {{.guest = "/tmp", .root = wasi::memory_directory()}}});
  GuestFiles guest(world);
  const auto fd = guest.open(3, "file", for_writing(oflags::creat)).value();
  REQUIRE(guest.write(fd, "0123456789") == 10u);
  REQUIRE(guest.seek(fd, 4, wasi::Whence::set) == 4u);
  REQUIRE(world.go_on(world.state()).has_value());
  CHECK(guest.read(fd) == "456789");
  CHECK(guest.unlink(3, "file") == Errno::success);
  const auto gone = world.go_on(world.state());
  REQUIRE_FALSE(gone.has_value());
  CHECK_THAT(gone.error().message, has_text("cannot open 'file' in '/tmp' again"));
  auto state = world.state();
  state.directories[0].memory->pop_back();
  CHECK(world.go_on(state).error().code == ErrorCode::invalid_snapshot);
}

/// The least that a file system of an embedder is.
class OneFile final : public wasi::OpenDirectory {
  class Text final : public wasi::OpenFile {
   public:
    wasi::Expected<wasi::FileStat> stat() const override {
      return wasi::FileStat{.type = wasi::FileType::regular_file, .size = text.size()};
    }
    wasi::Expected<std::size_t> read_at(std::uint64_t place, std::span<std::byte> into) override {
      if (place >= text.size()) return 0;
      const auto rest = std::as_bytes(std::span(text)).subspan(static_cast<std::size_t>(place));
      const auto count = std::min(rest.size(), into.size());
      std::copy_n(rest.begin(), count, into.begin());
      return count;
    }
    static constexpr std::string_view text = "hello from the embedder";
  };

 public:
  wasi::Expected<wasi::FileStat> stat() const override {
    return wasi::FileStat{.type = wasi::FileType::directory};
  }
  wasi::Expected<wasi::Opened> open(std::string_view name, const wasi::OpenMode& mode) override {
    if (name != "greeting") return std::unexpected(mode.create ? Errno::rofs : Errno::noent);
    if (mode.write) return std::unexpected(Errno::rofs);
    return std::make_shared<Text>();
  }
  Errno list(std::uint64_t from,
             const std::function<bool(const wasi::DirectoryEntry&)>& each) override {
    if (from == 0) each({"greeting", 1, wasi::FileType::regular_file, 1});
    return Errno::success;
  }
};

TEST_CASE("a file system of an embedder needs three functions, and refuses the rest") {
  World world({.directories = {{.guest = "/", .root = std::make_shared<OneFile>()}}});
  GuestFiles guest(world);
  CHECK(guest.contents(3, "./greeting") == "hello from the embedder");
  CHECK(guest.stat(3, "greeting")->size == 23);
  CHECK(guest.list(3)->size() == 3);
  CHECK(guest.list(3, guest.list(3)->back().next)->empty());
  CHECK(error(guest.open(3, "greeting/")) == Errno::notdir);
  CHECK(error(guest.open(3, "other")) == Errno::noent);
  CHECK(error(guest.open(3, "greeting/x")) == Errno::notdir);
  CHECK(error(guest.open(3, "greeting", for_writing())) == Errno::rofs);
  CHECK(error(guest.read_link(3, "greeting")) == Errno::inval);
  CHECK(guest.make_directory(3, "x") == Errno::rofs);
  CHECK(guest.unlink(3, "greeting") == Errno::rofs);
  CHECK(guest.rename(3, "greeting", 3, "x") == Errno::rofs);
  CHECK(guest.set_times(3, "greeting", 1, 1, 5) == Errno::rofs);
  CHECK(world.errno_of("fd_sync", {3}) == Errno::success);
}

}  // namespace
}  // namespace fermata::test
