// What streams, sockets, files and directories do unless they say otherwise, and the streams of
// bytes in memory. See fermata/wasi_files.hpp.
#include <algorithm>
#include <cstring>
#include <utility>

#include "fermata/wasi_files.hpp"

namespace fermata::wasi {

// --- streams and sockets -------------------------------------------------------------------------

Expected<std::size_t> Stream::read(std::span<std::byte>) { return std::unexpected(Errno::badf); }
Expected<std::size_t> Stream::write(std::span<const std::byte>) {
  return std::unexpected(Errno::badf);
}
Expected<std::uint64_t> Stream::seek(std::int64_t, Whence) { return std::unexpected(Errno::spipe); }
FileStat Stream::stat() const { return {}; }
bool Stream::readable() const { return true; }
bool Stream::writable() const { return true; }
bool Stream::is_terminal() const { return false; }
int Stream::host() const { return -1; }

Expected<std::shared_ptr<Socket>> Socket::accept() { return std::unexpected(Errno::notsup); }
Expected<Socket::Received> Socket::receive(std::span<std::byte> into, bool peek) {
  if (peek) return std::unexpected(Errno::notsup);
  const auto count = read(into);
  if (!count) return std::unexpected(count.error());
  return Received{*count};
}
Errno Socket::shutdown(bool, bool) { return Errno::notsup; }

namespace {

class BytesSource final : public Stream {
 public:
  explicit BytesSource(std::string bytes) : bytes_(std::move(bytes)) {}

  Expected<std::size_t> read(std::span<std::byte> into) override {
    const auto count = std::min(into.size(), bytes_.size() - at_);
    std::memcpy(into.data(), bytes_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

class BytesSink final : public Stream {
 public:
  BytesSink(std::string* bytes, std::size_t limit) : bytes_(bytes), limit_(limit) {}

  Expected<std::size_t> write(std::span<const std::byte> bytes) override {
    const auto room = limit_ - std::min(limit_, bytes_->size());
    const auto count = std::min(bytes.size(), room);
    if (count == 0 && !bytes.empty()) return std::unexpected(Errno::nospc);
    bytes_->append(reinterpret_cast<const char*>(bytes.data()), count);
    return count;
  }

 private:
  std::string* bytes_;
  std::size_t limit_;
};

}  // namespace

std::shared_ptr<Stream> bytes_source(std::string bytes) {
  return std::make_shared<BytesSource>(std::move(bytes));
}

std::shared_ptr<Stream> bytes_sink(std::string* bytes, std::size_t limit) {
  return std::make_shared<BytesSink>(bytes, limit);
}

// --- files ---------------------------------------------------------------------------------------

Expected<std::size_t> OpenFile::read_at(std::uint64_t, std::span<std::byte>) {
  return std::unexpected(Errno::notsup);
}
Expected<std::size_t> OpenFile::write_at(std::uint64_t, std::span<const std::byte>) {
  return std::unexpected(Errno::rofs);
}
Expected<OpenFile::Appended> OpenFile::append(std::span<const std::byte>) {
  return std::unexpected(Errno::rofs);
}
Errno OpenFile::resize(std::uint64_t) { return Errno::rofs; }
Errno OpenFile::allocate(std::uint64_t, std::uint64_t) { return Errno::rofs; }
Errno OpenFile::advise(std::uint64_t, std::uint64_t, Advice) { return Errno::success; }
Errno OpenFile::set_times(const Times&) { return Errno::rofs; }
Errno OpenFile::sync(bool) { return Errno::success; }

// --- directories ---------------------------------------------------------------------------------

Expected<FileStat> OpenDirectory::stat_of(std::string_view name) {
  const auto opened = open(name, {});
  if (!opened) return std::unexpected(opened.error());
  struct Ask {
    Expected<FileStat> operator()(const std::shared_ptr<OpenDirectory>& it) { return it->stat(); }
    Expected<FileStat> operator()(const std::shared_ptr<OpenFile>& it) { return it->stat(); }
    Expected<FileStat> operator()(const std::shared_ptr<Stream>& it) { return it->stat(); }
  };
  return std::visit(Ask{}, *opened);
}

Expected<std::string> OpenDirectory::read_link(std::string_view) {
  return std::unexpected(Errno::inval);
}
Errno OpenDirectory::make_directory(std::string_view) { return Errno::rofs; }
Errno OpenDirectory::make_symbolic_link(std::string_view, std::string_view) { return Errno::rofs; }
Errno OpenDirectory::remove_file(std::string_view) { return Errno::rofs; }
Errno OpenDirectory::remove_directory(std::string_view) { return Errno::rofs; }
Errno OpenDirectory::rename(std::string_view, OpenDirectory&, std::string_view) {
  return Errno::rofs;
}
Errno OpenDirectory::link(std::string_view, OpenDirectory&, std::string_view) {
  return Errno::rofs;
}
Errno OpenDirectory::set_times(const Times&) { return Errno::rofs; }
Errno OpenDirectory::set_times_of(std::string_view, const Times&) { return Errno::rofs; }
Errno OpenDirectory::sync(bool) { return Errno::success; }
bool OpenDirectory::is_read_only() const { return false; }
Expected<std::shared_ptr<OpenDirectory>> OpenDirectory::beneath(std::string_view) {
  return std::unexpected(Errno::notsup);
}

}  // namespace fermata::wasi
