// fd_readdir: the entries of a directory as a guest's buffer takes them.
#include <algorithm>
#include <array>
#include <cstring>

#include "wasi/functions.hpp"

namespace fermata::wasi {
namespace {

constexpr std::size_t entry_head = 24;
/// "." and ".." are at 0 and 1, what the directory calls its place p is at p + 2 (its first one, 0,
/// at 2 and also at what follows from the entry before).
constexpr std::uint64_t own_entries = 2;

/// Entries one behind the other (specification: "dirent"), the last one cut off where the buffer
/// ends: so a guest sees that there are more.
class EntryWriter {
 public:
  explicit EntryWriter(std::span<std::byte> out) : out_(out) {}

  /// Whether there is room for more.
  bool put(const DirectoryEntry& entry) {
    std::array<std::byte, entry_head> head{};
    encode(head, 0, entry.next);
    encode(head, 8, entry.inode);
    encode(head, 16, static_cast<std::uint32_t>(entry.name.size()));
    encode(head, 20, static_cast<std::uint8_t>(entry.type));
    copy(head);
    copy(std::as_bytes(std::span(entry.name)));
    return used_ < out_.size();
  }
  [[nodiscard]] std::uint32_t used() const { return static_cast<std::uint32_t>(used_); }

 private:
  void copy(std::span<const std::byte> bytes) {
    const auto count = std::min(bytes.size(), out_.size() - used_);
    if (count != 0) std::memcpy(out_.data() + used_, bytes.data(), count);
    used_ += count;
  }

  std::span<std::byte> out_;
  std::size_t used_ = 0;
};

Errno list(OpenDirectory& directory, std::uint64_t cookie, EntryWriter& writer) {
  if (cookie < own_entries) {
    const auto stat = directory.stat();
    if (!stat) return stat.error();
    // The number of the directory above is nobody's business, where that is outside.
    const DirectoryEntry self{".", stat->inode, FileType::directory, 1};
    const DirectoryEntry above{"..", stat->inode, FileType::directory, own_entries};
    if (cookie == 0 && !writer.put(self)) return Errno::success;
    if (!writer.put(above)) return Errno::success;
  }
  const std::uint64_t from = cookie <= own_entries ? 0 : cookie - own_entries;
  return directory.list(from, [&](const DirectoryEntry& entry) {
    DirectoryEntry shown = entry;
    shown.next += own_entries;
    return writer.put(shown);
  });
}

}  // namespace

/// (directory, buffer, its size, cookie, where to put how much of it was used)
Reply fd_readdir(Call& call) {
  const auto directory = call.directory(0, rights::fd_readdir);
  if (!directory) return directory.error();
  const auto out = call.memory.view(call.u32(1), call.u32(2));
  if (!out || !call.memory.view(call.u32(4), 4)) return Errno::fault;
  EntryWriter writer(*out);
  if (!out->empty()) {
    const Errno error = list(*(*directory)->directory, call.u64(3), writer);
    if (error != Errno::success) return error;
  }
  return call.memory.store(call.u32(4), writer.used());
}

}  // namespace fermata::wasi
