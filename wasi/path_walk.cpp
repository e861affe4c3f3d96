// See path_walk.hpp.
#include "wasi/path_walk.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "fermata/limits.hpp"

namespace fermata::wasi {
namespace {

/// A walk over the components of a path, each directory on the way held open.
class Walk {
 public:
  Walk(std::shared_ptr<OpenDirectory> base, std::string_view path) : held_{std::move(base)} {
    put_before(path);
  }

  Expected<std::shared_ptr<OpenDirectory>> directory() {
    while (!left_.empty()) {
      const std::string name = std::move(left_.back());
      left_.pop_back();
      if (const Errno error = step(name); error != Errno::success) return std::unexpected(error);
    }
    return held_.back();
  }

 private:
  void put_before(std::string_view path) {
    const auto begin = left_.size();
    while (!path.empty()) {
      const auto part = path.substr(0, path.find('/'));
      path.remove_prefix(std::min(path.size(), part.size() + 1));
      if (!part.empty() && part != ".") left_.emplace_back(part);
    }
    std::reverse(left_.begin() + static_cast<std::ptrdiff_t>(begin), left_.end());
  }

  Errno step(const std::string& name) {
    if (steps_++ == limits::walk_steps) return Errno::nametoolong;
    if (name == "..") {
      if (held_.size() == 1) return Errno::notcapable;
      held_.pop_back();
      return Errno::success;
    }
    if (held_.size() == limits::walk_depth) return Errno::nametoolong;
    const auto opened = held_.back()->open(name, {.directory = true});
    if (!opened && opened.error() == Errno::loop) return follow(name);
    if (!opened) return opened.error();
    const auto* directory = std::get_if<std::shared_ptr<OpenDirectory>>(&*opened);
    if (directory == nullptr) return Errno::notdir;
    held_.push_back(*directory);
    return Errno::success;
  }

  Errno follow(const std::string& name) {
    if (links_++ == limits::links) return Errno::loop;
    const auto target = held_.back()->read_link(name);
    if (!target) return target.error() == Errno::inval ? Errno::loop : target.error();
    if (target->starts_with('/')) return Errno::notcapable;
    if (target->empty()) return Errno::noent;
    if (target->size() > limits::path_bytes) return Errno::nametoolong;
    put_before(*target);
    return Errno::success;
  }

  std::vector<std::shared_ptr<OpenDirectory>> held_;
  std::vector<std::string> left_;  // the next one last
  int links_ = 0;
  std::size_t steps_ = 0;
};

Expected<std::shared_ptr<OpenDirectory>> directory_at(const std::shared_ptr<OpenDirectory>& base,
                                                      std::string_view path) {
  if (path.empty()) return base;
  auto directory = base->beneath(path);
  if (directory || directory.error() != Errno::notsup) return directory;
  return Walk(base, path).directory();
}

/// The path up to its last component, and that.
std::pair<std::string_view, std::string_view> split(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  const auto slash = path.rfind('/');
  if (slash == path.npos) return {{}, path};
  return {path.substr(0, slash + 1), path.substr(slash + 1)};
}

}  // namespace

Expected<Place> find_place(const std::shared_ptr<OpenDirectory>& base, std::string_view path) {
  if (path.empty()) return std::unexpected(Errno::noent);
  if (path.size() > limits::path_bytes) return std::unexpected(Errno::nametoolong);
  if (path.find('\0') != path.npos) return std::unexpected(Errno::inval);
  if (path.starts_with('/')) return std::unexpected(Errno::notcapable);
  const auto [parent, name] = split(path);
  const bool is_directory = name == "." || name == "..";
  auto directory = directory_at(base, is_directory ? path : parent);
  if (!directory) return std::unexpected(directory.error());
  if (is_directory) return Place{std::move(*directory), {}, true};
  return Place{std::move(*directory), std::string(name), path.ends_with('/')};
}

Expected<std::string> with_target(std::string_view path, const std::string& target) {
  if (target.starts_with('/')) return std::unexpected(Errno::notcapable);
  if (target.empty()) return std::unexpected(Errno::noent);
  std::string next(split(path).first);
  next += target;
  if (path.ends_with('/')) next += '/';
  if (next.size() > limits::path_bytes) return std::unexpected(Errno::nametoolong);
  return next;
}

}  // namespace fermata::wasi
