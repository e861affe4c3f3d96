// The modules that the transcripts in tests/tools/golden use, by file name.
#pragma once

#include <map>
#include <string>

#include "tests/support/module_builder.hpp"

namespace fermata::test {

[[nodiscard]] std::map<std::string, Bytes> sample_modules();

}  // namespace fermata::test
