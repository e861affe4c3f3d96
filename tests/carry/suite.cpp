#include "tests/carry/suite.hpp"

#include <fmt/format.h>

#include <utility>

#include "lib/binary/encoder.hpp"
#include "lib/module/module_impl.hpp"
#include "tools/fermata/wast/script_values.hpp"

namespace fermata::test {
namespace {

using namespace text;

/// In the binary format, whatever it is written in: so it is carried.
std::optional<Module> load(const ScriptModule& command) {
  const ModuleOptions options{Features::executable()};
  std::vector<std::uint8_t> bytes(command.bytes.begin(), command.bytes.end());
  if (command.form != ScriptModule::Form::binary) {
    const auto data = command.parse(options.features);
    if (!data) return std::nullopt;
    bytes = encode(*data);
  }
  auto module = Module::load(std::move(bytes), options);
  return module ? std::optional(std::move(*module)) : std::nullopt;
}

/// Zero or null for each; nothing if a type has neither.
std::optional<std::vector<Value>> zeros(const FuncType& type) {
  std::vector<Value> values;
  for (const ValType param : type.params) {
    if (param.is_ref() && !param.nullable) return std::nullopt;
    values.push_back(param.is_ref() ? Value::null(param) : Value::from_bits(param, 0));
  }
  return values;
}

/// An export for the main thread, which never runs: what is called has threads of its own.
bool set_entry(const Module& module, ProcessOptions& options) {
  for (const ExportType& item : module.exports()) {
    const auto* type = std::get_if<FuncType>(&item.type);
    if (type == nullptr) continue;
    auto arguments = zeros(*type);
    if (!arguments) continue;
    options.entry = item.name;
    options.arguments = std::move(*arguments);
    return true;
  }
  return false;
}

}  // namespace

// --- instances -----------------------------------------------------------------------------------

/// With its start function run.
Result<Passenger> SuiteRecorder::passenger_of(const Module& module) const {
  ProcessOptions options = passenger_options(execution_, options_.heap);
  static_cast<void>(set_entry(module, options));
  auto passenger = Passenger::create(module, options);
  const auto start = module.impl().data.start;
  if (!passenger || !start) return passenger;
  auto thread = passenger->process().start_thread(*start);
  if (!thread) return std::unexpected(thread.error());
  passenger->set_thread(thread->id());
  static_cast<void>(passenger->run(FuelRef::unlimited));
  return passenger;
}

SuiteRecorder::Instance SuiteRecorder::make_instance(const std::optional<Module>& module) const {
  if (!module) return {{}, {}, "not loaded"};
  auto passenger = passenger_of(*module);
  if (!passenger) return {module, {}, std::string(to_string(passenger.error().code))};
  if (passenger->process().poisoned()) return {module, {}, "its start function traps"};
  return {module, std::move(*passenger), {}};
}

SuiteRecorder::Instance* SuiteRecorder::find(const std::optional<std::string>& id) {
  if (!id) return latest_.get();
  const auto found = instances_.find(*id);
  return found == instances_.end() ? nullptr : found->second.get();
}

void SuiteRecorder::take(const ScriptModule& command) {
  latest_definition_ = load(command);
  if (command.id) definitions_.insert_or_assign(*command.id, latest_definition_);
  if (command.is_definition) return;
  written_ = nullptr;  // another one may come to lie where it was
  latest_ = std::make_shared<Instance>(make_instance(latest_definition_));
  if (command.id) instances_.insert_or_assign(*command.id, latest_);
}

void SuiteRecorder::take(const ScriptInstance& command) {
  const auto definition = command.module ? definitions_[*command.module] : latest_definition_;
  written_ = nullptr;
  latest_ = std::make_shared<Instance>(make_instance(definition));
  if (command.instance) instances_.insert_or_assign(*command.instance, latest_);
}

// --- calls ---------------------------------------------------------------------------------------

void SuiteRecorder::take(const Action& action, bool is_assert_return) {
  if (action.kind != Action::Kind::invoke) return;
  Instance* const instance = find(action.instance);
  if (instance != nullptr && instance->passenger) {
    call(*instance, action, is_assert_return);
  } else if (is_assert_return) {
    ++tally_.left_out[instance == nullptr ? "no module" : instance->missing];
  }
}

void SuiteRecorder::call(Instance& instance, const Action& action, bool is_assert_return) {
  const Begin begin = [&]() -> Result<Passenger> {
    auto passenger = instance.passenger->fork();
    if (!passenger) return passenger;
    const auto arguments = tool::wast::to_values(action.arguments);
    auto thread = passenger->process().start_thread(std::string_view(action.name), arguments);
    if (!thread) return std::unexpected(thread.error());
    passenger->set_thread(thread->id());
    return passenger;
  };
  const std::string name = fmt::format("{}:{} {}", script_, line_, action.name);
  auto recorded = record(name, begin, options_, random_);
  if (!recorded) {
    tally_.faults.push_back(fmt::format("{}: {}", name, recorded.error()));
    return;
  }
  write(instance, recorded->run);
  if (is_assert_return) ++tally_.asserted;
  if (!recorded->passenger.process().poisoned()) {
    instance.passenger.emplace(std::move(recorded->passenger));
  }
}

void SuiteRecorder::write(Instance& instance, const Run& run) {
  if (written_ != &instance) {
    const auto& bytes = instance.module->impl().data.bytes;
    pack_.write(CarriedModule{std::string(bytes.begin(), bytes.end())});
    written_ = &instance;
  }
  pack_.write(run);
  ++tally_.runs;
  tally_.stops += run.stops.size();
}

void SuiteRecorder::record_script(const std::string& name, const Script& script) {
  script_ = name;
  definitions_.clear();
  instances_.clear();
  latest_.reset();
  written_ = nullptr;
  for (const Command& command : script.commands) {
    line_ = command.line;
    if (const auto* module = std::get_if<ScriptModule>(&command.what)) take(*module);
    if (const auto* made = std::get_if<ScriptInstance>(&command.what)) take(*made);
    if (const auto* action = std::get_if<Action>(&command.what)) take(*action, false);
    if (const auto* assertion = std::get_if<AssertReturn>(&command.what)) {
      take(assertion->action, true);
    }
    if (const auto* assertion = std::get_if<AssertTrap>(&command.what)) {
      take(assertion->action, false);
    }
    if (const auto* assertion = std::get_if<AssertException>(&command.what)) {
      take(assertion->action, false);
    }
  }
}

}  // namespace fermata::test
