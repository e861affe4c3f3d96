// A guest's calls about files, as a test writes them: paths as strings, results as values.
//
// Paths are put at 0 and 8192 of the guest's memory, results are read from 16384 on, buffers are at
// 20000.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/wasi/world.hpp"
#include "wasi/rights.hpp"

namespace fermata::test {

/// What a guest asks for when it opens something.
struct Asked {
  std::uint32_t oflags = 0;
  std::uint64_t base = wasi::rights::fd_read | wasi::rights::fd_seek | wasi::rights::fd_tell |
                       wasi::rights::fd_filestat_get;
  std::uint64_t inheriting = wasi::rights::of_tree;
  std::uint32_t flags = 0;
  bool follow = true;
};

/// To be written as well, with everything else that can be done to a file.
inline Asked for_writing(std::uint32_t oflags = 0, std::uint32_t flags = 0) {
  return {.oflags = oflags, .base = wasi::rights::of_file, .flags = flags};
}
/// A directory in which everything can be done.
inline Asked as_directory() {
  return {.oflags = wasi::oflags::directory, .base = wasi::rights::of_directory};
}

struct Listed {
  std::string name;
  wasi::FileType type;
  std::uint64_t inode;
  std::uint64_t next;
};

class GuestFiles {
 public:
  explicit GuestFiles(World& world) : world_(world) {}

  wasi::Expected<std::uint32_t> open(std::uint32_t directory, std::string_view path,
                                     const Asked& asked = {}) {
    const auto length = put_path(first, path);
    const auto error = world_.errno_of(
        "path_open", {directory, asked.follow ? 1u : 0u, first, length, asked.oflags, asked.base,
                      asked.inheriting, asked.flags, result});
    if (error != wasi::Errno::success) return std::unexpected(error);
    return world_.get_u32(result);
  }
  /// A call whose arguments are the directory and the path.
  wasi::Errno at(std::string_view function, std::uint32_t directory, std::string_view path) {
    const auto length = put_path(first, path);
    return world_.errno_of(function, {directory, first, length});
  }
  wasi::Errno make_directory(std::uint32_t directory, std::string_view path) {
    return at("path_create_directory", directory, path);
  }
  wasi::Errno unlink(std::uint32_t directory, std::string_view path) {
    return at("path_unlink_file", directory, path);
  }
  wasi::Errno remove_directory(std::uint32_t directory, std::string_view path) {
    return at("path_remove_directory", directory, path);
  }
  wasi::Errno symlink(std::string_view target, std::uint32_t directory, std::string_view path) {
    const auto target_length = put_path(first, target);
    const auto length = put_path(second, path);
    return world_.errno_of("path_symlink", {first, target_length, directory, second, length});
  }
  wasi::Errno rename(std::uint32_t directory, std::string_view path, std::uint32_t other,
                     std::string_view new_path) {
    const auto old_length = put_path(first, path);
    const auto length = put_path(second, new_path);
    return world_.errno_of("path_rename", {directory, first, old_length, other, second, length});
  }
  wasi::Errno link(std::uint32_t directory, std::string_view path, std::uint32_t other,
                   std::string_view new_path, bool follow = false) {
    const auto old_length = put_path(first, path);
    const auto length = put_path(second, new_path);
    return world_.errno_of("path_link",
                           {directory, follow ? 1u : 0u, first, old_length, other, second, length});
  }
  wasi::Expected<std::string> read_link(std::uint32_t directory, std::string_view path,
                                        std::uint32_t size = 100) {
    const auto length = put_path(first, path);
    const auto error =
        world_.errno_of("path_readlink", {directory, first, length, buffer, size, result});
    if (error != wasi::Errno::success) return std::unexpected(error);
    return world_.get(buffer, world_.get_u32(result));
  }
  wasi::Expected<wasi::FileStat> stat(std::uint32_t directory, std::string_view path,
                                      bool follow = true) {
    const auto length = put_path(first, path);
    return stat_of(
        world_.errno_of("path_filestat_get", {directory, follow ? 1u : 0u, first, length, result}));
  }
  wasi::Expected<wasi::FileStat> stat(std::uint32_t fd) {
    return stat_of(world_.errno_of("fd_filestat_get", {fd, result}));
  }
  wasi::Errno set_times(std::uint32_t directory, std::string_view path, std::uint64_t accessed,
                        std::uint64_t modified, std::uint32_t flags, bool follow = true) {
    const auto length = put_path(first, path);
    return world_.errno_of("path_filestat_set_times",
                           {directory, follow ? 1u : 0u, first, length, accessed, modified, flags});
  }

  wasi::Expected<std::uint32_t> write(std::uint32_t fd, std::string_view bytes) {
    put_buffer(bytes);
    return count_of(world_.errno_of("fd_write", {fd, vector, 1, result}));
  }
  wasi::Expected<std::uint32_t> write_at(std::uint32_t fd, std::string_view bytes,
                                         std::uint64_t place) {
    put_buffer(bytes);
    return count_of(world_.errno_of("fd_pwrite", {fd, vector, 1, place, result}));
  }
  wasi::Expected<std::string> read(std::uint32_t fd, std::uint32_t size = 100) {
    world_.put_vectors(vector, {{buffer, size}});
    return bytes_of(world_.errno_of("fd_read", {fd, vector, 1, result}));
  }
  wasi::Expected<std::string> read_at(std::uint32_t fd, std::uint64_t place,
                                      std::uint32_t size = 100) {
    world_.put_vectors(vector, {{buffer, size}});
    return bytes_of(world_.errno_of("fd_pread", {fd, vector, 1, place, result}));
  }
  wasi::Expected<std::uint64_t> seek(std::uint32_t fd, std::int64_t offset, wasi::Whence whence) {
    const auto error = world_.errno_of("fd_seek", {fd, static_cast<std::uint64_t>(offset),
                                                   static_cast<std::uint64_t>(whence), result});
    if (error != wasi::Errno::success) return std::unexpected(error);
    return world_.get_u64(result);
  }
  wasi::Errno close(std::uint32_t fd) { return world_.errno_of("fd_close", {fd}); }

