// One instruction in a line, for listings and messages: its name and its immediates as numbers.
// Not the text format: that is lib/text's, which knows names.
#pragma once

#include <string>

#include "lib/binary/instruction_reader.hpp"

namespace fermata {

[[nodiscard]] std::string to_string(const Instruction& instruction);

}  // namespace fermata
