#include "interp/snapshot/memory_blocks.hpp"

#include <algorithm>
#include <iterator>

#include "interp/runtime/pages.hpp"

namespace fermata::snapshot {

std::span<const std::byte> bytes_of(const Memory& memory, const Run& run) {
  const std::uint64_t begin = run.first * block_bytes;
  const std::uint64_t size = std::min(run.count * block_bytes, memory.size() - begin);
  return {memory.data() + begin, static_cast<std::size_t>(size)};
}

std::vector<std::uint64_t> used_blocks(const Memory& memory, const InitialMemory& initial) {
  std::vector<std::uint64_t> touched;
  for (const pages::Part& part : pages::touched(memory.data(), memory.size())) {
    const std::uint64_t end = blocks_in(std::min(part.begin + part.bytes, memory.size()));
    std::uint64_t block = part.begin / block_bytes;
    if (!touched.empty()) block = std::max(block, touched.back() + 1);
    for (; block < end; ++block) touched.push_back(block);
  }
  std::vector<std::uint64_t> used;
  used.reserve(touched.size());
  std::ranges::set_union(touched, initial.written_blocks(), std::back_inserter(used));
  return used;
}

std::vector<Run> changed_runs(const Memory& memory, const InitialMemory& initial) {
  std::vector<Run> runs;
  for (const std::uint64_t block : used_blocks(memory, initial)) {
    if (!initial.is_block(block, bytes_of(memory, {block, 1}))) append(runs, block);
  }
  return runs;
}

void write_memory_head(Output& out, const Memory& memory) {
  out.byte(memory.type().page_size_log2);
  out.number(memory.pages());
}

void write_blocks(Output& out, const Memory& memory, std::span<const Run> runs) {
  write_memory_head(out, memory);
  write_runs(out, runs, [&](const Run& run) { out.bytes(bytes_of(memory, run)); });
}

}  // namespace fermata::snapshot
