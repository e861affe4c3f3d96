// The file system in memory as a guest opens it. See fermata/wasi_files.hpp.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "fermata/limits.hpp"
#include "wasi/files/memory_node.hpp"

namespace fermata::wasi {
namespace {

using memory::Contents;
using memory::Names;
using memory::Node;
using memory::Target;
using memory::Volume;

constexpr std::uint64_t max_size = std::numeric_limits<std::int64_t>::max();

class MemoryFile final : public OpenFile {
 public:
  explicit MemoryFile(std::shared_ptr<Node> node) : node_(std::move(node)) {}

  Expected<FileStat> stat() const override { return node_->stat(); }

  Expected<std::size_t> read_at(std::uint64_t place, std::span<std::byte> into) override {
    node_->accessed = node_->volume->now();
    return contents().read(place, into);
  }

  Expected<std::size_t> write_at(std::uint64_t place, std::span<const std::byte> bytes) override {
    if (place > max_size || bytes.size() > max_size - place) return std::unexpected(Errno::fbig);
    const auto count = contents().write(*node_->volume, place, bytes);
    if (count == 0 && !bytes.empty()) return std::unexpected(Errno::nospc);
    node_->was_changed();
    return count;
  }

  Expected<Appended> append(std::span<const std::byte> bytes) override {
    const auto count = write_at(contents().size(), bytes);
    if (!count) return std::unexpected(count.error());
    return Appended{*count, contents().size()};
  }

  Errno resize(std::uint64_t size) override {
    if (size > max_size) return Errno::fbig;
    contents().resize(*node_->volume, size);
    node_->was_changed();
    return Errno::success;
  }

  Errno allocate(std::uint64_t place, std::uint64_t count) override {
    if (place > max_size || count > max_size - place) return Errno::fbig;
    if (!contents().allocate(*node_->volume, place, count)) return Errno::nospc;
    node_->was_changed();
    return Errno::success;
  }

  Errno set_times(const Times& times) override {
    node_->set_times(times);
    return Errno::success;
  }

 private:
  [[nodiscard]] Contents& contents() const { return *node_->contents(); }

  std::shared_ptr<Node> node_;
};

class MemoryDirectory final : public OpenDirectory {
 public:
  explicit MemoryDirectory(std::shared_ptr<Node> node) : node_(std::move(node)) {}

  [[nodiscard]] const std::shared_ptr<Node>& node() const { return node_; }

  Expected<FileStat> stat() const override { return node_->stat(); }
  Expected<FileStat> stat_of(std::string_view name) override {
    const auto node = names().find(name);
    if (!node) return std::unexpected(Errno::noent);
    return node->stat();
  }
  Errno list(std::uint64_t from, const std::function<bool(const DirectoryEntry&)>& each) override {
    return names().list(from, each);
  }
  Expected<std::string> read_link(std::string_view name) override {
    const auto node = names().find(name);
    if (!node) return std::unexpected(Errno::noent);
    if (node->target() == nullptr) return std::unexpected(Errno::inval);
    return *node->target();
  }
  Errno set_times(const Times& times) override {
    node_->set_times(times);
    return Errno::success;
  }
  Errno set_times_of(std::string_view name, const Times& times) override {
    const auto node = names().find(name);
    if (!node) return Errno::noent;
    node->set_times(times);
    return Errno::success;
  }

  Expected<Opened> open(std::string_view name, const OpenMode& mode) override;
  Errno make_directory(std::string_view name) override {
    const auto made = make(name, Names());
    return made ? Errno::success : made.error();
  }
  Errno make_symbolic_link(std::string_view name, std::string_view target) override {
    if (target.size() > limits::target_bytes) return Errno::nametoolong;
    const auto made = make(name, Target(target));
    return made ? Errno::success : made.error();
  }
  Errno remove_file(std::string_view name) override;
  Errno remove_directory(std::string_view name) override;
  Errno rename(std::string_view name, OpenDirectory& to, std::string_view new_name) override;
  Errno link(std::string_view name, OpenDirectory& to, std::string_view new_name) override;

 private:
  [[nodiscard]] Names& names() const { return *node_->names(); }
  [[nodiscard]] Volume& volume() const { return *node_->volume; }
  /// Nothing is made in a directory that was removed itself.
  [[nodiscard]] bool is_removed() const { return node_->links == 0; }
  [[nodiscard]] bool is_within(const Node& other) const;
  /// `to` as one of this file system, else null.
  [[nodiscard]] MemoryDirectory* here(OpenDirectory& to) const;
  [[nodiscard]] Expected<std::shared_ptr<Node>> make(std::string_view name,
                                                     std::variant<Contents, Names, Target> body);
  [[nodiscard]] Errno add(std::string_view name, const std::shared_ptr<Node>& node);
  [[nodiscard]] Errno add(Names::Entry entry, Node& node);
  void remove(std::string_view name);
  [[nodiscard]] Errno make_way(const Node& moved, std::string_view name);

