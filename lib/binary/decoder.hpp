// The decoder: bytes of a binary module to ModuleData, or the reason why they are malformed.
//
// Owns the binary format but for instructions (instruction_reader.hpp): function bodies stay ranges
// of bytes, whose instructions the validator is the first to read. Judges nothing that the
// specification calls validation. Specification: "Binary Format / Modules".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fermata/error.hpp"
#include "fermata/features.hpp"
#include "lib/module/module_data.hpp"

namespace fermata {

/// Names are for messages only, and often half of what there is to allocate.
enum class NameReading : std::uint8_t {
  now,
  later,  // leaves `unread_names`
};

/// Decodes a whole module and keeps its bytes in the result. What a proposal added to the format is
/// read whether `features` has it or not (the validator refuses it); they decide only how encodings
/// that a proposal changed are read. Errors: `malformed_binary`, `implementation_limit`.
[[nodiscard]] Result<ModuleData> decode(std::vector<std::uint8_t> bytes, Features features,
                                        NameReading names = NameReading::now);

/// Whether the bytes begin as a binary module of this version does, whatever follows.
[[nodiscard]] bool has_preamble(std::span<const std::uint8_t> bytes);

/// The names that `NameReading::later` left unread, or those that are there.
[[nodiscard]] Names read_names(const ModuleData& module);

}  // namespace fermata
