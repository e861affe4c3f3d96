// A file system in memory as bytes, and the other way. docs/checkpoints.md has the format.
//
// The bytes are hostile input: what is made of them is a tree, with names that a guest could have
// made, and takes memory in proportion to them.
#include <limits>
#include <unordered_map>
#include <utility>

#include "wasi/files/memory_node.hpp"

namespace fermata::wasi {
namespace {

using memory::Contents;
using memory::Names;
using memory::Node;
using memory::Target;
using memory::Volume;

constexpr std::uint64_t image_version = 1;
constexpr std::size_t page_size = Contents::page_size;

// --- writing -------------------------------------------------------------------------------------

class Writer {
 public:
  /// LEB128, as everywhere in WebAssembly.
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
  }
  void byte(std::uint8_t value) { bytes.push_back(static_cast<std::byte>(value)); }
  void raw(std::span<const std::byte> more) { bytes.insert(bytes.end(), more.begin(), more.end()); }
  void text(std::string_view text) {
    number(text.size());
    raw(std::as_bytes(std::span(text)));
  }
  std::vector<std::byte> bytes;
};

/// Every node that has a name, each directory before what is in it.
class Numbering {
 public:
  explicit Numbering(std::shared_ptr<Node> root) {
    add(std::move(root));
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const auto node = nodes[i];
      const Names* const names = node->names();
      if (names == nullptr) continue;
      for (const auto& [serial, name] : names->by_serial()) add(names->find(name));
    }
  }
  [[nodiscard]] std::size_t number_of(const Node& node) const { return numbers_.at(&node); }

  std::vector<std::shared_ptr<Node>> nodes;

 private:
  void add(std::shared_ptr<Node> node) {
    if (numbers_.emplace(node.get(), nodes.size()).second) nodes.push_back(std::move(node));
  }
  std::unordered_map<const Node*, std::size_t> numbers_;
};

void write_names(Writer& out, const Names& names, const Numbering& numbering) {
  out.number(names.by_serial().size());
  for (const auto& [serial, name] : names.by_serial()) {
    out.number(serial);
    out.text(name);
    out.number(numbering.number_of(*names.find(name)));
  }
  out.number(names.next_serial());
}

void write_contents(Writer& out, const Contents& contents) {
  out.number(contents.size());
  out.number(contents.pages().size());
  for (const auto& [index, page] : contents.pages()) {
    out.number(index);
    out.raw(*page);
  }
}

void write_node(Writer& out, Node& node, const Numbering& numbering) {
  out.byte(static_cast<std::uint8_t>(node.type()));
  for (const auto n : {node.inode, node.accessed, node.modified, node.changed}) out.number(n);
  if (const Names* const names = node.names()) write_names(out, *names, numbering);
  if (const Contents* const contents = node.contents()) write_contents(out, *contents);
  if (const Target* const target = node.target()) out.text(*target);
}

// --- reading -------------------------------------------------------------------------------------

class Reader {
 public:
  explicit Reader(std::span<const std::byte> bytes) : left_(bytes) {}

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return left_.empty(); }
  void fail() {
    ok_ = false;
    left_ = {};
  }

  std::uint8_t byte() {
    if (left_.empty()) {
      fail();
      return 0;
    }
    const auto value = std::to_integer<std::uint8_t>(left_.front());
    left_ = left_.subspan(1);
    return value;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t next = byte();
      if (shift == 63 && next > 1) break;
      value |= std::uint64_t{next & 0x7fu} << shift;
      if (next < 0x80) return value;
    }
    fail();
    return 0;
  }
  std::span<const std::byte> raw(std::uint64_t count) {
    if (count > left_.size()) {
      fail();
      return {};
    }
    const auto bytes = left_.first(static_cast<std::size_t>(count));
    left_ = left_.subspan(bytes.size());
    return bytes;
  }
  std::string text() {
    const auto bytes = raw(number());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  /// Of things that take a byte at least.
  std::uint64_t count() {
    const std::uint64_t found = number();
    if (found > left_.size()) fail();
    return ok_ ? found : 0;
  }

 private:
  std::span<const std::byte> left_;
  bool ok_ = true;
};

/// A name of a directory, whose node comes later.
struct Entry {
  std::uint64_t serial;
  std::string name;
  std::uint64_t node;
};
struct Listed {
  std::vector<Entry> entries;
  std::uint64_t next_serial = 1;
};

class ImageReader {
 public:
  ImageReader(std::span<const std::byte> bytes, std::shared_ptr<Clock> clock)
      : in_(bytes), clock_(std::move(clock)) {}

