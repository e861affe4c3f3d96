// What is done by a path, but for opening: making, removing, naming, looking.
#include <algorithm>
#include <cstring>
#include <utility>

#include "wasi/functions.hpp"
#include "wasi/path_walk.hpp"

namespace fermata::wasi {
namespace {

Expected<void> done(Errno error) {
  if (error != Errno::success) return std::unexpected(error);
  return {};
}

Reply reply(const Expected<void>& result) { return result ? Errno::success : result.error(); }

/// A directory of the guest and a path from there.
struct Start {
  OpenedDirectory* directory = nullptr;
  std::string path;
};

/// Of the arguments `directory` and, for the path, `path` and the one behind it.
Expected<Start> start(Call& call, std::size_t directory, std::size_t path, std::uint64_t right) {
  const auto found = call.directory(directory, right);
  if (!found) return std::unexpected(found.error());
  auto text = call.path(path);
  if (!text) return std::unexpected(text.error());
  return Start{*found, std::move(*text)};
}

/// The place where something is changed; `rofs` where nothing can be.
Expected<Place> place_to_change(const Start& start) {
  auto place = find_place(start.directory->directory, start.path);
  if (place && place->directory->is_read_only()) return std::unexpected(Errno::rofs);
  return place;
}

bool follows(std::uint32_t flags) { return (flags & lookupflags::symlink_follow) != 0; }

/// What is at the place. `loop` for a link that is to be followed.
Expected<FileStat> look(const Place& place, bool follow) {
  if (place.name.empty()) return place.directory->stat();
  const auto stat = place.directory->stat_of(place.name);
  if (!stat) return stat;
  const bool is_link = stat->type == FileType::symbolic_link;
  if (is_link && (follow || place.must_be_directory)) return std::unexpected(Errno::loop);
  if (place.must_be_directory && stat->type != FileType::directory) {
    return std::unexpected(Errno::notdir);
  }
  return stat;
}

/// Where a new name is to be. Slashes behind it are for directories alone.
Expected<Place> place_of_new(const Start& start) {
  auto place = place_to_change(start);
  if (!place) return place;
  if (place->name.empty()) return std::unexpected(Errno::exist);
  if (!place->must_be_directory) return place;
  const bool is_there = place->directory->stat_of(place->name).has_value();
  return std::unexpected(is_there ? Errno::exist : Errno::noent);
}

}  // namespace

Reply path_create_directory(Call& call) {
  const auto from = start(call, 0, 1, rights::path_create_directory);
  if (!from) return from.error();
  const auto place = place_to_change(*from);
  if (!place) return place.error();
  if (place->name.empty()) return Errno::exist;
  return place->directory->make_directory(place->name);
}

/// (directory, lookupflags, path, its length, result)
Reply path_filestat_get(Call& call) {
  const auto from = start(call, 0, 2, rights::path_filestat_get);
  if (!from) return from.error();
  const bool follow = follows(call.u32(1));
  const auto stat = at_path(from->directory->directory, from->path, follow,
                            [&](const Place& place) { return look(place, follow); });
  if (!stat) return stat.error();
  return store_filestat(call, call.u32(4), *stat);
}

/// (directory, lookupflags, path, its length, accessed, modified, fstflags)
Reply path_filestat_set_times(Call& call) {
  const auto from = start(call, 0, 2, rights::path_filestat_set_times);
  if (!from) return from.error();
  const auto times = times_of(call.u32(6), call.u64(4), call.u64(5));
  if (!times) return times.error();
  const bool follow = follows(call.u32(1));
  const auto set = [&](const Place& place) -> Expected<void> {
    if (const auto stat = look(place, follow); !stat) return std::unexpected(stat.error());
    if (place.directory->is_read_only()) return std::unexpected(Errno::rofs);
    if (place.name.empty()) return done(place.directory->set_times(*times));
    return done(place.directory->set_times_of(place.name, *times));
  };
  return reply(at_path(from->directory->directory, from->path, follow, set));
}

/// (directory, lookupflags, path, its length; directory, new path, its length)
Reply path_link(Call& call) {
  const auto from = start(call, 0, 2, rights::path_link_source);
  if (!from) return from.error();
  const auto to = start(call, 4, 5, rights::path_link_target);
  if (!to) return to.error();
  const bool follow = follows(call.u32(1));
  const auto link = [&](const Place& place) -> Expected<void> {
    if (const auto stat = look(place, follow); !stat) return std::unexpected(stat.error());
    if (place.name.empty() || place.must_be_directory) return std::unexpected(Errno::perm);
    const auto target = place_of_new(*to);
    if (!target) return std::unexpected(target.error());
    return done(place.directory->link(place.name, *target->directory, target->name));
  };
  return reply(at_path(from->directory->directory, from->path, follow, link));
}

/// (directory, path, its length, buffer, its size, where to put how much of it was used)
Reply path_readlink(Call& call) {
  const auto from = start(call, 0, 1, rights::path_readlink);
  if (!from) return from.error();
  const auto out = call.memory.view(call.u32(3), call.u32(4));
  if (!out || !call.memory.view(call.u32(5), 4)) return Errno::fault;
  const auto target = at_path(from->directory->directory, from->path, false,
                              [](const Place& place) -> Expected<std::string> {
                                if (const auto stat = look(place, false); !stat)
                                  return std::unexpected(stat.error());
                                if (place.name.empty() || place.must_be_directory)
                                  return std::unexpected(Errno::inval);
                                return place.directory->read_link(place.name);
                              });
  if (!target) return target.error();
  const auto count = std::min(out->size(), target->size());
  if (count != 0) std::memcpy(out->data(), target->data(), count);
  return call.memory.store(call.u32(5), static_cast<std::uint32_t>(count));
}

Reply path_remove_directory(Call& call) {
  const auto from = start(call, 0, 1, rights::path_remove_directory);
  if (!from) return from.error();
  const auto place = place_to_change(*from);
  if (!place) return place.error();
  if (place->name.empty()) return Errno::inval;
  return place->directory->remove_directory(place->name);
}

/// (directory, path, its length; directory, new path, its length)
Reply path_rename(Call& call) {
  const auto from = start(call, 0, 1, rights::path_rename_source);
  if (!from) return from.error();
  const auto to = start(call, 3, 4, rights::path_rename_target);
  if (!to) return to.error();
  const auto old_place = place_to_change(*from);
  if (!old_place) return old_place.error();
  const auto new_place = place_to_change(*to);
  if (!new_place) return new_place.error();
  if (old_place->name.empty() || new_place->name.empty()) return Errno::busy;
  if (old_place->must_be_directory || new_place->must_be_directory) {
    const auto stat = old_place->directory->stat_of(old_place->name);
    if (!stat) return stat.error();
    if (stat->type != FileType::directory) return Errno::notdir;
  }
  // Before it is done, since this can fail for want of memory.
  auto moves = call.world.moves(origin_of(from->directory->origin, from->path),
                                origin_of(to->directory->origin, to->path));
  const Errno error =
      old_place->directory->rename(old_place->name, *new_place->directory, new_place->name);
  if (error == Errno::success) {
    for (auto& [origin, moved] : moves) *origin = std::move(moved);
  }
  return error;
}

/// (target, its length, directory, path, its length)
Reply path_symlink(Call& call) {
  const auto from = start(call, 2, 3, rights::path_symlink);
  if (!from) return from.error();
  const auto target = call.path(0);
  if (!target) return target.error();
  if (target->empty()) return Errno::noent;
  if (target->find('\0') != target->npos) return Errno::inval;
  if (target->starts_with('/')) return Errno::notcapable;  // it could never be followed
  const auto place = place_of_new(*from);
  if (!place) return place.error();
  return place->directory->make_symbolic_link(place->name, *target);
}

Reply path_unlink_file(Call& call) {
  const auto from = start(call, 0, 1, rights::path_unlink_file);
  if (!from) return from.error();
  const auto place = place_to_change(*from);
  if (!place) return place.error();
  if (place->name.empty()) return Errno::isdir;
  if (!place->must_be_directory) return place->directory->remove_file(place->name);
  const auto stat = place->directory->stat_of(place->name);
  if (!stat) return stat.error();
  return stat->type == FileType::directory ? Errno::isdir : Errno::notdir;
}

}  // namespace fermata::wasi
