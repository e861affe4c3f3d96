// What a file system in memory consists of: nodes, the bytes of files, the names in directories,
// and how much all of it takes.
//
// Knows nothing of how it is opened (memory_directory.cpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "fermata/wasi_files.hpp"

namespace fermata::wasi::memory {

/// One file system: how much it may take, and its numbers.
class Volume {
 public:
  Volume(std::size_t limit, std::shared_ptr<Clock> clock);

  [[nodiscard]] bool take(std::size_t bytes);
  [[nodiscard]] bool has_room(std::size_t bytes) const { return bytes <= limit_ - used_; }
  void give_back(std::size_t bytes) { used_ -= bytes; }
  [[nodiscard]] std::uint64_t device() const { return device_; }
  [[nodiscard]] std::uint64_t new_inode() { return ++last_inode_; }
  [[nodiscard]] std::uint64_t last_inode() const { return last_inode_; }
  void set_last_inode(std::uint64_t inode) { last_inode_ = inode; }
  [[nodiscard]] std::size_t limit() const { return limit_; }
  [[nodiscard]] std::uint64_t now() const;

 private:
  std::size_t limit_;
  std::size_t used_ = 0;
  std::uint64_t device_;
  std::uint64_t last_inode_ = 0;
  std::shared_ptr<Clock> clock_;
};

struct Node;

/// A file's bytes in pages; those that were never written are not there, and are zeros.
class Contents {
 public:
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] std::size_t read(std::uint64_t place, std::span<std::byte> into) const;
  /// Fewer than all when there is no room for more.
  [[nodiscard]] std::size_t write(Volume& volume, std::uint64_t place,
                                  std::span<const std::byte> bytes);
  void resize(Volume& volume, std::uint64_t size);
  /// False when there is no room.
  [[nodiscard]] bool allocate(Volume& volume, std::uint64_t place, std::uint64_t count);
  void clear(Volume& volume) { resize(volume, 0); }

  static constexpr std::size_t page_size = 4096;
  using Page = std::array<std::byte, page_size>;
  [[nodiscard]] const std::map<std::uint64_t, std::unique_ptr<Page>>& pages() const {
    return pages_;
  }

 private:
  static constexpr std::size_t page_cost = page_size + 64;

  [[nodiscard]] Page* page_for_writing(Volume& volume, std::uint64_t index);

  std::uint64_t size_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Page>> pages_;
};

/// The names in a directory, also in the order in which they were made, which is how they are
/// listed.
class Names {
  struct Named {
    std::shared_ptr<Node> node;
    std::uint64_t serial = 0;
  };
  using ByName = std::map<std::string, Named, std::less<>>;
  using BySerial = std::map<std::uint64_t, std::string>;

 public:
  /// A name and its node, outside of a directory: to make one may fail for want of memory, to add
  /// it does not.
  struct Entry {
    ByName::node_type named;
    BySerial::node_type listed;
  };
  [[nodiscard]] static Entry entry(std::string_view name, std::shared_ptr<Node> node);
  /// Taken out of directories; one name may be there several times.
  using Removed = std::multimap<std::string, Named, std::less<>>;

  [[nodiscard]] std::shared_ptr<Node> find(std::string_view name) const;
  [[nodiscard]] bool empty() const { return by_name_.empty(); }
  /// Of a name that is not there yet. False when there is no room.
  [[nodiscard]] bool add(Volume& volume, Entry entry);
  /// Of one that is there.
  std::shared_ptr<Node> remove(Volume& volume, std::string_view name);
  /// In the place of the node that has the name.
  std::shared_ptr<Node> replace(std::string_view name, std::shared_ptr<Node> node);
  [[nodiscard]] Errno list(std::uint64_t from,
                           const std::function<bool(const DirectoryEntry&)>& each) const;
  /// Moves all of them, without needing memory.
  void take_all(Volume& volume, Removed& into);

  /// By the number that each got when it was made.
  [[nodiscard]] const BySerial& by_serial() const { return by_serial_; }
  [[nodiscard]] std::uint64_t next_serial() const { return next_serial_; }
  /// The next one that is added gets this number.
  void set_next_serial(std::uint64_t serial) { next_serial_ = serial; }

 private:
  static std::size_t cost(std::string_view name) { return name.size() + 192; }

  ByName by_name_;
  BySerial by_serial_;
  std::uint64_t next_serial_ = 1;  // 0 is where listing begins
};

/// What a symbolic link says.
using Target = std::string;

struct Node {
  /// The volume has taken `cost` for it (and for a target's bytes).
  Node(std::shared_ptr<Volume> in, std::variant<Contents, Names, Target> what);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  static constexpr std::size_t cost = 256;

  [[nodiscard]] Contents* contents() { return std::get_if<Contents>(&body); }
  [[nodiscard]] Names* names() { return std::get_if<Names>(&body); }
  [[nodiscard]] const Target* target() const { return std::get_if<Target>(&body); }
  [[nodiscard]] FileType type() const;
  [[nodiscard]] FileStat stat() const;
  void was_changed();  // its bytes or names: it has new times
  void set_times(const Times& times);

  std::shared_ptr<Volume> volume;
  std::uint64_t inode;
  std::uint64_t links = 0;  // names that it has
  std::uint64_t accessed;
  std::uint64_t modified;
  std::uint64_t changed;
  Node* parent = nullptr;  // of a directory that has a name
  std::variant<Contents, Names, Target> body;
};

/// A directory's node as it is opened; and the node of a directory that was opened so, else null.
[[nodiscard]] std::shared_ptr<OpenDirectory> open_node(std::shared_ptr<Node> node);
[[nodiscard]] std::shared_ptr<Node> node_of(const OpenDirectory& directory);

/// Null when there is no room.
[[nodiscard]] std::shared_ptr<Node> make_node(const std::shared_ptr<Volume>& volume,
                                              std::variant<Contents, Names, Target> body);

}  // namespace fermata::wasi::memory