  /// The first directory; null when the bytes are wrong.
  std::shared_ptr<Node> read() {
    if (in_.number() != image_version) return nullptr;
    const std::uint64_t limit = in_.number();
    if (limit > std::numeric_limits<std::size_t>::max()) return nullptr;
    volume_ = std::make_shared<Volume>(static_cast<std::size_t>(limit), clock_);
    const std::uint64_t last_inode = in_.number();
    for (std::uint64_t left = in_.count(); left != 0 && in_.ok(); --left) read_node(last_inode);
    if (!in_.ok() || !in_.at_end() || nodes_.empty()) return nullptr;
    volume_->set_last_inode(last_inode);
    return nodes_[0]->names() != nullptr && name_all() ? nodes_[0] : nullptr;
  }

 private:
  void read_node(std::uint64_t last_inode) {
    const auto type = static_cast<FileType>(in_.byte());
    std::uint64_t numbers[4];
    for (auto& n : numbers) n = in_.number();
    Listed listed;
    std::variant<Contents, Names, Target> body;
    if (type == FileType::directory) {
      body = Names();
      listed = read_names();
    } else if (type == FileType::regular_file) {
      body = read_contents();
    } else if (type == FileType::symbolic_link) {
      body = in_.text();
    } else {
      in_.fail();
    }
    auto node = in_.ok() && numbers[0] <= last_inode ? memory::make_node(volume_, std::move(body))
                                                     : nullptr;
    if (!node) return in_.fail();
    node->inode = numbers[0];
    node->accessed = numbers[1];
    node->modified = numbers[2];
    node->changed = numbers[3];
    nodes_.push_back(std::move(node));
    listed_.push_back(std::move(listed));
  }

  Listed read_names() {
    Listed listed;
    std::uint64_t least = 1;
    for (std::uint64_t left = in_.count(); left != 0 && in_.ok(); --left) {
      Entry entry{in_.number(), in_.text(), in_.number()};
      if (entry.serial < least || !is_name(entry.name)) in_.fail();
      least = entry.serial + 1;
      listed.entries.push_back(std::move(entry));
    }
    listed.next_serial = in_.number();
    if (listed.next_serial < least || listed.next_serial > last_serial) in_.fail();
    return listed;
  }

  Contents read_contents() {
    Contents contents;
    const std::uint64_t size = in_.number();
    if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) in_.fail();
    for (std::uint64_t left = in_.count(); left != 0 && in_.ok(); --left) {
      const std::uint64_t index = in_.number();
      const auto page = in_.raw(page_size);
      if (!in_.ok() || index >= (size + page_size - 1) / page_size) {
        in_.fail();
      } else if (contents.write(*volume_, index * page_size, page) != page_size) {
        in_.fail();
      }
    }
    contents.resize(*volume_, in_.ok() ? size : 0);
    return contents;
  }

  static bool is_name(const std::string& name) {
    return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
           name.find('/') == name.npos && name.find('\0') == name.npos;
  }

  /// A directory has one name, in a directory before it, but for the first; a file at least one.
  bool name_all() {
    nodes_[0]->links = 1;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i]->links == 0) return false;
      for (const Entry& entry : listed_[i].entries) {
        if (!name_one(i, entry)) return false;
      }
      if (Names* const names = nodes_[i]->names()) names->set_next_serial(listed_[i].next_serial);
    }
    return true;
  }

  bool name_one(std::size_t directory, const Entry& entry) {
    if (entry.node >= nodes_.size()) return false;
    const auto& node = nodes_[static_cast<std::size_t>(entry.node)];
    if (node->names() != nullptr && entry.node <= directory) return false;
    Names& names = *nodes_[directory]->names();
    if (names.find(entry.name)) return false;
    if (node->names() != nullptr && node->links != 0) return false;
    names.set_next_serial(entry.serial);
    if (!names.add(*volume_, Names::entry(entry.name, node))) return false;
    ++node->links;
    if (node->names() != nullptr) node->parent = nodes_[directory].get();
    return true;
  }

  static constexpr std::uint64_t last_serial = std::numeric_limits<std::int64_t>::max();

  Reader in_;
  std::shared_ptr<Clock> clock_;
  std::shared_ptr<Volume> volume_;
  std::vector<std::shared_ptr<Node>> nodes_;
  std::vector<Listed> listed_;  // as many
};

}  // namespace

Expected<std::vector<std::byte>> memory_contents(const OpenDirectory& directory) {
  auto root = memory::node_of(directory);
  if (!root || root->parent != nullptr) return std::unexpected(Errno::notsup);
  const Volume& volume = *root->volume;
  Writer out;
  out.number(image_version);
  out.number(volume.limit());
  out.number(volume.last_inode());
  const Numbering numbering(std::move(root));
  out.number(numbering.nodes.size());
  for (const auto& node : numbering.nodes) write_node(out, *node, numbering);
  return std::move(out.bytes);
}

Expected<std::shared_ptr<OpenDirectory>> memory_directory(std::span<const std::byte> contents,
                                                          std::shared_ptr<Clock> clock) {
  auto root = ImageReader(contents, std::move(clock)).read();
  if (!root) return std::unexpected(Errno::inval);
  return memory::open_node(std::move(root));
}

}  // namespace fermata::wasi