  std::shared_ptr<Node> node_;
};

/// A directory whose name is `name` was removed, or another has its place.
void lose_name(Node& node) {
  --node.links;
  node.parent = nullptr;
  node.changed = node.volume->now();
}

Errno MemoryDirectory::add(std::string_view name, const std::shared_ptr<Node>& node) {
  if (is_removed()) return Errno::noent;
  if (name.size() > limits::name_bytes) return Errno::nametoolong;
  return add(Names::entry(name, node), *node);
}

Errno MemoryDirectory::add(Names::Entry entry, Node& node) {
  if (!names().add(volume(), std::move(entry))) return Errno::nospc;
  ++node.links;
  if (node.names() != nullptr) node.parent = node_.get();
  node_->was_changed();
  return Errno::success;
}

void MemoryDirectory::remove(std::string_view name) {
  lose_name(*names().remove(volume(), name));
  node_->was_changed();
}

Expected<std::shared_ptr<Node>> MemoryDirectory::make(std::string_view name,
                                                      std::variant<Contents, Names, Target> body) {
  if (names().find(name)) return std::unexpected(Errno::exist);
  auto node = memory::make_node(node_->volume, std::move(body));
  if (!node) return std::unexpected(Errno::nospc);
  if (const Errno error = add(name, node); error != Errno::success) return std::unexpected(error);
  return node;
}

Expected<Opened> MemoryDirectory::open(std::string_view name, const OpenMode& mode) {
  auto node = names().find(name);
  if (node && mode.create && mode.exclusive) return std::unexpected(Errno::exist);
  if (!node && !mode.create) {
    return std::unexpected(name.size() > limits::name_bytes ? Errno::nametoolong : Errno::noent);
  }
  if (!node) {
    auto made = make(name, Contents());
    if (!made) return std::unexpected(made.error());
    return std::make_shared<MemoryFile>(std::move(*made));
  }
  if (node->target() != nullptr) return std::unexpected(Errno::loop);
  if (node->names() != nullptr) {
    if (mode.write || mode.truncate || mode.create) return std::unexpected(Errno::isdir);
    return std::make_shared<MemoryDirectory>(std::move(node));
  }
  if (mode.directory) return std::unexpected(Errno::notdir);
  auto file = std::make_shared<MemoryFile>(std::move(node));
  if (mode.truncate) static_cast<void>(file->resize(0));
  return file;
}

Errno MemoryDirectory::remove_file(std::string_view name) {
  const auto node = names().find(name);
  if (!node) return Errno::noent;
  if (node->names() != nullptr) return Errno::isdir;
  remove(name);
  return Errno::success;
}

Errno MemoryDirectory::remove_directory(std::string_view name) {
  const auto node = names().find(name);
  if (!node) return Errno::noent;
  if (node->names() == nullptr) return Errno::notdir;
  if (!node->names()->empty()) return Errno::notempty;
  remove(name);
  return Errno::success;
}

bool MemoryDirectory::is_within(const Node& other) const {
  for (const Node* node = node_.get(); node != nullptr; node = node->parent) {
    if (node == &other) return true;
  }
  return false;
}

MemoryDirectory* MemoryDirectory::here(OpenDirectory& to) const {
  auto* const other = dynamic_cast<MemoryDirectory*>(&to);
  return other != nullptr && other->node_->volume == node_->volume ? other : nullptr;
}

/// Removes what has the name that `moved` is to have.
Errno MemoryDirectory::make_way(const Node& moved, std::string_view name) {
  const auto node = names().find(name);
  if (!node) return Errno::success;
  const bool is_directory = moved.type() == FileType::directory;
  if (is_directory) return remove_directory(name);
  return remove_file(name);
}

Errno MemoryDirectory::rename(std::string_view name, OpenDirectory& to, std::string_view new_name) {
  const auto node = names().find(name);
  if (!node) return Errno::noent;
  MemoryDirectory* const target = here(to);
  if (target == nullptr) return Errno::xdev;
  if (target->is_removed()) return Errno::noent;
  if (new_name.size() > limits::name_bytes) return Errno::nametoolong;
  if (target->names().find(new_name) == node) return Errno::success;
  if (target->is_within(*node)) return Errno::inval;
  // The old name's room is used again, unless the new one needs more.
  if (new_name.size() > name.size()) {
    if (!volume().take(new_name.size() - name.size())) return Errno::nospc;
    volume().give_back(new_name.size() - name.size());
  }
  Names::Entry entry = Names::entry(new_name, node);  // before anything is changed
  if (const Errno error = target->make_way(*node, new_name); error != Errno::success) return error;
  remove(name);
  return target->add(std::move(entry), *node);
}

Errno MemoryDirectory::link(std::string_view name, OpenDirectory& to, std::string_view new_name) {
  const auto node = names().find(name);
  if (!node) return Errno::noent;
  if (node->names() != nullptr) return Errno::perm;
  MemoryDirectory* const target = here(to);
  if (target == nullptr) return Errno::xdev;
  if (target->names().find(new_name)) return Errno::exist;
  return target->add(new_name, node);
}

}  // namespace

namespace memory {

std::shared_ptr<OpenDirectory> open_node(std::shared_ptr<Node> node) {
  return std::make_shared<MemoryDirectory>(std::move(node));
}

std::shared_ptr<Node> node_of(const OpenDirectory& directory) {
  const auto* const opened = dynamic_cast<const MemoryDirectory*>(&directory);
  return opened == nullptr ? nullptr : opened->node();
}

}  // namespace memory

std::shared_ptr<OpenDirectory> memory_directory(std::size_t limit, std::shared_ptr<Clock> clock) {
  auto volume = std::make_shared<Volume>(std::max(limit, Node::cost), std::move(clock));
  auto root = memory::make_node(volume, Names());
  root->links = 1;
  return memory::open_node(std::move(root));
}

}  // namespace fermata::wasi
