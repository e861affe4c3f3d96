// Fuzz target: restoring a process from arbitrary bytes, and what becomes of it.
//
// The snapshot names its module by a hash: one of the tests' samples, whatever the hash says, so
// that the rest is looked at. Beyond not crashing: an error has a message and a place in the
// snapshot; a process that is restored is saved as bytes that are restored to the same process, can
// be looked at, runs, in slices if it is metered, to its end, by which every sample comes soon.
// Seeds: tests/snapshot/golden/*.snapshot.
#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "fermata/text.hpp"
#include "fuzz/check.hpp"
#include "interp/snapshot/module_hash.hpp"
#include "lib/module/module_impl.hpp"
#include "tests/snapshot/player.hpp"
#include "tests/snapshot/samples.hpp"

namespace {

using namespace fermata;
using namespace fermata::test;

constexpr std::size_t hash_begin = 10;  // behind the header and the first section's id and size

const std::vector<Module>& modules() {
  static const auto all = [] {
    std::vector<Module> made;
    for (const Sample& sample : samples()) {
      made.push_back(parse_text(sample.text, {Features::executable()}).value());
    }
    return made;
  }();
  return all;
}

std::span<const std::byte> hash_of(const Module& module) {
  return std::as_bytes(std::span(snapshot::hash_of(module.impl())));
}

/// The module that is named, or else one that gets its name.
const Module& choose(std::span<std::byte> hash) {
  for (const Module& module : modules()) {
    if (std::ranges::equal(hash, hash_of(module))) return module;
  }
  const Module& any = modules()[std::to_integer<std::size_t>(hash[0]) % modules().size()];
  std::ranges::copy(hash_of(any), hash.begin());
  return any;
}

ProcessOptions options_from(std::byte bits) {
  ProcessOptions options;
  options.execution.lowering =
      (bits & std::byte{1}) != std::byte{0} ? Lowering::debug : Lowering::optimized;
  options.execution.fusion = (bits & std::byte{2}) != std::byte{0};
  options.execution.metering = (bits & std::byte{4}) != std::byte{0};
  options.execution.canonical_nan = (bits & std::byte{8}) != std::byte{0};
  options.execution.max_memory_pages = 16;
  options.execution.max_table_elements = 2000;
  options.execution.max_heap_bytes = 1 << 20;
  options.execution.max_stack_bytes = 1 << 14;
  options.allow_reexported_memory = true;
  return options;
}

/// Runs each thread that is ready for a while, and saves it in the middle of whatever it does.
template <class Restore>
void run_in_slices(Process& process, Restore restore) {
  if (!process.fuel()) return;
  for (int slice = 0; slice < 8; ++slice) {
    for (const ThreadId id : process.threads()) {
      if (process.poisoned() || process.thread(id).state() != ThreadState::ready) continue;
      process.fuel()->set_left(23);
      static_cast<void>(process.thread(id).run());
      const std::vector<std::byte> saved = process.snapshot().value();
      auto again = restore(saved);
      check(again && again->snapshot().value() == saved, "a paused process is restored as it is");
    }
  }
  process.fuel()->set_limit(FuelRef::unlimited);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Sha256 hash{};
  if (size < hash_begin + hash.size() + 1) return -1;
  const auto input = std::as_bytes(std::span(data, size));
  std::vector<std::byte> bytes(input.begin(), input.end());
  const Module& module = choose(std::span(bytes).subspan(hash_begin, hash.size()));
  const ProcessOptions options = options_from(input.back());
  const auto restore = [&](std::span<const std::byte> from) {
    return Process::restore(module, from, numbered_from(0), options);
  };
  auto process = restore(bytes);
  if (!process) {
    check(!process.error().message.empty(), "an error has a message");
    return 0;
  }
  const std::vector<std::byte> saved = process->snapshot().value();
  auto again = restore(saved);
  check(again.has_value(), "what was saved is restored");
  check(again->snapshot().value() == saved, "a restored process is saved as the same bytes");
  run_in_slices(*process, restore);
  Player player(*process, 0);
  static_cast<void>(player.state());
  while (player.step()) {
  }
  check(process->snapshot().has_value(), "a process that has run is saved");
  return 0;
}
