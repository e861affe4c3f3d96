// The turns. See guest.hpp.
#include "tools/fermata/guest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace fermata::tool {

/// Nothing is so far away that the clock does not reach it.
Guest::Clock::time_point Guest::after(std::uint64_t nanoseconds) {
  constexpr std::uint64_t most = std::uint64_t{1} << 60;
  return Clock::now() + std::chrono::nanoseconds(std::min(nanoseconds, most));
}

Guest::Guest(Process& process, wasi::Wasi& wasi, const Stubs& stubs, const GuestLimits& limits,
             GuestPauses pauses, GuestWatcher* watcher)
    : process_(process),
      wasi_(wasi),
      stubs_(stubs),
      fuel_(process.fuel()),
      pauses_(std::move(pauses)),
      watcher_(watcher) {
  if (fuel_ && limits.fuel < FuelRef::unlimited - fuel_->used()) {
    most_fuel_ = fuel_->used() + limits.fuel;
  }
  if (pauses_.bell != nullptr) pauses_.bell->connect(fuel_->interrupter());
  if (limits.time) deadline_.emplace(*pauses_.bell, *limits.time);
  if (pauses_.every) next_call_.emplace(*pauses_.bell, *pauses_.every);
}

namespace {

Error impossible(ThreadId thread) {
  Error error;
  error.code = ErrorCode::invalid_snapshot;
  error.phase = Phase::invalid;
  error.message = fmt::format("thread {} does not wait as it is said to", thread);
  return error;
}

}  // namespace

Result<void> Guest::set_state(const GuestState& state) {
  if (state.target != 0 && !process_.thread(state.target).state()) {
    return std::unexpected(impossible(state.target));
  }
  for (const WaitState& wait : state.waits) {
    const auto found = process_.thread(wait.thread).state();
    const bool in_call = found && *found == ThreadState::waiting_for_host_call;
    const bool at_address = found && *found == ThreadState::waiting_for_notify;
    const bool fits = wait.answer ? in_call : at_address || (in_call && wait.nanoseconds_left);
    if (!fits) return std::unexpected(impossible(wait.thread));
    Wait& kept = waits_[wait.thread] = {};
    kept.is_blocked = in_call && !wait.answer;
    if (wait.answer) kept.answer = Value::i32(*wait.answer);
    if (wait.nanoseconds_left) kept.until = after(*wait.nanoseconds_left);
  }
  // Of a snapshot that does not know how long they have waited.
  for (const ThreadId id : process_.threads()) {
    const auto waiting = process_.thread(id).pending_wait();
    if (!waiting || waits_.contains(id)) continue;
    Wait& kept = waits_[id] = {};
    if (waiting->timeout) kept.until = after(*waiting->timeout);
  }
  return {};
}

GuestState Guest::state() {
  if (fuel_) fuel_->set_limit(most_fuel_);
  GuestState state{target_, {}};
  const auto now = Clock::now();
  for (const auto& [id, wait] : waits_) {
    if (process_.thread(id).state().value_or(ThreadState::ready) == ThreadState::ready) continue;
    if (wait.is_blocked && !wait.until) continue;  // the call is made again, whenever that is
    WaitState& saved = state.waits.emplace_back();
    saved.thread = id;
    if (wait.answer) saved.answer = wait.answer->as_i32();
    if (wait.until) {
      const std::chrono::nanoseconds left = std::max(*wait.until, now) - now;
      saved.nanoseconds_left = static_cast<std::uint64_t>(left.count());
    }
  }
  return state;
}

Result<Ending> Guest::run_to_end(Thread thread) {
  target_ = thread.id();
  while (!ending_) {
    has_run_ = false;
    is_rung_ = false;
    take_turns();
    // One that runs finds the bell's interruption.
    if (pauses_.bell != nullptr && (is_rung_ || !has_run_) && !ending_) look_up();
    if (!has_run_ && !is_rung_ && !ending_) sleep();
  }
  return *std::exchange(ending_, std::nullopt);
}

/// One for each thread that can go on. A turn has the more calls the more threads there are, so
/// that looking for these takes no more time than running them, if they make calls.
void Guest::take_turns() {
  constexpr std::size_t usual_calls = 100;
  const std::vector<ThreadId> threads = process_.threads();
  most_calls_ = std::max(usual_calls, threads.size());
  for (const ThreadId id : threads) {
    const bool may_run = id != 0 || target_ == 0;
    if (!may_run || ending_ || is_rung_) continue;
    if (fuel_) limit_turn();
    last_ = id;
    take_turn(process_.thread(id));
  }
}

/// Why the bell may have been rung. It is silenced first, so that nothing is missed.
void Guest::look_up() {
  pauses_.bell->silence();
  if (const int signal = StopSignals::caught()) {
    ending_ = SignalledAt{signal, process_.thread(last_)};
  } else if (deadline_ && deadline_->is_over()) {
    ending_ = OutOfTimeAt{process_.thread(last_)};
  } else if (next_call_ && next_call_->is_over()) {
    pauses_.call();
    next_call_.emplace(*pauses_.bell, *pauses_.every);
  }
}

/// One that spins leaves the others their turns, also those that it starts meanwhile.
void Guest::limit_turn() {
  constexpr std::uint64_t slice = 1'000'000;
  fuel_->set_left(slice);
  fuel_->set_limit(std::min(fuel_->limit(), most_fuel_));
}

void Guest::take_turn(Thread thread) {
  auto outcome = go_on(thread);
  if (!outcome) return;
  has_run_ = true;
  for (std::size_t calls = 1; *outcome && std::holds_alternative<HostCall>(**outcome); ++calls) {
    outcome = answer(thread, std::get<HostCall>(**outcome), calls < most_calls_);
    if (!outcome) return;
  }
  if (!*outcome) {
    ending_ = std::unexpected(std::move(outcome->error()));
  } else {
    end_turn(thread, **outcome);
  }
}

