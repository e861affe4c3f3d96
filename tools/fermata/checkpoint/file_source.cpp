// Reading. See safe_file.hpp.
#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "interp/snapshot/format.hpp"
#include "tools/fermata/checkpoint/safe_file.hpp"
#include "tools/fermata/host.hpp"

namespace fermata::tool {

Result<std::unique_ptr<FileSource>> FileSource::open(const std::string& path) {
  auto source = std::make_unique<FileSource>();
  source->file_.reset(std::fopen(path.c_str(), "rb"));
  if (!source->file_) return system_error("cannot be opened");
  std::setvbuf(source->file_.get(), nullptr, _IONBF, 0);  // who reads has a buffer
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return io_error("is a directory, not a file");
  if (std::filesystem::is_regular_file(path, error)) {
    const auto size = std::filesystem::file_size(path, error);
    if (!error) source->size_ = size;
  }
  return source;
}

Result<void> FileSource::begin_again() {
  if (std::fseek(file_.get(), 0, SEEK_SET) != 0) return system_error("cannot be read twice");
  return {};
}

Result<std::unique_ptr<SnapshotFile>> SnapshotFile::open(const std::string& path) {
  auto file = FileSource::open(path);
  if (!file) return std::unexpected(std::move(file.error()));
  return std::unique_ptr<SnapshotFile>(new SnapshotFile(*std::move(file)));
}

bool may_replace(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return true;
  const auto source = SnapshotFile::open(path);
  std::array<std::byte, snapshot::magic.size()> begin;
  const auto size = source ? (*source)->read(begin) : 1;
  return size && (*size == 0 || std::ranges::equal(std::as_bytes(std::span(snapshot::magic)),
                                                   std::span(begin).first(*size)));
}

Result<std::size_t> FileSource::read(std::span<std::byte> into) {
  const std::size_t count = std::fread(into.data(), 1, into.size(), file_.get());
  if (std::ferror(file_.get()) != 0) return system_error("cannot be read");
  return count;
}

}  // namespace fermata::tool
