// poll_oneoff: what a guest waits for, clocks and descriptors.
//
// A wait is not done here. For clocks alone the events are written as they will be when it is over,
// and the embedder is told for how long that is. With descriptors that are not ready it is told
// which they are, and the call is made again.
#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "fermata/limits.hpp"
#include "wasi/functions.hpp"

namespace fermata::wasi {
namespace {

constexpr std::size_t event_size = 32;
constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

enum class EventType : std::uint8_t { clock, fd_read, fd_write };

/// Specification: "subscription", and where preview 0 has what is of a clock.
struct Layout {
  std::size_t size;
  std::size_t clock_id;
  std::size_t timeout;
  std::size_t clock_flags;
};
constexpr Layout layout{48, 16, 24, 40};
constexpr Layout unstable_layout{56, 24, 32, 48};

/// What one subscription comes to: an event after `delay` nanoseconds.
struct Event {
  std::uint64_t userdata = 0;
  std::uint64_t delay = 0;  // `never`: when what it waits for is ready
  Errno error = Errno::success;
  std::uint8_t type = 0;
  std::uint64_t bytes = 0;  // that can be moved at least
  Blocked::Wait wait{};
};

/// Nanoseconds until a clock subscription fires (specification: "subscription_clock").
Expected<std::uint64_t> clock_delay(const WasiImpl& world, const Layout& at,
                                    std::span<const std::byte> subscription) {
  constexpr std::uint16_t absolute = 1;
  const auto id = static_cast<ClockId>(decode<std::uint32_t>(subscription, at.clock_id));
  const auto timeout = decode<std::uint64_t>(subscription, at.timeout);
  if (id != ClockId::realtime && id != ClockId::monotonic) return std::unexpected(Errno::inval);
  if ((decode<std::uint16_t>(subscription, at.clock_flags) & absolute) == 0) return timeout;
  const auto now = world.now(id);
  if (!now) return std::unexpected(now.error());
  return timeout > *now ? timeout - *now : 0;
}

std::uint64_t bytes_left(const OpenedFile& file) {
  const auto stat = file.file->stat();
  return stat && stat->size > file.position ? stat->size - file.position : 0;
}

void ask_descriptor(WasiImpl& world, std::uint32_t fd, Event& event) {
  const bool writing = event.type == static_cast<std::uint8_t>(EventType::fd_write);
  auto* const descriptor = world.find(fd);
  if (descriptor == nullptr || !descriptor->may(writing ? rights::fd_write : rights::fd_read)) {
    event.error = Errno::badf;
    return;
  }
  event.bytes = 1;
  if (const auto* const file = descriptor->file()) {
    if (!writing) event.bytes = bytes_left(*file);
    return;
  }
  const Stream& stream = *descriptor->stream();
  if (writing ? stream.writable() : stream.readable()) return;
  event.delay = never;
  event.wait = {fd, writing, stream.host()};
}

Event subscribe(WasiImpl& world, const Layout& at, std::span<const std::byte> subscription) {
  Event event{.userdata = decode<std::uint64_t>(subscription, 0),
              .type = decode<std::uint8_t>(subscription, 8)};
  switch (static_cast<EventType>(event.type)) {
    case EventType::clock: {
      const auto delay = clock_delay(world, at, subscription);
      if (delay)
        event.delay = std::min(*delay, never - 1);
      else
        event.error = delay.error();
      return event;
    }
    case EventType::fd_read:
    case EventType::fd_write:
      ask_descriptor(world, decode<std::uint32_t>(subscription, 16), event);
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
  encode(out, 16, event.bytes);
}

std::chrono::nanoseconds as_delay(std::uint64_t nanoseconds) {
  constexpr auto most = std::numeric_limits<std::chrono::nanoseconds::rep>::max();
  return std::chrono::nanoseconds(std::min<std::uint64_t>(nanoseconds, most));
}

Blocked blocked_on_all(const std::vector<Event>& events, std::uint64_t soonest) {
  Blocked blocked;
  for (const auto& event : events) {
    if (event.delay == never) blocked.waits.push_back(event.wait);
  }
  if (soonest != never) blocked.timeout = as_delay(soonest);
  return blocked;
}

}  // namespace

/// (subscriptions, events, the count of the former, where to put that of the latter)
Reply poll_oneoff(Call& call) {
  const Layout& at = call.preview0 ? unstable_layout : layout;
  const auto count = call.u32(2);
  if (count == 0 || count > limits::subscriptions) return Errno::inval;
  const auto in = call.memory.view(call.u32(0), count * at.size);
  const auto out = call.memory.view(call.u32(1), count * event_size);
  if (!in || !out || !call.memory.view(call.u32(3), 4)) return Errno::fault;

  std::vector<Event> events;  // all read before the first is written: the two may overlap
  events.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    events.push_back(subscribe(call.world, at, in->subspan(i * at.size, at.size)));
  }
  const auto soonest = std::ranges::min(events, {}, &Event::delay).delay;
  const bool waits = std::ranges::any_of(events, [](const Event& e) { return e.delay == never; });
  if (waits && soonest != 0 && !(call.time_is_over && soonest != never)) {
    return blocked_on_all(events, soonest);
  }
  std::uint32_t written = 0;
  for (const auto& event : events) {
    if (event.delay == soonest) put_event(out->subspan(event_size * written++), event);
  }
  if (const auto e = call.memory.store(call.u32(3), written); e != Errno::success) return e;
  return Delayed{call.time_is_over ? std::chrono::nanoseconds(0) : as_delay(soonest)};
}

}  // namespace fermata::wasi
