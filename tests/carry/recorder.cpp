#include "tests/carry/recorder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace fermata::test {
namespace {

using Snapshot = std::vector<std::byte>;

Sha256 hash_of(const Snapshot& snapshot) {
  return sha256({reinterpret_cast<const std::uint8_t*>(snapshot.data()), snapshot.size()});
}

/// How the passenger is, after an outcome.
Result<End> end_of(Passenger& passenger, std::uint64_t limit,
                   const std::optional<std::string>& outcome) {
  passenger.process().fuel()->set_limit(limit);
  const auto snapshot = passenger.save();
  if (!snapshot) return std::unexpected(snapshot.error());
  return End{limit, outcome.value_or("stopped"), passenger.output(), passenger.fuel_used(),
             hash_of(*snapshot)};
}

/// The first that differs; `printed`: what `wanted` has printed before.
std::optional<std::string> difference(const End& wanted, const End& got, std::size_t printed = 0) {
  if (wanted.outcome != got.outcome) {
    return fmt::format("expected '{}', found '{}'", wanted.outcome, got.outcome);
  }
  if (wanted.output.substr(printed) != got.output) {
    return fmt::format("expected the output '{}', found '{}'", wanted.output.substr(printed),
                       got.output);
  }
  if (wanted.fuel != got.fuel) {
    return fmt::format("expected {} units of fuel, found {}", wanted.fuel, got.fuel);
  }
  if (wanted.snapshot != got.snapshot) return "the last snapshots differ";
  return std::nullopt;
}

/// The first limit pauses the run before its first instruction.
std::vector<std::uint64_t> random_limits(std::uint64_t begin, std::uint64_t end, std::size_t count,
                                         RandomNumbers& random) {
  std::vector<std::uint64_t> limits;
  if (begin < end && count > 0) limits.push_back(begin);
  for (std::size_t i = 1; i < count && begin < end; ++i) {
    limits.push_back(begin + random.below(end - begin));
  }
  std::ranges::sort(limits);
  limits.erase(std::ranges::unique(limits).begin(), limits.end());
  return limits;
}

std::optional<std::string> first_difference(const Snapshot& wanted, const Snapshot& got) {
  const auto at = std::ranges::mismatch(wanted, got);
  if (at.in1 == wanted.end() && at.in2 == got.end()) return std::nullopt;
  return fmt::format("snapshots of {} and {} bytes differ at {}", wanted.size(), got.size(),
                     at.in1 - wanted.begin());
}

}  // namespace

std::uint64_t RandomNumbers::next() {
  std::uint64_t x = state_ += 0x9e37'79b9'7f4a'7c15;
  x = (x ^ x >> 30) * 0xbf58'476d'1ce4'e5b9;
  x = (x ^ x >> 27) * 0x94d0'49bb'1331'11eb;
  return x ^ x >> 31;
}

// --- recording -----------------------------------------------------------------------------------

namespace {

std::unexpected<std::string> refused(const Error& error) {
  return std::unexpected(to_string(error));
}

/// Pauses at the limits; the outcome, if the run ends before the last of them.
Result<std::optional<std::string>> run_with_stops(Passenger& passenger,
                                                  std::span<const std::uint64_t> limits, Run& run) {
  for (const std::uint64_t limit : limits) {
    if (!run.stops.empty() && limit <= passenger.fuel_used()) continue;
    auto outcome = passenger.run(limit);
    if (outcome) return outcome;
    auto snapshot = passenger.save();
    if (!snapshot) return std::unexpected(snapshot.error());
    run.stops.push_back({limit, passenger.output().size(), std::move(*snapshot)});
  }
  return std::nullopt;
}

}  // namespace

std::expected<Recorded, std::string> record(const std::string& name, const Begin& begin,
                                            const RecordOptions& options, RandomNumbers& random) {
  auto whole = begin();
  if (!whole) return refused(whole.error());
  const std::uint64_t used = whole->fuel_used();
  const std::uint64_t most =
      options.fuel < FuelRef::unlimited - used ? used + options.fuel : FuelRef::unlimited;
  const auto whole_outcome = whole->run(most);
  auto end = end_of(*whole, most, whole_outcome);
  if (!end) return refused(end.error());

  auto passenger = begin();
  if (!passenger) return refused(passenger.error());
  Run run{name, options.heap, passenger->thread(), {}, std::move(*end)};
  const auto limits = random_limits(used, run.end.fuel, options.pauses, random);
  auto outcome = run_with_stops(*passenger, limits, run);
  if (!outcome) return refused(outcome.error());
  if (!*outcome) *outcome = passenger->run(most);
  const auto interrupted_end = end_of(*passenger, most, *outcome);
  if (!interrupted_end) return refused(interrupted_end.error());
  if (const auto differs = difference(run.end, *interrupted_end)) {
    return std::unexpected("interrupted: " + *differs);
  }
  return Recorded{std::move(run), std::move(*passenger)};
}

// --- comparing -----------------------------------------------------------------------------------

namespace {

std::optional<std::string> next_difference(Passenger& passenger, const Run& run, std::size_t i) {
  const Stop& next = run.stops[i + 1];
  if (const auto outcome = passenger.run(next.limit)) return "ended too early: " + *outcome;
  const std::size_t printed = run.stops[i].printed;
  if (run.end.output.substr(printed, next.printed - printed) != passenger.output()) {
    return "other output: " + passenger.output();
  }
  const auto saved = passenger.save();
  if (!saved) return to_string(saved.error());
  return first_difference(next.snapshot, *saved);
}

std::optional<std::string> stop_difference(const Module& module, const Run& run, std::size_t i,
                                           Until until, const ProcessOptions& options) {
  const Stop& stop = run.stops[i];
  auto passenger = Passenger::restore(module, stop.snapshot, run.thread, options);
  if (!passenger) return "refused: " + to_string(passenger.error());
  const auto saved = passenger->save();
  if (!saved) return to_string(saved.error());
  if (const auto differs = first_difference(stop.snapshot, *saved)) {
    return "saved again: " + *differs;
  }
  if (until == Until::next_stop && i + 1 < run.stops.size()) {
    return next_difference(*passenger, run, i);
  }
  const auto outcome = passenger->run(run.end.limit);
  const auto end = end_of(*passenger, run.end.limit, outcome);
  return end ? difference(run.end, *end, stop.printed) : to_string(end.error());
}

}  // namespace

std::optional<std::string> find_difference(const Module& module, const Run& run, Until until,
                                           const ExecutionOptions& execution) {
  const ProcessOptions options = passenger_options(execution, run.heap);
  for (std::size_t i = 0; i < run.stops.size(); ++i) {
    if (const auto differs = stop_difference(module, run, i, until, options)) {
      return fmt::format("{}, paused at {} of {} units: {}", run.name, run.stops[i].limit,
                         run.end.fuel, *differs);
    }
  }
  return std::nullopt;
}

}  // namespace fermata::test
