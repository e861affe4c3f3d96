// Output: the file that a command writes, or standard output.
//
// Owns the reason why it cannot be written. A file is made when the first bytes come, so a command
// that fails before it has a result leaves what was there.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "fermata/error.hpp"
#include "tools/fermata/option.hpp"

namespace fermata::tool {

class Output {
 public:
  /// Standard output for an empty path or `-`.
  explicit Output(std::string path) : path_(std::move(path)) {}
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// False when the file cannot take the bytes; `close` says why.
  bool write(std::string_view bytes);
  /// Whether all arrived. Error: `io_failed`, with the system's reason. What goes to standard
  /// output is checked once, by `finish_printing`.
  [[nodiscard]] Result<void> close();

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::FILE* file_ = nullptr;
  int failure_ = 0;  // the first one's errno
};

/// `--output`: the path that an Output is made with.
[[nodiscard]] Option output_option(std::string& path);

}  // namespace fermata::tool