  /// What one call gives, entries that were cut off left out.
  wasi::Expected<std::vector<Listed>> list(std::uint32_t fd, std::uint64_t cookie = 0,
                                           std::uint32_t size = 40000) {
    const auto error = world_.errno_of("fd_readdir", {fd, buffer, size, cookie, result});
    if (error != wasi::Errno::success) return std::unexpected(error);
    std::vector<Listed> all;
    const std::uint32_t end = buffer + world_.get_u32(result);
    for (std::uint32_t at = buffer; at + 24 <= end;) {
      const auto length = world_.get_u32(at + 16);
      if (at + 24 + length > end) break;
      all.push_back({world_.get(at + 24, length),
                     static_cast<wasi::FileType>(world_.get_number<std::uint8_t>(at + 20)),
                     world_.get_u64(at + 8), world_.get_u64(at)});
      at += 24 + length;
    }
    return all;
  }

  /// A new file with these bytes.
  void create(std::uint32_t directory, std::string_view path, std::string_view bytes) {
    const auto fd = open(directory, path, for_writing(wasi::oflags::creat | wasi::oflags::excl));
    REQUIRE(fd.has_value());
    if (!bytes.empty()) REQUIRE(write(*fd, bytes) == bytes.size());
    REQUIRE(close(*fd) == wasi::Errno::success);
  }
  wasi::Expected<std::string> contents(std::uint32_t directory, std::string_view path) {
    const auto fd = open(directory, path);
    if (!fd) return std::unexpected(fd.error());
    auto bytes = read(*fd);
    static_cast<void>(close(*fd));
    return bytes;
  }

 private:
  static constexpr std::uint32_t first = 0, second = 8192, result = 16384, vector = 16500,
                                 buffer = 20000;

  std::uint32_t put_path(std::uint32_t at, std::string_view path) {
    world_.put(at, path);
    return static_cast<std::uint32_t>(path.size());
  }
  void put_buffer(std::string_view bytes) {
    world_.put(buffer, bytes);
    world_.put_vectors(vector, {{buffer, static_cast<std::uint32_t>(bytes.size())}});
  }
  wasi::Expected<std::uint32_t> count_of(wasi::Errno error) {
    if (error != wasi::Errno::success) return std::unexpected(error);
    return world_.get_u32(result);
  }
  wasi::Expected<std::string> bytes_of(wasi::Errno error) {
    if (error != wasi::Errno::success) return std::unexpected(error);
    return world_.get(buffer, world_.get_u32(result));
  }
  wasi::Expected<wasi::FileStat> stat_of(wasi::Errno error) {
    if (error != wasi::Errno::success) return std::unexpected(error);
    return wasi::FileStat{
        .type = static_cast<wasi::FileType>(world_.get_number<std::uint8_t>(result + 16)),
        .device = world_.get_u64(result),
        .inode = world_.get_u64(result + 8),
        .links = world_.get_u64(result + 24),
        .size = world_.get_u64(result + 32),
        .accessed = world_.get_u64(result + 40),
        .modified = world_.get_u64(result + 48),
        .changed = world_.get_u64(result + 56)};
  }

  World& world_;
};

/// A directory of the host with a name of its own, that is removed with all that is in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    static int number = 0;
    const auto parent = std::filesystem::temp_directory_path();
    do
      path_ =
          parent / ("fermata-wasi-" + std::to_string(++number) + "-" + std::to_string(std::rand()));
    while (!std::filesystem::create_directory(path_));
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, std::string_view bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::filesystem::path path_;
};

/// A file system for a test that has to hold on each of them, as the guest's descriptor 3.
struct SomeFiles {
  std::string name;
  std::unique_ptr<TemporaryDirectory> directory;  // where it lies on the host
  std::shared_ptr<wasi::OpenDirectory> root;
};

inline SomeFiles memory_files() { return {"memory", nullptr, wasi::memory_directory()}; }
inline SomeFiles host_files(wasi::HostWalk walk) {
  auto directory = std::make_unique<TemporaryDirectory>();
  auto root = wasi::host_directory(directory->path().string(), walk).value();
  return {walk == wasi::HostWalk::automatic ? "host" : "host, by components", std::move(directory),
          std::move(root)};
}
inline std::vector<SomeFiles> all_files() {
  std::vector<SomeFiles> all;
  all.push_back(memory_files());
  all.push_back(host_files(wasi::HostWalk::automatic));
  all.push_back(host_files(wasi::HostWalk::by_components));
  return all;
}

/// Does it with a guest on each file system.
template <class Test>
void on_all_files(const Test& test) {
  for (SomeFiles& some : all_files()) {
    INFO(some.name);
    World world({.directories = {{.guest = "/", .root = some.root}}});
    GuestFiles guest(world);
    test(world, guest);
  }
}

}  // namespace fermata::test
