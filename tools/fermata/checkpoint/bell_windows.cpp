// The bell as a condition variable; signals come in threads of their own there. See bell.hpp.
#include <array>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>

#include "tools/fermata/checkpoint/bell.hpp"

namespace fermata::tool {

struct BellState {
  std::mutex mutex;
  std::condition_variable rung;
  bool is_rung = false;
};

Bell::Bell() : state_(std::make_unique<BellState>()) {}
Bell::~Bell() = default;

void Bell::ring() const noexcept {
  if (guest_) guest_->interrupt();
  {
    const std::lock_guard lock(state_->mutex);
    state_->is_rung = true;
  }
  state_->rung.notify_all();
}

void Bell::silence() noexcept {
  const std::lock_guard lock(state_->mutex);
  state_->is_rung = false;
}

void Bell::sleep_until(Clock::time_point when) const {
  std::unique_lock lock(state_->mutex);
  state_->rung.wait_until(lock, when, [this] { return state_->is_rung; });
}

int Bell::host() const noexcept { return -1; }

namespace {

std::atomic<const Bell*> signalled = nullptr;
std::atomic<int> last_signal = 0;

// The C library has set the default again when this is called.
extern "C" void ring_for_signal(int signal) {
  last_signal = signal;
  if (const Bell* const bell = signalled) bell->ring();
}

}  // namespace

StopSignals::StopSignals(const Bell& bell) {
  signalled = &bell;
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, ring_for_signal);
}

StopSignals::~StopSignals() {
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, SIG_DFL);
  signalled = nullptr;
}

int StopSignals::caught() noexcept { return last_signal; }

}  // namespace fermata::tool
