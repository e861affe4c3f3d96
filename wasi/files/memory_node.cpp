// See memory_node.hpp.
#include "wasi/files/memory_node.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

namespace fermata::wasi::memory {

// --- the volume ----------------------------------------------------------------------------------

namespace {

/// Tells file systems of one host process apart.
std::uint64_t new_device() {
  static std::atomic<std::uint64_t> last = 0;
  return 0x6d65'0000u + ++last;
}

}  // namespace

Volume::Volume(std::size_t limit, std::shared_ptr<Clock> clock)
    : limit_(limit), device_(new_device()), clock_(std::move(clock)) {}

bool Volume::take(std::size_t bytes) {
  if (!has_room(bytes)) return false;
  used_ += bytes;
  return true;
}

std::uint64_t Volume::now() const { return clock_->now(ClockId::realtime).value_or(0); }

// --- bytes ---------------------------------------------------------------------------------------

std::size_t Contents::read(std::uint64_t place, std::span<std::byte> into) const {
  if (place >= size_) return 0;
  into = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - place)));
  for (std::size_t done = 0; done < into.size();) {
    const auto in_page = static_cast<std::size_t>((place + done) % page_size);
    const auto part = into.subspan(done, std::min(into.size() - done, page_size - in_page));
    const auto page = pages_.find((place + done) / page_size);
    if (page == pages_.end()) {
      std::memset(part.data(), 0, part.size());
    } else {
      std::memcpy(part.data(), page->second->data() + in_page, part.size());
    }
    done += part.size();
  }
  return into.size();
}

Contents::Page* Contents::page_for_writing(Volume& volume, std::uint64_t index) {
  const auto found = pages_.find(index);
  if (found != pages_.end()) return found->second.get();
  if (!volume.has_room(page_cost)) return nullptr;
  Page* const page = pages_.emplace(index, std::make_unique<Page>()).first->second.get();
  return volume.take(page_cost) ? page : nullptr;
}

std::size_t Contents::write(Volume& volume, std::uint64_t place, std::span<const std::byte> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    Page* const page = page_for_writing(volume, (place + done) / page_size);
    if (page == nullptr) break;
    const auto in_page = static_cast<std::size_t>((place + done) % page_size);
    const auto count = std::min(bytes.size() - done, page_size - in_page);
    std::memcpy(page->data() + in_page, bytes.data() + done, count);
    done += count;
    size_ = std::max(size_, place + done);  // page by page: the next one may have no memory
  }
  return done;
}

void Contents::resize(Volume& volume, std::uint64_t size) {
  const auto in_page = static_cast<std::size_t>(size % page_size);
  const auto first_gone = pages_.lower_bound(size / page_size + (in_page == 0 ? 0 : 1));
  volume.give_back(page_cost * static_cast<std::size_t>(std::distance(first_gone, pages_.end())));
  pages_.erase(first_gone, pages_.end());
  const auto last = pages_.find(size / page_size);
  if (in_page != 0 && last != pages_.end()) {
    std::memset(last->second->data() + in_page, 0, page_size - in_page);
  }
  size_ = size;
}

bool Contents::allocate(Volume& volume, std::uint64_t place, std::uint64_t count) {
  const std::uint64_t end = place + count;
  for (std::uint64_t index = place / page_size; index * page_size < end; ++index) {
    if (page_for_writing(volume, index) == nullptr) return false;
  }
  size_ = std::max(size_, end);
  return true;
}

// --- names ---------------------------------------------------------------------------------------

std::shared_ptr<Node> Names::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second.node;
}

Names::Entry Names::entry(std::string_view name, std::shared_ptr<Node> node) {
  ByName named;
  BySerial listed;
  named.emplace(name, Named{std::move(node)});
  listed.emplace(0, name);
  return {named.extract(named.begin()), listed.extract(listed.begin())};
}

bool Names::add(Volume& volume, Entry entry) {
  if (!volume.take(cost(entry.named.key()))) return false;
  entry.named.mapped().serial = entry.listed.key() = next_serial_++;
  by_serial_.insert(std::move(entry.listed));
  by_name_.insert(std::move(entry.named));
  return true;
}

std::shared_ptr<Node> Names::remove(Volume& volume, std::string_view name) {
  const auto found = by_name_.find(name);
  auto node = std::move(found->second.node);
  volume.give_back(cost(name));
  by_serial_.erase(found->second.serial);
  by_name_.erase(found);
  return node;
}

std::shared_ptr<Node> Names::replace(std::string_view name, std::shared_ptr<Node> node) {
  return std::exchange(by_name_.find(name)->second.node, std::move(node));
}

Errno Names::list(std::uint64_t from,
                  const std::function<bool(const DirectoryEntry&)>& each) const {
  if (from > next_serial_) return Errno::inval;
  for (auto it = by_serial_.lower_bound(from); it != by_serial_.end(); ++it) {
    const Node& node = *by_name_.find(it->second)->second.node;
    if (!each({it->second, node.inode, node.type(), it->first + 1})) break;
  }
  return Errno::success;
}

void Names::take_all(Volume& volume, Removed& into) {
  for (const auto& [name, named] : by_name_) volume.give_back(cost(name));
  by_serial_.clear();
  into.merge(by_name_);
}

// --- nodes ---------------------------------------------------------------------------------------

Node::Node(std::shared_ptr<Volume> in, std::variant<Contents, Names, Target> what)
    : volume(std::move(in)),
      inode(volume->new_inode()),
      accessed(volume->now()),
      modified(accessed),
      changed(accessed),
      body(std::move(what)) {}

// Directories in directories go one after the other, not one within the other: the stack that it
// takes is the same however deep they are.
Node::~Node() {
  if (auto* const bytes = contents()) bytes->clear(*volume);
  if (const auto* const text = target()) volume->give_back(text->size());
  volume->give_back(cost);
  Names::Removed left;
  if (auto* const all = names()) all->take_all(*volume, left);
  while (!left.empty()) {
    const auto removed = left.extract(left.begin());
    const std::shared_ptr<Node>& node = removed.mapped().node;
    node->parent = nullptr;
    auto* const all = node->names();
    if (all != nullptr && node.use_count() == 1) all->take_all(*volume, left);
  }
}

FileType Node::type() const {
  if (std::holds_alternative<Names>(body)) return FileType::directory;
  return target() != nullptr ? FileType::symbolic_link : FileType::regular_file;
}

FileStat Node::stat() const {
  std::uint64_t size = 0;
  if (const auto* const bytes = std::get_if<Contents>(&body)) size = bytes->size();
  if (const auto* const text = target()) size = text->size();
  return {type(), volume->device(), inode, links, size, accessed, modified, changed};
}

void Node::was_changed() { modified = changed = volume->now(); }

void Node::set_times(const Times& times) {
  const std::uint64_t now = volume->now();
  const auto change = [now](std::uint64_t& time, const TimeChange& to) {
    if (to.kind == TimeChange::Kind::now) time = now;
    if (to.kind == TimeChange::Kind::set) time = to.time;
  };
  change(accessed, times.accessed);
  change(modified, times.modified);
  changed = now;
}

std::shared_ptr<Node> make_node(const std::shared_ptr<Volume>& volume,
                                std::variant<Contents, Names, Target> body) {
  const auto* const text = std::get_if<Target>(&body);
  const std::size_t bytes = Node::cost + (text == nullptr ? 0 : text->size());
  if (!volume->has_room(bytes)) return nullptr;
  auto node = std::make_shared<Node>(volume, std::move(body));
  static_cast<void>(volume->take(bytes));  // there is room
  return node;
}

}  // namespace fermata::wasi::memory
