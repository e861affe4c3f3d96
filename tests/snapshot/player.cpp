#include "tests/snapshot/player.hpp"

#include <fmt/format.h>

#include "interp/runtime/instance.hpp"
#include "lib/module/module_impl.hpp"
#include "tests/support/object_words.hpp"

namespace fermata::test {
namespace {

constexpr std::uint64_t most_pauses = 120;

}  // namespace

Resolver numbered_from(std::uint64_t first) {
  return [next = first](const FunctionImport&) mutable { return std::optional(next++); };
}

std::string Player::words(const Value& value) const {
  const ModuleImpl& module = process_.module().impl();
  if (!value.type().is_ref()) return to_string(value);
  if (is_traced(value.type(), module.canonical)) {
    return object_words(module, value.lo(), [this](const Value& other) { return words(other); });
  }
  if (value.is_null()) return "null";
  return fmt::format("func {}", static_cast<const Func*>(value.as_funcref().identity)->index.value);
}

std::string Player::words(std::span<const Value> values) const {
  std::string text;
  for (const Value& value : values) text += words(value) + ", ";
  return text;
}

// --- steps ---------------------------------------------------------------------------------------

bool Player::step() {
  const auto ids = process_.threads();
  if (process_.poisoned() || ids.empty() || pause_ == most_pauses) return false;
  ++pause_;
  // The main thread seldom, so that others get to their end.
  const bool others = ids.size() > 1 && pause_ % 4 != 0;
  const std::size_t choice = static_cast<std::size_t>(pause_ * 7) % (ids.size() - (others ? 1 : 0));
  Thread thread = process_.thread(ids[choice + (others ? 1 : 0)]);
  const auto waiting = thread.pending_wait();
  if (waiting && wait_on(thread, *waiting)) return true;
  const auto call = thread.pending_host_call();
  const auto outcome = call ? answer(thread, *call) : thread.run();
  if (outcome) {
    tell(thread, *outcome);
  } else {
    story_.push_back(fmt::format("thread {}: {}", thread.id(), to_string(outcome.error())));
  }
  return true;
}

/// Sometimes a thread waits on, so that there are lines; sometimes one is woken and not run yet.
bool Player::wait_on(Thread thread, const Waiting& waiting) {
  if (pause_ % 4 == 0) {
    story_.push_back(fmt::format("time is over for {}", thread.id()));
    return !thread.time_out();
  }
  if (pause_ % 4 == 2) {
    story_.push_back(fmt::format("{} waits on", thread.id()));
    return true;
  }
  const auto woken = process_.memory()->notify(waiting.address, 1);
  story_.push_back(fmt::format("{} woken at {}", woken, waiting.address));
  return pause_ % 4 == 1;
}

Result<Outcome> Player::answer(Thread thread, const HostCall& call) {
  const FuncIdx import{static_cast<std::uint32_t>(call.number - first_number_)};
  const ModuleImpl& module = process_.module().impl();
  const std::string& name = module.data.imports[module.func_imports[import.value]].name;
  const std::vector<Value> arguments(call.arguments.begin(), call.arguments.end());
  if (name == "throw") {
    const std::vector<Value> values =
        arguments.front().type() == i32
            ? std::vector{Value::i32(77)}
            : std::vector{Value::i32(77), Value::externref({pause_}), Value::v128({1, 2, 3})};
    return thread.throw_exception(process_.tag("t").value(), values);
  }
  if (name == "spawn" || name == "start") begin_thread(name, arguments);
  std::vector<Value> results;
  for (const ValType type : process_.module().function_type(import).results) {
    results.push_back(invented(type, arguments));
  }
  return thread.run(results);
}

void Player::begin_thread(std::string_view how, std::span<const Value> arguments) {
  const auto thread = how == "spawn" ? process_.spawn_thread("work", arguments, pause_)
                                     : process_.start_thread("work", arguments, pause_);
  story_.push_back(thread ? fmt::format("thread {} begins", thread->id())
                          : to_string(thread.error()));
}

/// A host that was shown a function puts it into the table, and gives it to others.
Value Player::invented(ValType type, std::span<const Value> arguments) const {
  if (type == externref) return Value::externref({pause_ * 1000});
  if (type == v128) return Value::v128({static_cast<std::uint8_t>(pause_), 9, 8, 7});
  if (type.is_num()) return Value::from_bits(type, pause_ * 3);
  if (type == funcref) {
    auto table = process_.table();
    const std::uint64_t place = table->size() - 1;
    for (const Value& argument : arguments) {
      if (argument.type() != funcref || argument.is_null()) continue;
      static_cast<void>(table->set(place, argument));
    }
    return table->get(place).value();
  }
  for (const Value& argument : arguments) {
    if (argument.type() == type) return argument;
  }
  return Value::null(type);
}

// --- what is told --------------------------------------------------------------------------------

void Player::tell(Thread thread, const Outcome& outcome) {
  std::string line = fmt::format("thread {}: ", thread.id());
  if (const auto* finished = std::get_if<Finished>(&outcome)) {
    line += "finished " + words(finished->results);
  } else if (const auto* call = std::get_if<HostCall>(&outcome)) {
    line += fmt::format("calls {} {}", call->number - first_number_, words(call->arguments));
  } else if (const auto* trapped = std::get_if<Trapped>(&outcome)) {
    line += to_string(trapped->trap);
  } else if (const auto* threw = std::get_if<Threw>(&outcome)) {
    line += "threw " + words(threw->values);
  } else {
    const auto& waits = std::get<Waiting>(outcome);
    line += fmt::format("waits at {} for {}", waits.address, waits.timeout.value_or(0));
  }
  story_.push_back(line);
}

std::vector<std::string> Player::state() const {
  std::vector<std::string> lines;
  for (const ThreadId id : process_.threads()) {
    const Thread thread = process_.thread(id);
    lines.push_back(fmt::format("thread {} with {}: {}", id, thread.user_data().value(),
                                static_cast<int>(thread.state().value())));
    if (const auto call = thread.pending_host_call()) {
      lines.push_back(
          fmt::format("  in {} {}", call->number - first_number_, words(call->arguments)));
    }
    const std::vector<Frame> frames = thread.frames(all_frames).value();
    for (const Frame& frame : frames) {
      lines.push_back(fmt::format("  {} at {:#x}", frame.function.value, frame.offset));
      if (!frame.at_safe_point) continue;
      lines.push_back("    " + words(frame.locals) + "| " + words(frame.operands));
    }
  }
  const HeapUse use = process_.heap_use();
  lines.push_back(fmt::format("heap: {} {} {}", use.bytes, use.peak_bytes, use.collections));
  return lines;
}

}  // namespace fermata::test
