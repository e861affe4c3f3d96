// Replacing a file as POSIX has it. See safe_file.hpp.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "tools/fermata/checkpoint/safe_file.hpp"
#include "tools/fermata/host.hpp"

namespace fermata::tool {
namespace {

constexpr std::string_view cannot = "cannot be written";

class DescriptorSink final : public SnapshotSink {
 public:
  explicit DescriptorSink(int file) : file_(file) {}
  Result<void> write(std::span<const std::byte> piece) override {
    while (!piece.empty()) {
      const ssize_t written = ::write(file_, piece.data(), piece.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return system_error(cannot);
      piece = piece.subspan(static_cast<std::size_t>(written));
    }
    return {};
  }

 private:
  int file_;
};

Result<void> write_new(const std::string& path,
                       const std::function<Result<void>(SnapshotSink&)>& write) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return system_error(cannot);
  DescriptorSink sink(file);
  Result<void> done = write(sink);
  if (done && ::fsync(file) != 0) done = system_error(cannot);
  if (::close(file) != 0 && done) done = system_error(cannot);
  return done;
}

/// So that the new name is on the disk, too. Some file systems know no such thing.
Result<void> sync_folder(const std::string& path) {
  const auto folder = std::filesystem::absolute(path).parent_path();
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return {};
  const bool failed = ::fsync(descriptor) != 0 && errno != EINVAL && errno != ENOTSUP;
  Result<void> done;
  if (failed) done = system_error(cannot);
  ::close(descriptor);
  return done;
}

}  // namespace

Result<void> replace_file(const std::string& path,
                          const std::function<Result<void>(SnapshotSink&)>& write) {
  const std::string beside = path + ".new";
  Result<void> done = write_new(beside, write);
  if (done && std::rename(beside.c_str(), path.c_str()) != 0) done = system_error(cannot);
  if (done) return sync_folder(path);
  ::unlink(beside.c_str());
  return done;
}

}  // namespace fermata::tool
