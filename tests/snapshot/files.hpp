// Committed snapshots, as files.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace fermata::test {

inline std::filesystem::path golden_folder() {
  const char* const root = std::getenv("FERMATA_SOURCE_ROOT");
  return std::filesystem::path(root == nullptr ? "." : root) / "tests/snapshot/golden";
}

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) FAIL("no file " << path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<std::byte> read_file(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

inline void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

}  // namespace fermata::test
