// What a guest does with open files and directories, the same on the host's directories and in
// memory.
#include <algorithm>
#include <set>

#include "tests/wasi/guest_files.hpp"

namespace fermata::test {
namespace {

using wasi::Errno;
using wasi::FileType;
using wasi::Whence;
namespace fdflags = wasi::fdflags;
namespace oflags = wasi::oflags;

template <class T>
Errno error(const wasi::Expected<T>& result) {
  return result ? Errno::success : result.error();
}

constexpr std::uint64_t largest = INT64_MAX;

TEST_CASE("a file is read and written where the descriptor is, which reading and writing move") {
  on_all_files([](World& world, GuestFiles& guest) {
    const auto fd = guest.open(3, "file", for_writing(oflags::creat)).value();
    CHECK(guest.write(fd, "0123456789") == 10u);
    CHECK(guest.read(fd) == "");
    CHECK(guest.seek(fd, -4, Whence::end) == 6u);
    CHECK(guest.read(fd, 2) == "67");
    CHECK(guest.seek(fd, -1, Whence::cur) == 7u);
    CHECK(guest.write(fd, "x") == 1u);
    CHECK(guest.seek(fd, 0, Whence::set) == 0u);
    CHECK(guest.read(fd) == "0123456x89");
    CHECK(world.errno_of("fd_tell", {fd, 16384}) == Errno::success);
    CHECK(world.get_u64(16384) == 10);
    CHECK(error(guest.seek(fd, -11, Whence::cur)) == Errno::inval);
    CHECK(error(guest.seek(fd, INT64_MIN, Whence::end)) == Errno::inval);
    CHECK(error(guest.seek(fd, INT64_MAX, Whence::cur)) == Errno::inval);
    CHECK(guest.seek(fd, INT64_MAX, Whence::set) == largest);
    CHECK(guest.read(fd) == "");
    CHECK(error(guest.write(fd, "x")) == Errno::fbig);
    CHECK(world.errno_of("fd_seek", {fd, 0, 3, 16384}) == Errno::inval);
    CHECK(world.errno_of("fd_seek", {fd, 0, 0, memory_size - 7}) == Errno::fault);
  });
}

TEST_CASE("two descriptors of a file have positions of their own") {
  on_all_files([](World&, GuestFiles& guest) {
    guest.create(3, "file", "abcdef");
    const auto one = guest.open(3, "file").value();
    const auto two = guest.open(3, "file").value();
    CHECK(guest.read(one, 2) == "ab");
    CHECK(guest.read(two, 3) == "abc");
    CHECK(guest.read(one) == "cdef");
  });
}

TEST_CASE("pread and pwrite move nothing, and know where a file can be") {
  on_all_files([](World&, GuestFiles& guest) {
    const auto fd = guest.open(3, "file", for_writing(oflags::creat)).value();
    CHECK(guest.write_at(fd, "end", 5) == 3u);
    CHECK(guest.read_at(fd, 0) == std::string("\0\0\0\0\0end", 8));
    CHECK(guest.read_at(fd, 6, 1) == "n");
    CHECK(guest.read_at(fd, 8) == "");
    CHECK(guest.read_at(fd, largest) == "");
    CHECK(error(guest.read_at(fd, largest + 1)) == Errno::inval);
    CHECK(error(guest.write_at(fd, "x", ~std::uint64_t{0})) == Errno::inval);
    CHECK(error(guest.write_at(fd, "x", largest)) == Errno::fbig);
    CHECK(guest.read(fd) == std::string("\0\0\0\0\0end", 8));
    CHECK(error(guest.read_at(0, 0)) == Errno::spipe);
  });
}

TEST_CASE("what is appended goes to the end, as long as the flag is set") {
  on_all_files([](World& world, GuestFiles& guest) {
    guest.create(3, "file", "abc");
    const auto fd = guest.open(3, "file", for_writing(0, fdflags::append)).value();
    CHECK(guest.write(fd, "de") == 2u);
    CHECK(guest.seek(fd, 0, Whence::cur) == 5u);
    CHECK(guest.seek(fd, 0, Whence::set) == 0u);
    CHECK(guest.write(fd, "f") == 1u);
    CHECK(guest.write_at(fd, "B", 1) == 1u);
    CHECK(guest.contents(3, "file") == "aBcdef");
    CHECK(world.errno_of("fd_fdstat_set_flags", {fd, 0}) == Errno::success);
    CHECK(guest.seek(fd, 0, Whence::set) == 0u);
    CHECK(guest.write(fd, "A") == 1u);
    CHECK(guest.contents(3, "file") == "ABcdef");
  });
}

TEST_CASE("a file is cut off, made longer and given room") {
  on_all_files([](World& world, GuestFiles& guest) {
    const auto fd = guest.open(3, "file", for_writing(oflags::creat)).value();
    CHECK(guest.write(fd, "0123456789") == 10u);
    CHECK(world.errno_of("fd_filestat_set_size", {fd, 4}) == Errno::success);
    CHECK(world.errno_of("fd_filestat_set_size", {fd, 6}) == Errno::success);
    CHECK(guest.read_at(fd, 0) == std::string("0123\0\0", 6));
    CHECK(world.errno_of("fd_allocate", {fd, 4, 4}) == Errno::success);
    CHECK(guest.stat(fd)->size == 8);
    CHECK(world.errno_of("fd_allocate", {fd, 0, 2}) == Errno::success);
    CHECK(guest.stat(fd)->size == 8);
    CHECK(world.errno_of("fd_allocate", {fd, 0, 0}) == Errno::inval);
    CHECK(world.errno_of("fd_allocate", {fd, 1, largest}) == Errno::fbig);
    CHECK(world.errno_of("fd_allocate", {fd, ~0ull, ~0ull}) == Errno::fbig);
    CHECK(world.errno_of("fd_filestat_set_size", {fd, ~0ull}) == Errno::fbig);
    CHECK(world.errno_of("fd_filestat_set_size", {3, 0}) == Errno::isdir);
    CHECK(world.errno_of("fd_allocate", {3, 0, 1}) == Errno::isdir);
  });
}

TEST_CASE("advice is taken, and a file brought to the disk") {
  on_all_files([](World& world, GuestFiles& guest) {
    const auto fd = guest.open(3, "file", for_writing(oflags::creat)).value();
    for (std::uint64_t advice = 0; advice < 6; ++advice) {
      CHECK(world.errno_of("fd_advise", {fd, 0, 10, advice}) == Errno::success);
    }
    CHECK(world.errno_of("fd_advise", {fd, 0, 10, 6}) == Errno::inval);
    CHECK(world.errno_of("fd_datasync", {fd}) == Errno::success);
    CHECK(world.errno_of("fd_sync", {fd}) == Errno::success);
    CHECK(world.errno_of("fd_sync", {3}) == Errno::success);
    CHECK(world.errno_of("fd_fdstat_set_flags", {fd, fdflags::sync}) == Errno::success);
    CHECK(guest.write(fd, "bytes") == 5u);
    CHECK(world.errno_of("fd_fdstat_set_flags", {fd, fdflags::dsync}) == Errno::success);
    CHECK(guest.write(fd, "bytes") == 5u);
  });
}

TEST_CASE("a directory is listed with itself and what is above, each entry once") {
  on_all_files([](World&, GuestFiles& guest) {
    guest.create(3, "file", "");
    REQUIRE(guest.make_directory(3, "directory") == Errno::success);
    REQUIRE(guest.symlink("file", 3, "link") == Errno::success);
    auto all = guest.list(3).value();
    REQUIRE(all.size() == 5);
    CHECK(all[0].name == ".");
    CHECK(all[0].inode == guest.stat(3, ".")->inode);
    CHECK(all[1].name == "..");
    for (const Listed& entry : std::span(all).subspan(2)) {
      const auto stat = guest.stat(3, entry.name, false).value();
      CHECK(entry.type == stat.type);
      CHECK(entry.inode == stat.inode);
    }
    std::ranges::sort(all, {}, &Listed::name);
    CHECK(all[2].name == "directory");
    CHECK(all[3].name == "file");
    CHECK(all[4].name == "link");
  });
}

TEST_CASE("a listing goes on from any entry, in pieces of any size, whatever comes and goes") {
  on_all_files([](World&, GuestFiles& guest) {
    std::set<std::string> stay{".", ".."};
    for (int i = 0; i < 200; ++i) {
      guest.create(3, "file" + std::to_string(i), "");
      if (i % 2 == 0) stay.insert("file" + std::to_string(i));
    }
    std::multiset<std::string> seen;
    std::vector<Listed> order;
    std::uint64_t cookie = 0;
    for (int piece = 0;; ++piece) {
      const auto entries = guest.list(3, cookie, 64 + 37 * static_cast<std::uint32_t>(piece % 5));
      REQUIRE(entries.has_value());
      if (entries->empty()) break;
      for (const auto& entry : *entries) seen.insert(entry.name);
      order.insert(order.end(), entries->begin(), entries->end());
      cookie = entries->back().next;
      if (piece < 100) {
        static_cast<void>(guest.unlink(3, "file" + std::to_string(2 * piece + 1)));
        guest.create(3, "new" + std::to_string(piece), "");
      }
    }
    for (const auto& name : stay) CHECK(seen.count(name) == 1);
    // Back to entries that were given before, in any order.
    for (std::size_t i = 0; i + 1 < order.size(); i += 7) {
      const auto again = guest.list(3, order[i].next, 400).value();
      const bool stays = stay.contains(order[i + 1].name);
      if (stays) CHECK(again.front().name == order[i + 1].name);
    }
  });
}

TEST_CASE("a new listing shows what has come, and nonsense is no place in one") {
  on_all_files([](World& world, GuestFiles& guest) {
    CHECK(guest.list(3)->size() == 2);
    guest.create(3, "file", "");
    CHECK(guest.list(3)->size() == 3);
    CHECK(guest.unlink(3, "file") == Errno::success);
    CHECK(guest.list(3)->size() == 2);
    CHECK(error(guest.list(3, ~std::uint64_t{0})) == Errno::inval);
    static_cast<void>(guest.list(3, 0x1234'5678'9abc));
    CHECK(guest.list(3)->size() == 2);
    CHECK(guest.list(3, 0, 0)->empty());
    CHECK(guest.list(3, 0, 10)->empty());
    CHECK(world.errno_of("fd_readdir", {3, 0, 0xffff'ffff, 0, 0}) == Errno::fault);
    CHECK(world.errno_of("fd_readdir", {0, 0, 100, 0, 0}) == Errno::notdir);
  });
}

TEST_CASE("a directory is no file") {
  on_all_files([](World& world, GuestFiles& guest) {
    CHECK(error(guest.read(3)) == Errno::badf);
    CHECK(error(guest.write(3, "x")) == Errno::badf);
    CHECK(error(guest.seek(3, 0, Whence::set)) == Errno::badf);
    CHECK(error(guest.read_at(3, 0)) == Errno::badf);
    CHECK(world.errno_of("fd_fdstat_get", {3, 100}) == Errno::success);
    CHECK(world.get_number<std::uint8_t>(100) == static_cast<std::uint8_t>(FileType::directory));
    CHECK(world.errno_of("sock_shutdown", {3, 1}) == Errno::notsock);
  });
}

TEST_CASE("waiting for a file is no waiting") {
  on_all_files([](World& world, GuestFiles& guest) {
    guest.create(3, "file", "0123456789");
    const auto fd = guest.open(3, "file").value();
    CHECK(guest.read(fd, 4) == "0123");
    world.put(1000, std::string(48, '\0'));
    world.put_number(1008, std::uint8_t{1});
    world.put_number(1016, fd);
    const auto answer = world.ask("poll_oneoff", {1000, 2000, 1, 3000});
    CHECK(std::get<wasi::Resume>(answer).result == Value::i32(0));
    CHECK(world.get_u32(3000) == 1);
    CHECK(world.get_u64(2016) == 6);
  });
}

TEST_CASE("a standard stream that is moved to a file's number is that stream") {
  on_all_files([](World& world, GuestFiles& guest) {
    const auto fd = guest.open(3, "file", for_writing(oflags::creat)).value();
    CHECK(world.errno_of("fd_renumber", {fd, 1}) == Errno::success);
    CHECK(guest.write(1, "into the file") == 13u);
    CHECK(guest.contents(3, "file") == "into the file");
  });
}

}  // namespace
}  // namespace fermata::test
