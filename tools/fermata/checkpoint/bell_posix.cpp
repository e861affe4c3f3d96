// The bell as a pipe: what waits polls its reading end as well. See bell.hpp.
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>

#include "tools/fermata/checkpoint/bell.hpp"

namespace fermata::tool {

/// Without a pipe, when the system has none left, nothing is woken; -1 is no descriptor to `poll`.
struct BellState {
  std::array<int, 2> pipe{-1, -1};
};

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

int Bell::host() const noexcept { return state_->pipe[0]; }

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
