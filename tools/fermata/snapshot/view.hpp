// View: what a snapshot says, as `fermata snapshot` shows it. Read from the bytes alone, without
// the module, which only has names to add.
//
// Owns the reading, which follows docs/snapshot-format.md and trusts nothing: it takes memory in
// proportion to the bytes that there are. Whether the module can be in this state is not judged;
// `Process::restore` does that.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fermata/snapshot.hpp"
#include "lib/sha256.hpp"

namespace fermata::tool {

struct ViewSection {
  unsigned id = 0;
  std::uint64_t bytes = 0;
};

struct ViewFunction {
  std::uint64_t instance = 0;
  std::uint32_t index = 0;
};

/// A run of blocks that are not as instantiation made them.
struct ViewRun {
  std::uint64_t begin = 0;  // addresses
  std::uint64_t end = 0;
};

struct ViewMemory {
  std::uint64_t page_bytes = 0;
  std::uint64_t pages = 0;
  std::vector<ViewRun> runs;
  std::map<std::uint64_t, std::uint64_t> blocks;  // a hash by address, of those in the runs
};

struct ViewHeap {
  std::uint64_t bytes = 0;
  std::uint64_t peak_bytes = 0;
  std::uint64_t collections = 0;
  std::uint64_t objects = 0;
  std::map<std::string, std::uint64_t> by_type;  // how many objects of "struct of type 3"
};

struct ViewTable {
  std::uint64_t size = 0;
  std::map<std::uint64_t, std::string> elements;  // those that are not as they were made
};

struct ViewInstance {
  std::uint64_t thread = 0;  // one more than the id of the one that it was made for; 0: the first
  std::vector<std::string> globals;
  std::vector<ViewTable> tables;
  std::vector<std::uint32_t> dropped_data;
  std::vector<std::uint32_t> dropped_elements;
};

struct ViewFrame {
  ViewFunction function;
  std::uint32_t offset = 0;
  bool has_values = false;  // of the innermost frames alone
  std::vector<std::string> locals;
  std::vector<std::string> operands;
};

struct ViewThread {
  std::uint32_t id = 0;
  std::uint64_t datum = 0;
  ViewFunction function;
  std::uint8_t phase = 0;
  std::uint8_t doing = 0;
  std::optional<std::uint32_t> import;   // of the host call that it waits for
  std::vector<std::string> arguments;    // of that
  std::optional<std::uint64_t> address;  // where it waits
  std::optional<std::uint64_t> timeout;  // nanoseconds, when it began
  std::string trap;
  std::vector<ViewFrame> frames;  // outermost first
};

struct View {
  std::uint64_t bytes = 0;
  std::vector<ViewSection> sections;
  Sha256 module_hash{};
  std::uint64_t module_bytes = 0;
  std::vector<std::array<std::string, 3>> imports;  // module, name, type
  bool poisoned = false;
  std::uint64_t next_thread = 0;
  std::optional<ViewMemory> memory;
  std::optional<ViewHeap> heap;
  std::vector<ViewInstance> instances;  // but idle ones of which nothing is told
  std::uint64_t idle_instances = 0;
  std::vector<ViewThread> threads;
  std::vector<std::string> results;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> fuel;  // used, limit
};

/// Errors: `malformed_snapshot`, `unsupported_snapshot`, the source's.
[[nodiscard]] Result<View> read_view(SnapshotSource& source);

}  // namespace fermata::tool
