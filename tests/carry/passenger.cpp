#include "tests/carry/passenger.hpp"

#include <fmt/format.h>

#include <utility>

#include "interp/snapshot/bytes.hpp"
#include "lib/module/module_impl.hpp"
#include "tools/fermata/checkpoint/checkpoint.hpp"

namespace fermata::test {
namespace {

using snapshot::BytesSink;
using snapshot::BytesSource;

constexpr std::uint64_t first_number = 7;  // of the imports that are not WASI's

class StandingClock final : public wasi::Clock {
 public:
  wasi::Expected<std::uint64_t> now(wasi::ClockId) override { return 1'000'000'000; }
  wasi::Expected<std::uint64_t> resolution(wasi::ClockId) override { return 1; }
};

wasi::Config world(std::string* output) {
  wasi::Config config;
  config.arguments = {"guest"};
  config.in = wasi::bytes_source("");
  config.out = wasi::bytes_sink(output);
  config.err = wasi::bytes_sink(output);
  config.clock = std::make_shared<StandingClock>();
  config.random_seed = 42;
  return config;
}

Resolver resolver() {
  return [next = first_number](const FunctionImport& import) mutable {
    const std::uint64_t number = next++;
    return std::optional(wasi::Wasi::resolve(import).value_or(number));
  };
}

bool needs_wasi(const Module& module) {
  for (const ImportType& import : module.imports()) {
    if (import.module == "wasi_snapshot_preview1") return true;
  }
  return false;
}

}  // namespace

ProcessOptions passenger_options(const ExecutionOptions& execution, std::uint64_t heap) {
  ProcessOptions options;
  options.execution = execution;
  options.execution.metering = true;
  options.execution.max_heap_bytes = heap;
  options.allow_reexported_memory = true;
  return options;
}

// --- made, saved, restored -----------------------------------------------------------------------

Passenger::Passenger(Process process) : process_(std::move(process)) {}

Result<Passenger> Passenger::create(const Module& module, ProcessOptions options) {
  auto process = Process::create(module, resolver(), options);
  if (!process) return std::unexpected(process.error());
  Passenger passenger(std::move(*process));
  if (needs_wasi(module)) {
    auto wasi = wasi::Wasi::create(world(passenger.output_.get()));
    if (!wasi) return std::unexpected(wasi.error());
    passenger.wasi_ = std::move(*wasi);
  }
  return passenger;
}

Result<Passenger> Passenger::restore(const Module& module, const std::vector<std::byte>& snapshot,
                                     ThreadId thread, const ProcessOptions& options) {
  auto process = Process::restore(module, snapshot, resolver(), options);
  if (!process) return std::unexpected(process.error());
  Passenger passenger(std::move(*process));
  passenger.thread_ = thread;
  if (needs_wasi(module)) {
    BytesSource source(snapshot);
    auto checkpoint = tool::read_checkpoint(source);
    if (!checkpoint) return std::unexpected(checkpoint.error());
    auto wasi = wasi::Wasi::restore(checkpoint->world.value(), world(passenger.output_.get()));
    if (!wasi) return std::unexpected(wasi.error());
    passenger.wasi_ = std::move(*wasi);
  }
  return passenger;
}

Result<Passenger> Passenger::fork() const {
  auto process = process_.fork();
  if (!process) return std::unexpected(process.error());
  return Passenger(std::move(*process));
}

Result<std::vector<std::byte>> Passenger::save() const {
  if (!wasi_) return process_.snapshot();
  BytesSink sink;
  const tool::ProgramState program{{}, process_.module().features(), {thread_, {}}};
  const wasi::State world = wasi_->state();
  const auto written = tool::write_checkpoint(sink, process_, &world, program);
  if (!written) return std::unexpected(written.error());
  return std::move(sink.bytes);
}

// --- running -------------------------------------------------------------------------------------

std::optional<std::string> Passenger::run(std::uint64_t limit) {
  process_.fuel()->set_limit(limit);
  Thread thread = process_.thread(thread_);
  auto outcome = thread.run();
  while (outcome) {
    if (std::holds_alternative<Waiting>(*outcome)) {
      if (auto woken = thread.time_out(); !woken) return to_string(woken.error());
      outcome = thread.run();
    } else if (const auto* call = std::get_if<HostCall>(&*outcome)) {
      const auto results = answer(*call);
      if (!results) return exit_;
      outcome = thread.run(*results);
    } else {
      break;
    }
  }
  return end_of(outcome);
}

std::optional<std::string> Passenger::end_of(const Result<Outcome>& outcome) const {
  if (!outcome) return "error: " + to_string(outcome.error());
  if (const auto* finished = std::get_if<Finished>(&*outcome)) {
    return "finished: " + words(finished->results);
  }
  if (const auto* trapped = std::get_if<Trapped>(&*outcome)) {
    return fmt::format("trap: {}", to_string(trapped->trap));
  }
  if (const auto* threw = std::get_if<Threw>(&*outcome)) return "threw: " + words(threw->values);
  return std::nullopt;
}

/// Nothing, and `exit_` says why, when the guest is not to go on.
std::optional<std::vector<Value>> Passenger::answer(const HostCall& call) {
  if (wasi_ && wasi::Wasi::owns(call.number)) {
    const auto reply = wasi_->handle(process_, call);
    if (const auto* resume = std::get_if<wasi::Resume>(&reply)) return std::vector{resume->result};
    const auto* exited = std::get_if<wasi::Exited>(&reply);
    exit_ = exited == nullptr ? "blocked" : fmt::format("exit code {}", exited->code);
    return std::nullopt;
  }
  const std::uint64_t import = call.number - first_number;
  *output_ += fmt::format("{}({})\n", import, words(call.arguments));
  const FuncIdx function{static_cast<std::uint32_t>(import)};
  std::vector<Value> results;
  for (const ValType type : process_.module().function_type(function).results) {
    const auto result = invented(type, call.arguments, import);
    if (!result) {
      exit_ = "the host has no answer";
      return std::nullopt;
    }
    results.push_back(*result);
  }
  return results;
}

std::optional<Value> Passenger::invented(ValType type, std::span<const Value> arguments,
                                         std::uint64_t number) const {
  if (type.is_ref()) {
    for (const Value& argument : arguments) {
      if (argument.type() == type) return argument;
    }
    return type.nullable ? std::optional(Value::null(type)) : std::nullopt;
  }
  std::uint64_t sum = number + 3;
  for (const Value& argument : arguments) sum += argument.type().is_ref() ? 1 : argument.lo();
  return Value::from_bits(type, sum % 251);
}

// --- words ---------------------------------------------------------------------------------------

std::string Passenger::words(std::span<const Value> values) const {
  std::string text;
  for (const Value& value : values) {
    if (!text.empty()) text += ", ";
    text += words(value);
  }
  return text;
}

/// Of references only what no address tells.
std::string Passenger::words(const Value& value) const {
  if (!value.type().is_ref()) return to_string(value);
  if (value.is_null()) return "null";
  if (const auto external = value.as_externref()) return fmt::format("host {}", external->value);
  if (const auto number = value.as_i31()) return fmt::format("i31 {}", *number);
  const auto kind = process_.kind_of(value);
  return kind ? to_string(HeapType{*kind}) : "nothing that it knows";
}

}  // namespace fermata::test
