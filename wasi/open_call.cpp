// path_open: what the guest asks for, opened by its path and given a number.
#include <utility>

#include "wasi/functions.hpp"
#include "wasi/path_walk.hpp"

namespace fermata::wasi {
namespace {

struct Request {
  OpenMode mode{};
  std::uint64_t base = 0;
  std::uint64_t inheriting = 0;
  std::uint16_t flags = 0;
  bool follow = false;
};

/// Whether the guest may ask for it. Rights of sockets and such that there are not mean nothing for
/// a file, and are not given; of the others no more than the directory gives on.
Errno judge(const Request& request, const Descriptor& directory) {
  std::uint64_t needed = 0;
  if (request.mode.create) needed |= rights::path_create_file;
  if (request.mode.truncate) needed |= rights::path_filestat_set_size;
  if (!directory.may(needed)) return Errno::notcapable;
  const std::uint64_t asked = (request.base | request.inheriting) & rights::of_tree;
  return (asked & ~directory.inheriting) == 0 ? Errno::success : Errno::notcapable;
}

/// (directory, lookupflags, path, its length, oflags, rights, rights to give on, fdflags, result)
Expected<Request> read_request(const Call& call) {
  const auto oflags = call.u32(4);
  const auto flags = call.u32(7);
  if ((oflags & ~oflags::all) != 0 || (flags & ~std::uint32_t{fdflags::all}) != 0) {
    return std::unexpected(Errno::inval);
  }
  Request request{.base = call.u64(5),
                  .inheriting = call.u64(6),
                  .flags = static_cast<std::uint16_t>(flags),
                  .follow = (call.u32(1) & lookupflags::symlink_follow) != 0};
  request.mode = {.read = (request.base & (rights::fd_read | rights::fd_readdir)) != 0,
                  .write = (request.base & rights::fd_write) != 0,
                  .create = (oflags & oflags::creat) != 0,
                  .exclusive = (oflags & oflags::excl) != 0,
                  .truncate = (oflags & oflags::trunc) != 0,
                  .directory = (oflags & oflags::directory) != 0};
  if (request.mode.create && request.mode.directory) return std::unexpected(Errno::inval);
  return request;
}

Expected<Opened> open_place(const Place& place, OpenMode mode) {
  const bool wants_file = mode.write || mode.truncate || mode.create;
  if (place.name.empty()) {
    if (mode.create && mode.exclusive) return std::unexpected(Errno::exist);
    if (wants_file) return std::unexpected(Errno::isdir);
    return place.directory;
  }
  if (place.must_be_directory && mode.create) return std::unexpected(Errno::isdir);
  mode.directory = mode.directory || place.must_be_directory;
  auto opened = place.directory->open(place.name, mode);
  const bool is_directory =
      opened && std::holds_alternative<std::shared_ptr<OpenDirectory>>(*opened);
  if (opened && mode.directory && !is_directory) return std::unexpected(Errno::notdir);
  return opened;
}

}  // namespace

Reply path_open(Call& call) {
  const auto directory = call.directory(0, rights::path_open);
  if (!directory) return directory.error();
  const auto request = read_request(call);
  if (!request) return request.error();
  const Errno verdict = judge(*request, *call.world.find(call.u32(0)));
  if (verdict != Errno::success) return verdict;
  const auto path = call.path(2);
  if (!path) return path.error();
  if (!call.memory.view(call.u32(8), 4)) return Errno::fault;
  if (!call.world.has_room()) return Errno::mfile;
  auto opened = at_path((*directory)->directory, *path, request->follow,
                        [&](const Place& place) { return open_place(place, request->mode); });
  if (!opened) return opened.error();
  Origin origin = origin_of((*directory)->origin, *path);
  origin.read = request->mode.read;
  origin.write = request->mode.write;
  auto descriptor =
      opened_descriptor(std::move(*opened), std::move(origin), request->base, request->inheriting);
  descriptor.flags = request->flags;
  return call.memory.store(call.u32(8), call.world.add(std::move(descriptor)));
}

}  // namespace fermata::wasi
