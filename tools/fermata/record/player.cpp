// See player.hpp.
#include "tools/fermata/record/player.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lib/module/quoted.hpp"
#include "tools/fermata/value_text.hpp"

namespace fermata::tool {
namespace {

std::vector<ImportType> function_imports(const Module& module) {
  std::vector<ImportType> functions = module.imports();
  std::erase_if(functions,
                [](const ImportType& i) { return !std::holds_alternative<FuncType>(i.type); });
  return functions;
}

std::string joined(const std::vector<std::string>& texts) {
  return texts.empty() ? "nothing" : fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace

Player::Player(Process& process, LogReader& log, PlayerOptions options)
    : process_(process),
      log_(log),
      options_(std::move(options)),
      fuel_(*process.fuel()),
      imports_(function_imports(process.module())) {}

/// Imports are asked about in their order.
Resolver Player::resolver() {
  return [next = std::uint64_t{0}](const FunctionImport&) mutable { return std::optional(next++); };
}

Result<Played> Player::play(std::optional<std::uint32_t> initialize) {
  if (initialize) {
    const auto thread = process_.start_thread(FuncIdx{*initialize});
    if (!thread) return std::unexpected(thread.error());
    initializer_ = thread->id();
  }
  for (;;) {
    const auto event = log_.next();
    if (!event) return std::unexpected(event.error());
    if (!*event) break;
    const auto done = std::visit([this](const auto& e) { return play(e); }, **event);
    if (!done) return done.error();
  }
  LogEnds ends;
  if (last_) ends.thread = process_.thread(*last_);
  return Played(ends);
}

GuestState Player::state() {
  const bool initializes = initializer_ != 0 && process_.thread(initializer_).state();
  GuestState state{initializes ? initializer_ : 0, {}};
  for (const auto& [id, call] : calls_) {
    if (!call.answer) continue;
    WaitState& wait = state.waits.emplace_back();
    wait.thread = id;
    wait.answer = call.answer->empty() ? 0 : call.answer->front().as_i32();
    wait.nanoseconds_left = call.delay;
  }
  return state;
}

// --- what went otherwise -------------------------------------------------------------------------

std::string Player::place() const {
  return fmt::format("after call {} (fuel {})", call_count_, fuel_.used());
}

std::unexpected<Played> Player::diverged(std::string_view what) const {
  return std::unexpected<Played>(Diverged{std::string(what)});
}

std::unexpected<Played> Player::differs(std::string_view wanted, std::string_view found) const {
  return diverged(fmt::format("{}: the log has {}, the program {}", place(), wanted, found));
}

/// What the program did.
std::string Player::text_of(const Outcome& outcome) const {
  const std::uint64_t used = fuel_.used();
  if (const auto* call = std::get_if<HostCall>(&outcome)) {
    const ImportType& import = imports_[static_cast<std::size_t>(call->number)];
    return fmt::format("called {} at fuel {}",
                       call_text(import.module, import.name, call->arguments), used);
  }
  if (std::holds_alternative<Finished>(outcome)) return fmt::format("finished at fuel {}", used);
  if (const auto* trapped = std::get_if<Trapped>(&outcome)) {
    return fmt::format("trapped at fuel {}: {}", used, to_string(trapped->trap));
  }
  if (std::holds_alternative<Threw>(outcome)) {
    return fmt::format("threw an exception at fuel {}", used);
  }
  if (std::holds_alternative<Waiting>(outcome)) {
    return fmt::format("began to wait at fuel {}", used);
  }
  return fmt::format("went on, to fuel {}", used);
}

// --- running -------------------------------------------------------------------------------------

/// Runs the thread, with the answer to its call if it waits for one.
std::expected<Outcome, Played> Player::run(ThreadId id, std::uint64_t limit) {
  Thread thread = process_.thread(id);
  const auto state = thread.state();
  if (!state) return differs(fmt::format("thread {}", id), "has no such thread");
  std::vector<Value> answer;
  if (*state == ThreadState::waiting_for_host_call) {
    const auto call = calls_.find(id);
    if (call == calls_.end() || !call->second.answer) {
      return differs(fmt::format("thread {} going on", id), "waits there for an answer");
    }
    answer = *std::move(call->second.answer);
    calls_.erase(call);
  }
  last_ = id;
  fuel_.set_limit(limit);
  const auto outcome = thread.run(answer);
  if (!outcome) return diverged(fmt::format("{}: {}", place(), to_string(outcome.error())));
  return *outcome;
}

/// Runs the thread until what the log has next, at this fuel. Before a pause there is no other safe
/// point with as much; of anything else none with more.
std::expected<Outcome, Played> Player::run_until(ThreadId id, std::uint64_t fuel, bool pauses,
                                                 const std::string& wanted) {
  const std::uint64_t limit = pauses || fuel == FuelRef::unlimited ? fuel : fuel + 1;
  auto outcome = run(id, std::min(limit, options_.to));
  if (!outcome) return outcome;
  const std::uint64_t used = fuel_.used();
  const bool paused = std::holds_alternative<OutOfFuel>(*outcome);
  if (used > fuel || (paused ? !pauses && used < options_.to : used != fuel)) {
    return differs(wanted, text_of(*outcome));
  }
  if (paused && used >= options_.to) return std::unexpected<Played>(Reached{process_.thread(id)});
  return outcome;
}

auto Player::play(const LoggedCall& event) -> Step {
  const std::string text = call_text(event.module, event.name, event.arguments);
  const std::string wanted = fmt::format("call {} of thread {}, {} at fuel {}", call_count_ + 1,
                                         event.thread, text, event.fuel);
  const auto outcome = run_until(event.thread, event.fuel, false, wanted);
  if (!outcome) return std::unexpected(outcome.error());
  const auto* call = std::get_if<HostCall>(&*outcome);
  if (call == nullptr) return differs(wanted, text_of(*outcome));
  const ImportType& import = imports_[static_cast<std::size_t>(call->number)];
  if (import.module != event.module || import.name != event.name ||
      !std::ranges::equal(call->arguments, event.arguments)) {
    return differs(wanted, text_of(*outcome));
  }
  calls_[event.thread] = {++call_count_, text, &std::get<FuncType>(import.type).results,
                          std::nullopt, 0};
  return {};
}

auto Player::look(const Call& call, const LoggedView& view) -> Step {
  const auto memory = process_.memory();
  const auto bytes = memory ? memory->view(view.address, view.size)
                            : Result<std::span<const std::byte>>(std::unexpected(Error()));
  if (bytes && log_hash(*bytes) == view.hash) return {};
  return diverged(fmt::format(
      "at call {} (fuel {}): {} is given {} bytes at {:#x} that are not those of the log",
      call.number, fuel_.used(), call.text, view.size, view.address));
}

auto Player::write(const Call& call, const LoggedWrite& write) -> Step {
  auto memory = process_.memory();
  if (memory && memory->write(write.address, write.bytes)) return {};
  return diverged(
      fmt::format("at call {}: the log has {} bytes written at {:#x}, outside of the memory",
                  call.number, write.bytes.size(), write.address));
}

auto Player::play(const LoggedAnswer& event) -> Step {
  const auto found = calls_.find(event.thread);
  if (found == calls_.end() || found->second.answer) {
    return differs(fmt::format("an answer for thread {}", event.thread), "waits for none there");
  }
  Call& call = found->second;
  if (!std::ranges::equal(event.results, *call.results, {}, &Value::type)) {
    return diverged(
        fmt::format("at call {}: the log's answer has other types than the function", call.number));
  }
  for (const LoggedView& view : event.views) {
    if (auto seen = look(call, view); !seen) return seen;
  }
  for (const LoggedWrite& part : event.writes) {
    if (auto written = write(call, part); !written) return written;
  }
  if (event.spawn) {
    const auto thread = process_.spawn_thread(event.spawn->entry, event.spawn->arguments);
    if (!thread) {
      return diverged(fmt::format("at call {}: the log has a new thread, here it fails: {}",
                                  call.number, to_string(thread.error())));
    }
  }
  for (const LoggedOutput& output : event.outputs) options_.output(output);
  call.answer = event.results;
  call.delay = event.delay;
  if (options_.call) {
    std::vector<std::string> results;
    results.reserve(event.results.size());
    for (const Value& value : event.results) results.push_back(value_text(value));
    options_.call(fmt::format("call {} of thread {} at fuel {}: {} = {}", call.number, event.thread,
                              fuel_.used(), call.text, joined(results)));
  }
  return {};
}

auto Player::play(const LoggedPause& event) -> Step {
  const std::string wanted =
      fmt::format("a pause of thread {} at fuel {}", event.thread, event.fuel);
  const auto outcome = run_until(event.thread, event.fuel, true, wanted);
  if (!outcome) return std::unexpected(outcome.error());
  if (!std::holds_alternative<OutOfFuel>(*outcome)) return differs(wanted, text_of(*outcome));
  return {};
}

auto Player::play(const LoggedWait& event) -> Step {
  const std::string wanted =
      fmt::format("thread {} beginning to wait at fuel {}", event.thread, event.fuel);
  const auto outcome = run_until(event.thread, event.fuel, false, wanted);
  if (!outcome) return std::unexpected(outcome.error());
  if (!std::holds_alternative<Waiting>(*outcome)) return differs(wanted, text_of(*outcome));
  return {};
}

auto Player::play(const LoggedTimeout& event) -> Step {
  if (process_.thread(event.thread).time_out()) return {};
  return differs(fmt::format("the end of the waiting of thread {}", event.thread),
                 "does not wait there");
}

auto Player::play(const LoggedFinish& event) -> Step {
  std::string wanted = fmt::format("the end of thread {} at fuel {}", event.thread, event.fuel);
  const auto outcome = run_until(event.thread, event.fuel, false, wanted);
  if (!outcome) return std::unexpected(outcome.error());
  const auto* finished = std::get_if<Finished>(&*outcome);
  if (finished == nullptr) return differs(wanted, text_of(*outcome));
  std::vector<std::string> results;
  for (const Value& value : finished->results) results.push_back(value_text(value));
  if (results != event.results) {
    wanted += fmt::format(", which gives {}", joined(event.results));
    return differs(wanted, fmt::format("gives {}", joined(results)));
  }
  if (event.thread == 0) results_.assign(finished->results.begin(), finished->results.end());
  return {};
}

auto Player::play(const LoggedTrap& event) -> Step {
  const std::string wanted =
      fmt::format("a trap of thread {} at fuel {}: {}", event.thread, event.fuel, event.trap);
  const auto outcome = run_until(event.thread, event.fuel, false, wanted);
  if (!outcome) return std::unexpected(outcome.error());
  const auto* trapped = std::get_if<Trapped>(&*outcome);
  const bool threw = std::holds_alternative<Threw>(*outcome);
  const Trap trap = trapped != nullptr ? trapped->trap
                    : threw            ? Trap::uncaught_exception
                                       : Trap::none;
  if (trap == Trap::none || to_string(trap) != event.trap)
    return differs(wanted, text_of(*outcome));
  trap_ = trap;
  return {};
}

// --- the end -------------------------------------------------------------------------------------

namespace {

std::string_view end_text(EndKind kind) {
  constexpr std::string_view texts[] = {"the end of the main thread",
                                        "the end by the program itself",
                                        "the end by a trap",
                                        "the end by a deadlock",
                                        "the end by the limit of fuel",
                                        "the end by the limit of time",
                                        "the end by a signal",
                                        "the end by a call that nothing answers"};
  return texts[static_cast<std::size_t>(kind)];
}

}  // namespace

/// That the last thread has called.
std::string Player::pending_import() const {
  const auto call = process_.thread(last_.value_or(0)).pending_host_call();
  if (!call) return {};
  const ImportType& import = imports_[static_cast<std::size_t>(call->number)];
  return fmt::format("{}.{}", quoted(import.module), quoted(import.name));
}

Ending Player::ending(const LoggedEnd& event) {
  const Thread thread = process_.thread(last_.value_or(0));
  switch (event.kind) {
    case EndKind::returned:
      return Returned{results_};
    case EndKind::exited:
      return wasi::Exited{event.number};
    case EndKind::trapped:
      return TrappedAt{trap_, thread};
    case EndKind::deadlocked:
      return Deadlocked{process_.thread(state().target)};
    case EndKind::out_of_fuel:
      return OutOfFuelAt{fuel_.used(), thread};
    case EndKind::out_of_time:
      return OutOfTimeAt{thread};
    case EndKind::called_unknown:
      return CalledUnknownAt{pending_import(), thread};
    case EndKind::signalled:
      break;
  }
  return SignalledAt{static_cast<int>(event.number & 0x7F), thread};
}

auto Player::play(const LoggedEnd& event) -> Step {
  const std::string wanted = fmt::format("{} at fuel {}", end_text(event.kind), event.fuel);
  const bool has_returned = !process_.main_thread().state();
  const bool has_called = last_ && calls_.contains(*last_) && !calls_.at(*last_).answer;
  const bool needs_call = event.kind == EndKind::exited || event.kind == EndKind::called_unknown;
  const bool can_be = event.kind == EndKind::returned  ? has_returned
                      : needs_call                     ? has_called
                      : event.kind == EndKind::trapped ? trap_ != Trap::none
                                                       : !has_returned && trap_ == Trap::none;
  if (!can_be || event.fuel != fuel_.used()) return differs(wanted, "is not there");
  const auto more = log_.next();
  if (!more || *more || log_.is_cut()) {
    return diverged("the log goes on behind the end of the program");
  }
  return std::unexpected<Played>(ending(event));
}

}  // namespace fermata::tool
