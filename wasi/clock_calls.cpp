// Clocks.
#include <ctime>
#include <optional>

#include "wasi/functions.hpp"

namespace fermata::wasi {
namespace {

class SystemClock final : public Clock {
 public:
  Expected<std::uint64_t> now(ClockId clock) override { return ask(clock, ::clock_gettime); }
  Expected<std::uint64_t> resolution(ClockId clock) override { return ask(clock, ::clock_getres); }

 private:
  static Expected<std::uint64_t> ask(ClockId clock, int (*question)(clockid_t, timespec*)) {
    const auto id = host_clock(clock);
    timespec t{};
    if (!id || question(*id, &t) != 0) return std::unexpected(Errno::inval);
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000u +
           static_cast<std::uint64_t>(t.tv_nsec);
  }

  static std::optional<clockid_t> host_clock(ClockId clock) {
    switch (clock) {
      case ClockId::realtime:
        return CLOCK_REALTIME;
      case ClockId::monotonic:
        return CLOCK_MONOTONIC;
      case ClockId::process_cputime:
        return CLOCK_PROCESS_CPUTIME_ID;
      case ClockId::thread_cputime:
        return CLOCK_THREAD_CPUTIME_ID;
    }
    return std::nullopt;
  }
};

}  // namespace

std::shared_ptr<Clock> system_clock() { return std::make_shared<SystemClock>(); }

Reply clock_res_get(Call& call) {
  const auto resolution = call.world.clock->resolution(static_cast<ClockId>(call.u32(0)));
  if (!resolution) return resolution.error();
  return call.memory.store(call.u32(1), *resolution);
}

Reply clock_time_get(Call& call) {
  const auto now = call.world.now(static_cast<ClockId>(call.u32(0)));
  if (!now) return now.error();
  return call.memory.store(call.u32(2), *now);
}

}  // namespace fermata::wasi
