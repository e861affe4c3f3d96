// What tests of snapshots share.
#pragma once

#include <string_view>
#include <vector>

#include "tests/process/process_support.hpp"
#include "tests/snapshot/player.hpp"
#include "tests/snapshot/samples.hpp"

namespace fermata::test {

using Snapshot = std::vector<std::byte>;

inline Module module_of(std::string_view text) {
  return ok(parse_text(text, {Features::executable()}));
}

inline ProcessOptions options_of(const ExecutionOptions& mode) {
  ProcessOptions options;
  options.execution = mode;
  options.execution.max_stack_bytes = 1 << 14;
  options.allow_reexported_memory = true;
  return options;
}

inline Process created(const Module& module, const ExecutionOptions& mode = {}) {
  return ok(Process::create(module, numbered_from(0), options_of(mode)));
}

inline Process restored(const Module& module, const Snapshot& snapshot,
                        const ExecutionOptions& mode = {}, std::uint64_t first_number = 0) {
  return ok(Process::restore(module, snapshot, numbered_from(first_number), options_of(mode)));
}

inline Error restore_error(const Module& module, std::span<const std::byte> snapshot,
                           const ExecutionOptions& mode = {}) {
  const auto process = Process::restore(module, snapshot, numbered_from(0), options_of(mode));
  if (process) FAIL("the process was restored");
  return process.error();
}

}  // namespace fermata::test
