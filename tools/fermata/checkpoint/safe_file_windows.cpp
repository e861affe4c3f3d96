// Replacing a file as Windows has it. See safe_file.hpp.
#include <io.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "tools/fermata/checkpoint/safe_file.hpp"
#include "tools/fermata/host.hpp"

namespace fermata::tool {
namespace {

constexpr std::string_view cannot = "cannot be written";

class FileSink final : public SnapshotSink {
 public:
  explicit FileSink(std::FILE* file) : file_(file) {}
  Result<void> write(std::span<const std::byte> piece) override {
    if (std::fwrite(piece.data(), 1, piece.size(), file_) == piece.size()) return {};
    return system_error(cannot);
  }

 private:
  std::FILE* file_;
};

Result<void> write_new(const std::string& path,
                       const std::function<Result<void>(SnapshotSink&)>& write) {
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return system_error(cannot);
  FileSink sink(file);
  Result<void> done = write(sink);
  const bool flushed = std::fflush(file) == 0 && ::_commit(::_fileno(file)) == 0;
  if (done && !flushed) done = system_error(cannot);
  if (std::fclose(file) != 0 && done) done = system_error(cannot);
  return done;
}

}  // namespace

Result<void> replace_file(const std::string& path,
                          const std::function<Result<void>(SnapshotSink&)>& write) {
  const std::string beside = path + ".new";
  Result<void> done = write_new(beside, write);
  std::error_code error;
  if (done) std::filesystem::rename(beside, path, error);
  if (error) done = io_error(std::string(cannot) + ": " + error.message());
  if (!done) std::remove(beside.c_str());
  return done;
}

}  // namespace fermata::tool
