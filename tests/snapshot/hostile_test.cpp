// Snapshots that somebody has cut, changed or made up: each is refused, or becomes a process that
// the module could have come to.
#include <algorithm>
#include <functional>

#include "tests/snapshot/snapshot_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

ExecutionOptions limited(ExecutionOptions mode) {
  mode.max_memory_pages = 16;
  mode.max_table_elements = 2000;
  mode.max_heap_bytes = 1 << 20;
  return mode;
}

/// A sample's snapshot in the middle of its story, the largest of those that are not too large.
Snapshot snapshot_of(const Module& module) {
  Process process = created(module, limited({}));
  Player player(process, 0);
  Snapshot most;
  do {
    Snapshot snapshot = ok(process.snapshot());
    if (snapshot.size() > most.size() && snapshot.size() < 6000) most = std::move(snapshot);
  } while (player.step());
  return most;
}

Result<Process> try_restore(const Module& module, std::span<const std::byte> bytes,
                            const ExecutionOptions& mode = {}) {
  return Process::restore(module, bytes, numbered_from(0), options_of(limited(mode)));
}

/// What is saved of it is restored and saved as the same again; and it runs.
void use(const Module& module, Process process) {
  const Snapshot saved = ok(process.snapshot());
  auto again = try_restore(module, saved);
  if (!again) FAIL(to_string(again.error()));
  REQUIRE(ok(again->snapshot()) == saved);
  Player player(process, 0);
  static_cast<void>(player.state());
  while (player.step()) {
  }
  static_cast<void>(player.state());
}

void each_flip(const Snapshot& snapshot, const std::function<void(const Snapshot&)>& visit) {
  Snapshot flipped = snapshot;
  for (std::size_t i = 0; i < flipped.size(); ++i) {
    for (const unsigned bits : {1u, 0x7Fu, 0x80u}) {
      flipped[i] ^= std::byte(bits);
      INFO("byte " << i << " flipped by " << bits);
      visit(flipped);
      flipped[i] ^= std::byte(bits);
    }
  }
}

}  // namespace

TEST_CASE("a snapshot that is cut anywhere is malformed, and says where") {
  for (const Sample& sample : samples()) {
    DYNAMIC_SECTION(sample.name) {
      const Module module = module_of(sample.text);
      const Snapshot snapshot = snapshot_of(module);
      for (std::size_t size = 0; size < snapshot.size(); ++size) {
        const auto process = try_restore(module, std::span(snapshot).first(size));
        REQUIRE(!process.has_value());
        REQUIRE(process.error().code == ErrorCode::malformed_snapshot);
        REQUIRE(process.error().offset.value() <= size);
      }
      Snapshot longer = snapshot;
      longer.push_back({});
      const auto process = try_restore(module, longer);
      REQUIRE(!process.has_value());
      REQUIRE(process.error().code == ErrorCode::malformed_snapshot);
      REQUIRE(process.error().offset == snapshot.size());
    }
  }
}

TEST_CASE("whatever byte of a snapshot is changed, it is refused or becomes a process that runs") {
  for (const Sample& sample : samples()) {
    DYNAMIC_SECTION(sample.name) {
      const Module module = module_of(sample.text);
      each_flip(snapshot_of(module), [&](const Snapshot& flipped) {
        auto process = try_restore(module, flipped);
        if (process) return use(module, std::move(*process));
        REQUIRE(!process.error().message.empty());
      });
    }
  }
}

TEST_CASE("the verdict on a snapshot is the same in every mode") {
  for (const Sample& sample : samples()) {
    DYNAMIC_SECTION(sample.name) {
      const Module module = module_of(sample.text);
      const auto verdict = [&](const Snapshot& snapshot, const ExecutionOptions& mode) {
        const auto process = try_restore(module, snapshot, mode);
        return process ? "restored" : to_string(process.error());
      };
      each_flip(snapshot_of(module), [&](const Snapshot& flipped) {
        const std::string first = verdict(flipped, modes()[0]);
        REQUIRE(verdict(flipped, modes()[2]) == first);
        REQUIRE(verdict(flipped, modes()[4]) == first);
      });
    }
  }
}
