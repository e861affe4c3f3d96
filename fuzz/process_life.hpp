// The life of a process in the hands of an embedder that bytes decide for: run, answer, look,
// meddle, reset. Shared by the targets that have a module to run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "fermata/process.hpp"

namespace fermata::fuzz {

/// How many bytes the embedder is made of.
inline constexpr std::size_t header_bytes = 8;

/// Creates a process that begins with this export and runs it, as the header says; a metered one
/// gets little fuel for each run. Precondition: the module's functions come to an end, or it is
/// metered. Aborts when what the process says of itself does not fit together.
void live(const Module& module, std::span<const std::uint8_t> header, std::string entry,
          bool metered);

}  // namespace fermata::fuzz
