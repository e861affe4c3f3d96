// Paths of a guest: from a directory that it has open to a name in a directory, which an operation
// is then done with. The one place that follows symbolic links, steps over ".." and says what is
// outside.
//
// Knows directories by their interface alone (fermata/wasi_files.hpp): each step opens one name of
// a directory that is held open, so that nothing which is changed meanwhile leads anywhere else
// than beneath the directory that it began with.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "fermata/limits.hpp"
#include "fermata/wasi_files.hpp"

namespace fermata::wasi {

/// Where a path leads: to a name in a directory, or to the directory itself.
struct Place {
  std::shared_ptr<OpenDirectory> directory;
  std::string name;                // empty: the directory
  bool must_be_directory = false;  // slashes were behind the name
};

/// All but the last component of the path. Errors: `noent` for an empty path, `inval` for one with
/// a NUL, `notcapable` for what is not beneath `base`, `loop`, `notdir`, `nametoolong`.
[[nodiscard]] Expected<Place> find_place(const std::shared_ptr<OpenDirectory>& base,
                                         std::string_view path);

/// The path that is left when its last component is a link that says `target`. Errors: `notcapable`
/// for a target from the root, `nametoolong`.
[[nodiscard]] Expected<std::string> with_target(std::string_view path, const std::string& target);

/// Does `operation` with the place that the path leads to, and follows a link that is there as
/// often as the operation answers `Errno::loop`: if links are followed, or slashes are behind it.
template <class Operation>
[[nodiscard]] auto at_path(const std::shared_ptr<OpenDirectory>& base, std::string path,
                           bool follow, const Operation& operation)
    -> decltype(operation(Place{})) {
  for (int links = 0;; ++links) {
    const auto place = find_place(base, path);
    if (!place) return std::unexpected(place.error());
    auto result = operation(*place);
    if (result || result.error() != Errno::loop) return result;
    if (place->name.empty() || !(follow || place->must_be_directory)) return result;
    if (links == limits::links) return result;
    const auto target = place->directory->read_link(place->name);
    if (!target)
      return std::unexpected(target.error() == Errno::inval ? Errno::loop : target.error());
    auto next = with_target(path, *target);
    if (!next) return std::unexpected(next.error());
    path = std::move(*next);
  }
}

}  // namespace fermata::wasi
