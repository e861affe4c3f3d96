// Checkpoint: a snapshot of a process with what the command needs to go on besides, in sections
// that other readers skip. docs/checkpoints.md.
#pragma once

#include <optional>
#include <string>

#include "fermata/fermata.hpp"
#include "fermata/snapshot.hpp"
#include "fermata/wasi.hpp"
#include "tools/fermata/guest.hpp"

namespace fermata::tool {

/// Where the program comes from, and what its threads wait for.
struct ProgramState {
  std::string module;  ///< path of the file; empty: it has none
  Features features;
  GuestState guest;
};

/// What a snapshot has besides the process. One that the command did not make has neither.
struct Checkpoint {
  std::optional<wasi::State> world;
  std::optional<ProgramState> program;
};

/// The process's snapshot with these sections. The world may be null: then there is none.
[[nodiscard]] Result<void> write_checkpoint(SnapshotSink& sink, const Process& process,
                                            const wasi::State* world, const ProgramState& program);

/// Looks at these sections alone. Errors: `malformed_snapshot`, `unsupported_snapshot`, the
/// source's.
[[nodiscard]] Result<Checkpoint> read_checkpoint(SnapshotSource& source);

/// The features of a set, as files name them.
[[nodiscard]] std::vector<std::string> names_of(Features features);
/// Nothing when this version does not know one of them.
[[nodiscard]] std::optional<Features> features_of(const std::vector<std::string>& names);

}  // namespace fermata::tool
