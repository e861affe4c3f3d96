// A view of a directory through which nothing can be changed. See fermata/wasi_files.hpp.
//
// Reads are passed on; what changes something is not overridden, and so refused (Errno::rofs).
#include <utility>

#include "fermata/wasi_files.hpp"

namespace fermata::wasi {
namespace {

class ReadOnlyFile final : public OpenFile {
 public:
  explicit ReadOnlyFile(std::shared_ptr<OpenFile> file) : file_(std::move(file)) {}

  Expected<FileStat> stat() const override { return file_->stat(); }
  Expected<std::size_t> read_at(std::uint64_t place, std::span<std::byte> into) override {
    return file_->read_at(place, into);
  }
  Errno advise(std::uint64_t place, std::uint64_t count, Advice advice) override {
    return file_->advise(place, count, advice);
  }

 private:
  std::shared_ptr<OpenFile> file_;
};

class ReadOnlyStream final : public Stream {
 public:
  explicit ReadOnlyStream(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {}

  Expected<std::size_t> read(std::span<std::byte> into) override { return stream_->read(into); }
  Expected<std::uint64_t> seek(std::int64_t offset, Whence whence) override {
    return stream_->seek(offset, whence);
  }
  FileStat stat() const override { return stream_->stat(); }
  bool readable() const override { return stream_->readable(); }
  bool is_terminal() const override { return stream_->is_terminal(); }
  int host() const override { return stream_->host(); }

 private:
  std::shared_ptr<Stream> stream_;
};

class ReadOnlyDirectory final : public OpenDirectory {
 public:
  explicit ReadOnlyDirectory(std::shared_ptr<OpenDirectory> directory)
      : directory_(std::move(directory)) {}

  Expected<FileStat> stat() const override { return directory_->stat(); }
  Expected<FileStat> stat_of(std::string_view name) override { return directory_->stat_of(name); }
  Errno list(std::uint64_t from, const std::function<bool(const DirectoryEntry&)>& each) override {
    return directory_->list(from, each);
  }
  Expected<std::string> read_link(std::string_view name) override {
    return directory_->read_link(name);
  }
  bool is_read_only() const override { return true; }

  Expected<std::shared_ptr<OpenDirectory>> beneath(std::string_view path) override {
    auto found = directory_->beneath(path);
    if (!found) return found;
    return read_only(std::move(*found));
  }

  Expected<Opened> open(std::string_view name, const OpenMode& mode) override {
    if (mode.create) return open_instead_of_create(name, mode);
    const auto stat = directory_->stat_of(name);
    if (!stat) return std::unexpected(stat.error());
    if (mode.write || mode.truncate) return std::unexpected(refusal(*stat, mode));
    auto opened = directory_->open(name, mode);
    if (!opened) return opened;
    if (auto* file = std::get_if<std::shared_ptr<OpenFile>>(&*opened)) {
      return std::make_shared<ReadOnlyFile>(std::move(*file));
    }
    if (auto* directory = std::get_if<std::shared_ptr<OpenDirectory>>(&*opened)) {
      return read_only(std::move(*directory));
    }
    return std::make_shared<ReadOnlyStream>(std::get<std::shared_ptr<Stream>>(std::move(*opened)));
  }

 private:
  /// As a file system that is mounted to be read alone: what is there can be opened.
  Expected<Opened> open_instead_of_create(std::string_view name, OpenMode mode) {
    const auto stat = directory_->stat_of(name);
    if (stat && mode.exclusive) return std::unexpected(Errno::exist);
    if (!stat) return std::unexpected(stat.error() == Errno::noent ? Errno::rofs : stat.error());
    mode.create = false;
    return open(name, mode);
  }

  static Errno refusal(const FileStat& stat, const OpenMode& mode) {
    if (stat.type == FileType::symbolic_link) return Errno::loop;
    if (stat.type == FileType::directory) return Errno::isdir;
    return mode.directory ? Errno::notdir : Errno::rofs;
  }

  std::shared_ptr<OpenDirectory> directory_;
};

}  // namespace

std::shared_ptr<OpenDirectory> read_only(std::shared_ptr<OpenDirectory> directory) {
  if (directory->is_read_only()) return directory;
  return std::make_shared<ReadOnlyDirectory>(std::move(directory));
}

}  // namespace fermata::wasi
