// The descriptor table: standard streams, preopened directories, what can be asked of them.
#include <cstdio>

#include "tests/wasi/world.hpp"

namespace fermata::test {
namespace {

using wasi::Errno;
using wasi::FileType;

/// A file of the host with these bytes, open and already without a name.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view bytes) : file_(std::tmpfile()) {
    REQUIRE(file_ != nullptr);
    std::fwrite(bytes.data(), 1, bytes.size(), file_);
    std::rewind(file_);
  }
  ~TemporaryFile() { std::fclose(file_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  int fd() const { return ::fileno(file_); }

 private:
  std::FILE* file_;
};

TEST_CASE("the descriptors 0, 1 and 2 are there, 3 is not") {
  World world;
  for (const std::uint64_t fd : {0u, 1u, 2u}) {
    CHECK(world.errno_of("fd_fdstat_get", {fd, 0}) == Errno::success);
  }
  CHECK(world.errno_of("fd_fdstat_get", {3, 0}) == Errno::badf);
  CHECK(world.errno_of("fd_fdstat_get", {0xffff'ffff, 0}) == Errno::badf);
}

TEST_CASE("a null stream is a closed one") {
  World world({.in = nullptr});
  CHECK(world.errno_of("fd_fdstat_get", {0, 0}) == Errno::badf);
  CHECK(world.errno_of("fd_fdstat_get", {1, 0}) == Errno::success);
}

TEST_CASE("fdstat tells a terminal from a file by its type and the right to seek") {
  const TemporaryFile file("bytes");
  World world({.in = wasi::host_descriptor(file.fd()), .out = wasi::bytes_sink(nullptr, 0)});
  constexpr std::uint64_t seek_and_tell = 1u << 2 | 1u << 5;
  CHECK(world.errno_of("fd_fdstat_get", {0, 100}) == Errno::success);
  CHECK(world.get_number<std::uint8_t>(100) == static_cast<std::uint8_t>(FileType::regular_file));
  CHECK((world.get_u64(108) & seek_and_tell) == seek_and_tell);
  CHECK((world.get_u64(108) & 1u << 1) != 0);
  CHECK(world.errno_of("fd_fdstat_get", {1, 100}) == Errno::success);
  CHECK(world.get_number<std::uint8_t>(100) == static_cast<std::uint8_t>(FileType::unknown));
  CHECK((world.get_u64(108) & seek_and_tell) == 0);
  CHECK((world.get_u64(108) & 1u << 6) != 0);
}

TEST_CASE("the flags append and nonblock are kept, others refused") {
  World world;
  CHECK(world.errno_of("fd_fdstat_set_flags", {1, 5}) == Errno::success);
  CHECK(world.errno_of("fd_fdstat_get", {1, 100}) == Errno::success);
  CHECK(world.get_number<std::uint16_t>(102) == 5);
  CHECK(world.errno_of("fd_fdstat_set_flags", {1, 2}) == Errno::notsup);
  CHECK(world.errno_of("fd_fdstat_set_flags", {9, 0}) == Errno::badf);
}

TEST_CASE("filestat gives a file's type and size") {
  const TemporaryFile file("fourteen bytes");
  World world({.in = wasi::host_descriptor(file.fd())});
  CHECK(world.errno_of("fd_filestat_get", {0, 100}) == Errno::success);
  CHECK(world.get_number<std::uint8_t>(116) == static_cast<std::uint8_t>(FileType::regular_file));
  CHECK(world.get_u64(132) == 14);
  CHECK(world.get_u64(148) > 1'000'000'000'000'000'000);
  CHECK(world.errno_of("fd_filestat_get", {0, memory_size - 63}) == Errno::fault);
}

TEST_CASE("a file as a standard stream can be read, sought and told") {
  const TemporaryFile file("0123456789");
  World world({.in = wasi::host_descriptor(file.fd())});
  world.put_vectors(0, {{100, 3}, {200, 2}});
  CHECK(world.errno_of("fd_read", {0, 0, 2, 50}) == Errno::success);
  CHECK(world.get_u32(50) == 5);
  CHECK(world.get(100, 3) == "012");
  CHECK(world.get(200, 2) == "34");
  CHECK(world.errno_of("fd_tell", {0, 64}) == Errno::success);
  CHECK(world.get_u64(64) == 5);
  CHECK(world.errno_of("fd_seek", {0, static_cast<std::uint64_t>(-2), 2, 64}) == Errno::success);
  CHECK(world.get_u64(64) == 8);
  CHECK(world.errno_of("fd_seek", {0, 1, 1, 64}) == Errno::success);
  CHECK(world.get_u64(64) == 9);
  CHECK(world.errno_of("fd_seek", {0, 0, 0, 64}) == Errno::success);
  CHECK(world.get_u64(64) == 0);
  CHECK(world.errno_of("fd_seek", {0, static_cast<std::uint64_t>(-1), 0, 64}) == Errno::inval);
  CHECK(world.errno_of("fd_seek", {0, 0, 3, 64}) == Errno::inval);
  CHECK(world.errno_of("fd_seek", {0, 0, 0, memory_size - 7}) == Errno::fault);
}

TEST_CASE("what has no position cannot be sought") {
  World world({.in = wasi::bytes_source("")});
  CHECK(world.errno_of("fd_seek", {0, 0, 1, 64}) == Errno::spipe);
  CHECK(world.errno_of("fd_tell", {0, 64}) == Errno::spipe);
  CHECK(world.errno_of("fd_tell", {9, 64}) == Errno::badf);
}

TEST_CASE("preopened directories are found from descriptor 3 on, under the guest's names") {
  World world({.directories = {{"/", "/root"}, {".", "here"}}});
  CHECK(world.errno_of("fd_prestat_get", {3, 100}) == Errno::success);
  CHECK(world.get_u32(100) == 0);
  CHECK(world.get_u32(104) == 5);
  CHECK(world.errno_of("fd_prestat_dir_name", {3, 200, 5}) == Errno::success);
  CHECK(world.get(200, 6) == std::string("/root\0", 6));
  CHECK(world.errno_of("fd_prestat_dir_name", {4, 200, 100}) == Errno::success);
  CHECK(world.get(200, 4) == "here");
  CHECK(world.errno_of("fd_prestat_get", {5, 100}) == Errno::badf);
  CHECK(world.errno_of("fd_prestat_get", {1, 100}) == Errno::badf);
  CHECK(world.errno_of("fd_prestat_dir_name", {3, 200, 4}) == Errno::nametoolong);
  CHECK(world.errno_of("fd_prestat_dir_name", {3, memory_size - 4, 5}) == Errno::fault);
}

TEST_CASE("a preopened directory is a directory, and no stream") {
  World world({.directories = {{"/", "/"}}});
  CHECK(world.errno_of("fd_fdstat_get", {3, 100}) == Errno::success);
  CHECK(world.get_number<std::uint8_t>(100) == static_cast<std::uint8_t>(FileType::directory));
  CHECK(world.errno_of("fd_filestat_get", {3, 100}) == Errno::success);
  CHECK(world.get_number<std::uint8_t>(116) == static_cast<std::uint8_t>(FileType::directory));
  CHECK(world.errno_of("fd_read", {3, 0, 0, 0}) == Errno::badf);
  CHECK(world.errno_of("fd_seek", {3, 0, 0, 0}) == Errno::badf);
  CHECK(world.errno_of("fd_fdstat_set_flags", {3, 0}) == Errno::notcapable);
}

TEST_CASE("a directory that cannot be opened is an error before anything runs") {
  const auto wasi = wasi::Wasi::create({.directories = {{"/", "/"}, {"/no/such/directory", "/"}}});
  REQUIRE_FALSE(wasi.has_value());
  CHECK(wasi.error().code == ErrorCode::io_failed);
  CHECK_THAT(wasi.error().message, has_text("/no/such/directory"));
}

TEST_CASE("a closed descriptor is gone") {
  World world({.directories = {{"/", "/"}}});
  CHECK(world.errno_of("fd_close", {1}) == Errno::success);
  CHECK(world.errno_of("fd_close", {1}) == Errno::badf);
  CHECK(world.errno_of("fd_write", {1, 0, 0, 0}) == Errno::badf);
  CHECK(world.errno_of("fd_close", {3}) == Errno::success);
  CHECK(world.errno_of("fd_prestat_get", {3, 100}) == Errno::badf);
}

TEST_CASE("renumbering moves a descriptor over another one that is open") {
  std::string out, err;
  World world({.out = wasi::bytes_sink(&out), .err = wasi::bytes_sink(&err)});
  world.put(0, "hello");
  world.put_vectors(100, {{0, 5}});
  CHECK(world.errno_of("fd_renumber", {2, 1}) == Errno::success);
  CHECK(world.errno_of("fd_write", {1, 100, 1, 200}) == Errno::success);
  CHECK(out.empty());
  CHECK(err == "hello");
  CHECK(world.errno_of("fd_write", {2, 100, 1, 200}) == Errno::badf);
  CHECK(world.errno_of("fd_renumber", {1, 1}) == Errno::success);
  CHECK(world.errno_of("fd_renumber", {1, 7}) == Errno::badf);
  CHECK(world.errno_of("fd_renumber", {7, 1}) == Errno::badf);
}

}  // namespace
}  // namespace fermata::test
