// A socket of the host, one that does not wait.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <utility>

#include "wasi/files/posix.hpp"

namespace fermata::wasi {
namespace {

#ifdef MSG_NOSIGNAL
constexpr int send_flags = MSG_NOSIGNAL;
#else
constexpr int send_flags = 0;
#endif

class HostSocket final : public Socket {
 public:
  explicit HostSocket(int fd) : fd_(fd), owned_(-1) { stop_waiting(); }
  explicit HostSocket(OwnedFd fd) : fd_(fd.get()), owned_(std::move(fd)) { stop_waiting(); }

  Expected<std::size_t> read(std::span<std::byte> into) override {
    return posix::count_of([&] { return ::recv(fd_, into.data(), into.size(), 0); });
  }

  Expected<std::size_t> write(std::span<const std::byte> bytes) override {
    return posix::count_of([&] { return ::send(fd_, bytes.data(), bytes.size(), send_flags); });
  }

  FileStat stat() const override {
    FileStat stat = host_stat(fd_).value_or(FileStat{});
    int type = 0;
    socklen_t size = sizeof type;
    const bool known = ::getsockopt(fd_, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
    stat.type = known && type == SOCK_DGRAM ? FileType::socket_dgram : FileType::socket_stream;
    return stat;
  }

  bool readable() const override { return posix::is_ready(fd_, POLLIN); }
  bool writable() const override { return posix::is_ready(fd_, POLLOUT); }
  int host() const override { return fd_; }

  Expected<std::shared_ptr<Socket>> accept() override {
    const int fd = posix::retried([&] { return ::accept(fd_, nullptr, nullptr); });
    if (fd < 0) return std::unexpected(posix::last_error());
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    return std::make_shared<HostSocket>(OwnedFd(fd));
  }

  Expected<Received> receive(std::span<std::byte> into, bool peek) override {
    iovec vector{.iov_base = into.data(), .iov_len = into.size()};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    const auto count =
        posix::count_of([&] { return ::recvmsg(fd_, &message, peek ? MSG_PEEK : 0); });
    if (!count) return std::unexpected(count.error());
    return Received{*count, (message.msg_flags & MSG_TRUNC) != 0};
  }

  Errno shutdown(bool receiving, bool sending) override {
    const int how = receiving && sending ? SHUT_RDWR : receiving ? SHUT_RD : SHUT_WR;
    return posix::error_of([&] { return ::shutdown(fd_, how); });
  }

 private:
  void stop_waiting() const {
    const int flags = ::fcntl(fd_, F_GETFL);
    if (flags >= 0) ::fcntl(fd_, F_SETFL, flags | O_NONBLOCK);
  }

  int fd_;
  OwnedFd owned_;
};

}  // namespace

std::shared_ptr<Socket> host_socket(int fd) { return std::make_shared<HostSocket>(fd); }

}  // namespace fermata::wasi