Result<Outcome> Guest::run(Thread thread, std::span<const Value> answer) {
  auto outcome = thread.run(answer);
  if (watcher_ != nullptr && outcome) watcher_->ran(thread, *outcome);
  return outcome;
}

wasi::Answer Guest::handle(Thread thread, const HostCall& call, bool time_is_over) {
  auto reply = wasi_.handle(process_, call, {time_is_over, watcher_});
  if (watcher_ != nullptr) watcher_->answered(thread, call, reply);
  return reply;
}

/// Runs the thread on if what it waits for has come. Nothing otherwise.
std::optional<Result<Outcome>> Guest::go_on(Thread thread) {
  const auto waits = waits_.find(thread.id());
  if (waits == waits_.end()) {
    if (thread.state() != ThreadState::waiting_for_host_call) return run(thread);
    return answer(thread, *thread.pending_host_call(), true);
  }
  const Wait& wait = waits->second;
  const bool is_over = wait.until && *wait.until <= Clock::now();
  if (wait.is_blocked) return answer(thread, *thread.pending_host_call(), true, is_over);
  if (thread.state() != ThreadState::ready && !is_over) return std::nullopt;
  const auto given = wait.answer;
  waits_.erase(waits);
  if (given) return run(thread, {&*given, 1});
  // Unless it was notified.
  if (thread.time_out() && watcher_ != nullptr) watcher_->timed_out(thread);
  return run(thread);
}

/// Answers the call, and runs the thread on unless the guest ended itself, or must wait, or has had
/// its turn.
std::optional<Result<Outcome>> Guest::answer(Thread thread, const HostCall& call, bool may_go_on,
                                             bool time_is_over) {
  if (stubs_.owns(call.number)) return answer_unless_wasi(thread, call.number, may_go_on);
  auto reply = handle(thread, call, time_is_over);
  if (auto* blocked = std::get_if<wasi::Blocked>(&reply)) {
    block(thread.id(), std::move(*blocked));
    return std::nullopt;
  }
  if (!waits_.empty()) waits_.erase(thread.id());
  if (const auto* exited = std::get_if<wasi::Exited>(&reply)) {
    ending_ = *exited;
    return std::nullopt;
  }
  const auto& resume = std::get<wasi::Resume>(reply);
  if (may_go_on && resume.delay.count() <= 0) return run(thread, {&resume.result, 1});
  const auto delay = std::max(resume.delay, std::chrono::nanoseconds(0));
  Wait& wait = waits_[thread.id()] = {};
  wait.answer = resume.result;
  wait.until = after(static_cast<std::uint64_t>(delay.count()));
  return std::nullopt;
}

/// When the thread has had its turn, in its next one: until then the call has changed nothing.
std::optional<Result<Outcome>> Guest::answer_unless_wasi(Thread thread, std::uint64_t number,
                                                         bool may_go_on) {
  const auto* results = stubs_.results(number);
  if (results == nullptr) {
    ending_ = CalledUnknownAt{stubs_.name(number), thread};
    return std::nullopt;
  }
  if (!may_go_on) return std::nullopt;
  waits_.erase(thread.id());
  if (watcher_ != nullptr) watcher_->stubbed(thread, *results);
  return run(thread, *results);
}

/// The time counts from when the call was first blocked.
void Guest::block(ThreadId thread, wasi::Blocked blocked) {
  Wait& wait = waits_[thread];
  if (!wait.is_blocked && blocked.timeout) {
    wait.until = after(static_cast<std::uint64_t>(blocked.timeout->count()));
  }
  wait.is_blocked = true;
  wait.descriptors = std::move(blocked.waits);
}

void Guest::end_turn(Thread thread, const Outcome& outcome) {
  if (const auto* waiting = std::get_if<Waiting>(&outcome)) {
    Wait& wait = waits_[thread.id()] = {};
    if (waiting->timeout) wait.until = after(*waiting->timeout);
  } else if (const auto* finished = std::get_if<Finished>(&outcome)) {
    if (thread.id() != target_) return;
    ending_ = Returned{{finished->results.begin(), finished->results.end()}};
  } else if (std::holds_alternative<OutOfFuel>(outcome)) {
    if (fuel_->used() >= most_fuel_) ending_ = OutOfFuelAt{fuel_->used(), thread};
  } else if (std::holds_alternative<Interrupted>(outcome)) {
    is_rung_ = true;
  } else if (const auto* trapped = std::get_if<Trapped>(&outcome)) {
    ending_ = TrappedAt{trapped->trap, thread};
  } else {
    ending_ = TrappedAt{Trap::uncaught_exception, thread};
  }
}

/// Until the first of the threads, all of which wait, can go on.
void Guest::sleep() {
  std::optional<Clock::time_point> first;
  wasi::Blocked all;
  for (const auto& [id, wait] : waits_) {
    if (wait.until && (!first || *wait.until < *first)) first = wait.until;
    all.waits.insert(all.waits.end(), wait.descriptors.begin(), wait.descriptors.end());
  }
  if (!all.waits.empty()) {
    if (first) all.timeout = std::max(*first, Clock::now()) - Clock::now();
    if (pauses_.bell != nullptr) all.waits.push_back({.host = pauses_.bell->host()});
    wasi::wait_for(all);
  } else if (!first) {
    ending_ = Deadlocked{process_.thread(target_)};
  } else if (pauses_.bell != nullptr) {
    pauses_.bell->sleep_until(*first);
  } else {
    std::this_thread::sleep_until(*first);
  }
}

}  // namespace fermata::tool
