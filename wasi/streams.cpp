// What streams do by default, the streams of bytes in memory, and the host's error numbers.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "fermata/wasi.hpp"
#include "wasi/host.hpp"

namespace fermata::wasi {
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

Expected<std::size_t> Stream::read(std::span<std::byte>) { return std::unexpected(Errno::badf); }
Expected<std::size_t> Stream::write(std::span<const std::byte>) {
  return std::unexpected(Errno::badf);
}
Expected<std::uint64_t> Stream::seek(std::int64_t, Whence) { return std::unexpected(Errno::spipe); }
FileStat Stream::stat() const { return {}; }
bool Stream::readable() const { return true; }

std::shared_ptr<Stream> bytes_source(std::string bytes) {
  return std::make_shared<BytesSource>(std::move(bytes));
}

std::shared_ptr<Stream> bytes_sink(std::string* bytes, std::size_t limit) {
  return std::make_shared<BytesSink>(bytes, limit);
}

Errno from_host_errno(int error) {
  switch (error) {
    case EACCES:
      return Errno::acces;
    case EAGAIN:
      return Errno::again;
    case EBADF:
      return Errno::badf;
    case EFBIG:
      return Errno::fbig;
    case EINVAL:
      return Errno::inval;
    case EISDIR:
      return Errno::isdir;
    case ENOSPC:
      return Errno::nospc;
    case EOVERFLOW:
      return Errno::overflow;
    case EPIPE:
      return Errno::pipe;
    case ESPIPE:
      return Errno::spipe;
    default:
      return Errno::io;
  }
}

}  // namespace fermata::wasi
