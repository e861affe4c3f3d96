// Two snapshots beside each other. See report.hpp.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "interp/snapshot/format.hpp"
#include "tools/fermata/snapshot/report.hpp"

namespace fermata::tool {
namespace {

/// Lines "what: before -> after" of what is not the same.
class Lines {
 public:
  template <class T>
  void compare(std::string_view what, const T& before, const T& after) {
    if (before != after) text_ += fmt::format("{}: {} -> {}\n", what, before, after);
  }
  void add(std::string_view line) { text_.append(line) += '\n'; }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void compare_memories(Lines& lines, const ViewMemory& before, const ViewMemory& after) {
  lines.compare("memory, pages", before.pages, after.pages);
  // A block that neither has is as instantiation made it in both.
  std::vector<std::uint64_t> changed;
  for (const auto& [at, hash] : after.blocks) {
    const auto other = before.blocks.find(at);
    if (other == before.blocks.end() || other->second != hash) changed.push_back(at);
  }
  for (const auto& [at, hash] : before.blocks) {
    if (!after.blocks.contains(at)) changed.push_back(at);
  }
  std::ranges::sort(changed);
  for (std::size_t i = 0; i < changed.size();) {
    std::size_t end = i + 1;
    while (end < changed.size() && changed[end] == changed[end - 1] + snapshot::block_bytes) ++end;
    lines.add(fmt::format("memory from {:#010x} to {:#010x}, {}", changed[i],
                          changed[end - 1] + snapshot::block_bytes,
                          size_text((end - i) * snapshot::block_bytes)));
    i = end;
  }
}

void compare_heaps(Lines& lines, const ViewHeap& before, const ViewHeap& after) {
  lines.compare("heap, bytes", before.bytes, after.bytes);
  lines.compare("heap, most bytes", before.peak_bytes, after.peak_bytes);
  lines.compare("heap, collections", before.collections, after.collections);
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> counts;
  for (const auto& [type, count] : before.by_type) counts[type].first = count;
  for (const auto& [type, count] : after.by_type) counts[type].second = count;
  for (const auto& [type, both] : counts) {
    lines.compare(fmt::format("heap, {}", type), both.first, both.second);
  }
}

void compare_tables(Lines& lines, const std::string& where, const ViewTable& before,
                    const ViewTable& after) {
  lines.compare(where + ", size", before.size, after.size);
  std::map<std::uint64_t, std::pair<std::string, std::string>> elements;
  for (const auto& [at, element] : before.elements) elements[at] = {element, "as made"};
  for (const auto& [at, element] : after.elements) {
    auto& both = elements.try_emplace(at, "as made", "").first->second;
    both.second = element;
  }
  for (const auto& [at, both] : elements) {
    lines.compare(fmt::format("{}, element {}", where, at), both.first, both.second);
  }
}

void compare_instances(Lines& lines, std::size_t number, const ViewInstance& before,
                       const ViewInstance& after) {
  const std::string of = number == 0 ? "" : fmt::format(" of instance {}", number);
  for (std::size_t i = 0; i < std::min(before.globals.size(), after.globals.size()); ++i) {
    lines.compare(fmt::format("global {}{}", i, of), before.globals[i], after.globals[i]);
  }
  for (std::size_t i = 0; i < std::min(before.tables.size(), after.tables.size()); ++i) {
    compare_tables(lines, fmt::format("table {}{}", i, of), before.tables[i], after.tables[i]);
  }
  const auto joined = [](const auto& list) { return fmt::format("[{}]", fmt::join(list, ", ")); };
  lines.compare("dropped data segments" + of, joined(before.dropped_data),
                joined(after.dropped_data));
  lines.compare("dropped element segments" + of, joined(before.dropped_elements),
                joined(after.dropped_elements));
}

std::string place_of(const Shown& shown, const ViewThread& thread) {
  std::string text = thread.import ? "in a call of " + call_text(shown.view, thread) : "running";
  if (thread.address) text = fmt::format("waiting at {:#x}", *thread.address);
  if (!thread.trap.empty()) text = "trapped";
  if (thread.frames.empty()) return text;
  const ViewFrame& frame = thread.frames.back();
  return text + fmt::format(" in {} at {:#x}", function_text(shown, frame.function), frame.offset);
}

void compare_threads(Lines& lines, const Shown& before, const Shown& after) {
  std::map<std::uint32_t, std::pair<const ViewThread*, const ViewThread*>> threads;
  for (const auto& thread : before.view.threads) threads[thread.id].first = &thread;
  for (const auto& thread : after.view.threads) threads[thread.id].second = &thread;
  for (const auto& [id, both] : threads) {
    if (both.first == nullptr || both.second == nullptr) {
      lines.add(fmt::format("thread {}: {}", id, both.first == nullptr ? "is new" : "has ended"));
      continue;
    }
    const std::string name = fmt::format("thread {}", id);
    lines.compare(name, place_of(before, *both.first), place_of(after, *both.second));
    lines.compare(name + ", frames", both.first->frames.size(), both.second->frames.size());
    if (both.first->frames.empty() || both.second->frames.empty()) continue;
    const ViewFrame& old = both.first->frames.back();
    const ViewFrame& now = both.second->frames.back();
    if (old.function.index != now.function.index) continue;
    for (std::size_t i = 0; i < std::min(old.locals.size(), now.locals.size()); ++i) {
      lines.compare(fmt::format("{}, local {}", name, i), old.locals[i], now.locals[i]);
    }
  }
}

}  // namespace

std::string difference(const Shown& before, const Shown& after) {
  Lines lines;
  const View& a = before.view;
  const View& b = after.view;
  lines.compare("module", hex(a.module_hash), hex(b.module_hash));
  lines.compare("poisoned", a.poisoned, b.poisoned);
  if (a.fuel && b.fuel) {
    lines.compare("fuel used", a.fuel->first, b.fuel->first);
    lines.compare("fuel limit", a.fuel->second, b.fuel->second);
  }
  compare_threads(lines, before, after);
  if (a.memory && b.memory) compare_memories(lines, *a.memory, *b.memory);
  if (a.heap && b.heap) compare_heaps(lines, *a.heap, *b.heap);
  lines.compare("instances", a.instances.size(), b.instances.size());
  for (std::size_t i = 0; i < std::min(a.instances.size(), b.instances.size()); ++i) {
    compare_instances(lines, i, a.instances[i], b.instances[i]);
  }
  return lines.take();
}

}  // namespace fermata::tool
