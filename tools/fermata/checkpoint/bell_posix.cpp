// The bell as a pipe: what waits polls its reading end as well. See bell.hpp.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdint>
#include <utility>

#include "tools/fermata/checkpoint/bell.hpp"

namespace fermata::tool {

/// Without a pipe, when the system has none left, nothing is woken; -1 is no descriptor to `poll`.
struct BellState {
  std::array<int, 2> pipe{-1, -1};
};

namespace {

class RungStream final : public wasi::Stream {
 public:
  RungStream(int descriptor, int bell)
      : descriptor_(descriptor), bell_(bell), stream_(wasi::host_descriptor(descriptor)) {}

  wasi::Expected<std::size_t> read(std::span<std::byte> into) override {
    if (!wait_for(POLLIN)) return std::unexpected(wasi::Errno::again);
    return stream_->read(into);
  }
  wasi::Expected<std::size_t> write(std::span<const std::byte> bytes) override {
    if (!wait_for(POLLOUT)) return std::unexpected(wasi::Errno::again);
    return stream_->write(bytes.first(std::min(bytes.size(), at_once_)));
  }
  wasi::Expected<std::uint64_t> seek(std::int64_t offset, wasi::Whence whence) override {
    return stream_->seek(offset, whence);
  }
  wasi::FileStat stat() const override { return stream_->stat(); }
  bool readable() const override { return stream_->readable(); }

 private:
  /// False when the bell was rung and the descriptor is not ready.
  [[nodiscard]] bool wait_for(short event) const {
    std::array<pollfd, 2> both{{{descriptor_, event, 0}, {bell_, POLLIN, 0}}};
    while (::poll(both.data(), both.size(), -1) < 0 && errno == EINTR) continue;
    return both[0].revents != 0 || both[1].revents == 0;
  }

  /// What is ready takes so much without waiting.
  [[nodiscard]] std::size_t most_at_once() const {
    return stream_->stat().type == wasi::FileType::regular_file ? SIZE_MAX : PIPE_BUF;
  }

  int descriptor_;
  int bell_;
  std::shared_ptr<wasi::Stream> stream_;
  std::size_t at_once_ = most_at_once();
};

}  // namespace

Bell::Bell() : state_(std::make_unique<BellState>()) {
  if (::pipe(state_->pipe.data()) != 0) return;
  for (const int end : state_->pipe) {
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
    ::fcntl(end, F_SETFL, O_NONBLOCK);
  }
}

Bell::~Bell() {
  for (const int end : state_->pipe) {
    if (end >= 0) ::close(end);
  }
}

void Bell::ring() const noexcept {
  const int error = errno;
  if (guest_) guest_->interrupt();
  // A full pipe has been rung often enough.
  [[maybe_unused]] const auto written = ::write(state_->pipe[1], "", 1);
  errno = error;
}

void Bell::silence() noexcept {
  std::array<char, 64> rung;
  while (::read(state_->pipe[0], rung.data(), rung.size()) > 0) continue;
}

void Bell::sleep_until(Clock::time_point when) const {
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24);
  pollfd bell{state_->pipe[0], POLLIN, 0};
  for (auto now = Clock::now(); now < when; now = Clock::now()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(when - now);
    if (::poll(&bell, 1, static_cast<int>(std::min(left, longest).count())) > 0) return;
  }
}

std::shared_ptr<wasi::Stream> Bell::stream(int descriptor) const {
  return std::make_shared<RungStream>(descriptor, state_->pipe[0]);
}

namespace {

std::atomic<const Bell*> signalled = nullptr;
std::atomic<int> last_signal = 0;
static_assert(std::atomic<int>::is_always_lock_free);

constexpr std::array stopping{SIGINT, SIGTERM};
std::array<struct sigaction, stopping.size()> former;
struct sigaction former_file_size;

extern "C" void ring_for_signal(int signal) {
  last_signal = signal;
  if (const Bell* const bell = signalled) bell->ring();
}

}  // namespace

StopSignals::StopSignals(const Bell& bell) {
  signalled = &bell;
  struct sigaction action{};
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGXFSZ, &action, &former_file_size);
  action.sa_handler = ring_for_signal;
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  for (std::size_t i = 0; i < stopping.size(); ++i) {
    ::sigaction(stopping[i], nullptr, &former[i]);
    if (former[i].sa_handler != SIG_IGN) ::sigaction(stopping[i], &action, nullptr);
  }
}

StopSignals::~StopSignals() {
  for (std::size_t i = 0; i < stopping.size(); ++i) {
    ::sigaction(stopping[i], &former[i], nullptr);
  }
  ::sigaction(SIGXFSZ, &former_file_size, nullptr);
  signalled = nullptr;
}

int StopSignals::caught() noexcept { return last_signal; }

}  // namespace fermata::tool
