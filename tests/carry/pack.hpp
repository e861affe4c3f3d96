// Pack: what one build of Fermata leaves for another: snapshots of paused runs, and what has to
// come of each run. The same on every machine.
//
// Owns the bytes of the file alone: every number has eight of them, the lowest first; every text
// has its length before it.
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lib/sha256.hpp"

namespace fermata::test {

/// A run, paused.
struct Stop {
  std::uint64_t limit = 0;  ///< of the fuel, which made it pause
  std::size_t printed = 0;  ///< how many bytes until then
  std::vector<std::byte> snapshot;
};

/// What came of a run.
struct End {
  std::uint64_t limit = 0;  ///< of the fuel, after the last stop
  std::string outcome;      ///< in words
  std::string output;       ///< all that was printed
  std::uint64_t fuel = 0;   ///< that was used
  Sha256 snapshot{};        ///< the hash of the last one
};

struct Run {
  std::string name;
  std::uint64_t heap = 0;    ///< the most bytes of objects
  std::uint32_t thread = 0;  ///< the one that runs
  std::vector<Stop> stops;
  End end;
};

struct CarriedModule {
  std::string bytes;
};

/// Runs follow the module that they are of.
using PackItem = std::variant<CarriedModule, Run>;

class PackWriter {
 public:
  explicit PackWriter(const std::string& path) : file_(path, std::ios::binary) {}

  void write(const PackItem& item);
  /// Whether all of it was written.
  [[nodiscard]] bool finish();

 private:
  void write_parts(const CarriedModule& module);
  void write_parts(const Run& run);
  void number(std::uint64_t value);
  void text(std::string_view text);

  std::ofstream file_;
};

class PackReader {
 public:
  explicit PackReader(const std::string& path) : file_(path, std::ios::binary) {}

  /// Nothing at the end; `failed` says whether it came too early.
  [[nodiscard]] std::optional<PackItem> next();
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  [[nodiscard]] Run run();
  [[nodiscard]] std::uint64_t number();
  [[nodiscard]] std::string text();

  std::ifstream file_;
  bool failed_ = false;
};

}  // namespace fermata::test
