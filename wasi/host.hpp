// What WASI needs of the operating system besides its files: descriptors that are owned,
// randomness, error numbers.
//
// host_*.cpp and files/host_*.cpp are the one place that talks to it, but for the clocks; which of
// them implement it is the build's choice. Knows nothing of guests.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "fermata/wasi.hpp"

namespace fermata::wasi {

/// A descriptor of the host that is closed with this.
class OwnedFd {
 public:
  explicit OwnedFd(int fd) : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OwnedFd& operator=(OwnedFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~OwnedFd();
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

/// What the host says of an open file. `Errno::io` when it says nothing.
[[nodiscard]] Expected<FileStat> host_stat(int fd);
/// Fills in the system's randomness.
[[nodiscard]] Errno fill_random(std::span<std::byte> bytes);
/// WASI's number for an `errno` of the host.
[[nodiscard]] Errno from_host_errno(int error);

}  // namespace fermata::wasi
