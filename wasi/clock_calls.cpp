// Clocks and poll_oneoff, which waits for them.
//
// A wait is not done here: the events are written as they will be when it is over, and the
// embedder is told for how long that is. The standard streams count as ready at all times.
#include <algorithm>
#include <cstring>
#include <ctime>
#include <limits>
#include <vector>

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

constexpr std::uint32_t max_subscriptions = 4096;
constexpr std::size_t subscription_size = 48;
constexpr std::size_t event_size = 32;

enum class EventType : std::uint8_t { clock, fd_read, fd_write };

/// What one subscription comes to: an event after `delay` nanoseconds.
struct Event {
  std::uint64_t userdata = 0;
  std::uint64_t delay = 0;
  Errno error = Errno::success;
  std::uint8_t type = 0;
};

/// Nanoseconds until a clock subscription fires (specification: "subscription_clock").
Expected<std::uint64_t> clock_delay(const WasiImpl& world,
                                    std::span<const std::byte> subscription) {
  constexpr std::uint16_t absolute = 1;
  const auto id = static_cast<ClockId>(decode<std::uint32_t>(subscription, 16));
  const auto timeout = decode<std::uint64_t>(subscription, 24);
  if (id != ClockId::realtime && id != ClockId::monotonic) return std::unexpected(Errno::inval);
  if ((decode<std::uint16_t>(subscription, 40) & absolute) == 0) return timeout;
  const auto now = world.now(id);
  if (!now) return std::unexpected(now.error());
  return timeout > *now ? timeout - *now : 0;
}

Errno stream_error(WasiImpl& world, std::uint32_t fd, EventType type) {
  const auto wanted = type == EventType::fd_read ? rights::fd_read : rights::fd_write;
  const auto* descriptor = world.find(fd);
  if (descriptor == nullptr || (descriptor->rights & wanted) == 0) return Errno::badf;
  return Errno::success;
}

Event subscribe(WasiImpl& world, std::span<const std::byte> subscription) {
  Event event{.userdata = decode<std::uint64_t>(subscription, 0),
              .type = decode<std::uint8_t>(subscription, 8)};
  switch (static_cast<EventType>(event.type)) {
    case EventType::clock: {
      const auto delay = clock_delay(world, subscription);
      if (delay)
        event.delay = *delay;
      else
        event.error = delay.error();
      return event;
    }
    case EventType::fd_read:
    case EventType::fd_write:
      event.error = stream_error(world, decode<std::uint32_t>(subscription, 16),
                                 static_cast<EventType>(event.type));
      return event;
  }
  event.error = Errno::inval;
  return event;
}

void put_event(std::span<std::byte> out, const Event& event) {
  std::memset(out.data(), 0, event_size);
  encode(out, 0, event.userdata);
  encode(out, 8, static_cast<std::uint16_t>(event.error));
  encode(out, 10, event.type);
  if (event.type != static_cast<std::uint8_t>(EventType::clock)) {
    encode(out, 16, std::uint64_t{1});  // at least one byte can be moved
  }
}

std::chrono::nanoseconds as_delay(std::uint64_t nanoseconds) {
  constexpr auto most = std::numeric_limits<std::chrono::nanoseconds::rep>::max();
  return std::chrono::nanoseconds(std::min<std::uint64_t>(nanoseconds, most));
}

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

Reply poll_oneoff(Call& call) {
  const auto count = call.u32(2);
  if (count == 0 || count > max_subscriptions) return Errno::inval;
  const auto in = call.memory.view(call.u32(0), count * subscription_size);
  const auto out = call.memory.view(call.u32(1), count * event_size);
  if (!in || !out || !call.memory.view(call.u32(3), 4)) return Errno::fault;

  std::vector<Event> events;  // all read before the first is written: the two may overlap
  events.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    events.push_back(subscribe(call.world, in->subspan(i * subscription_size, subscription_size)));
  }
  const auto soonest = std::ranges::min(events, {}, &Event::delay).delay;
  std::uint32_t written = 0;
  for (const auto& event : events) {
    if (event.delay == soonest) put_event(out->subspan(event_size * written++), event);
  }
  if (const auto e = call.memory.store(call.u32(3), written); e != Errno::success) return e;
  return Delayed{as_delay(soonest)};
}

}  // namespace fermata::wasi
