// See script_runner.hpp.
#include "tools/fermata/wast/script_runner.hpp"

#include <fmt/format.h>

#include "lib/binary/decoder.hpp"
#include "lib/validate/validate.hpp"
#include "tools/fermata/wast/script_values.hpp"

namespace fermata::tool::wast {
namespace {

using namespace text;

/// As scripts call it. In the order of Command::what.
constexpr std::array<std::string_view, 11> command_names = {
    "module",      "module instance",   "register",         "invoke",        "assert_return",
    "assert_trap", "assert_exhaustion", "assert_exception", "assert_module", "thread",
    "wait"};

/// In the order of AssertModule::Kind.
constexpr std::array<std::string_view, 6> module_assertions = {
    "assert_malformed",      "assert_malformed_custom", "assert_invalid",
    "assert_invalid_custom", "assert_unlinkable",       "assert_trap"};

std::string_view name_of(const Command& command) {
  if (const auto* assertion = std::get_if<AssertModule>(&command.what)) {
    return module_assertions[static_cast<std::size_t>(assertion->kind)];
  }
  return command_names[command.what.index()];
}

/// The reference takes an expected message for a prefix of the actual one. Scripts also say more
/// than a trap does: "uninitialized element 2".
bool message_matches(std::string_view expected, std::string_view actual) {
  return actual.starts_with(expected) || expected.starts_with(actual);
}

std::string words(const CallOutcome& outcome) {
  if (const Trap* trap = std::get_if<Trap>(&outcome)) {
    return fmt::format("trap: {}", to_string(*trap));
  }
  return to_string(std::span<const Value>(std::get<std::vector<Value>>(outcome)));
}

std::string words(const Action& action) {
  std::string arguments;
  for (const Literal& literal : action.arguments) {
    arguments += fmt::format(" ({})", fermata::to_string(to_value(literal)));
  }
  const auto* kind = action.kind == Action::Kind::get ? "get" : "invoke";
  const auto instance = action.instance ? fmt::format(" ${}", *action.instance) : std::string();
  return fmt::format("({}{} \"{}\"{})", kind, instance, action.name, arguments);
}

std::unexpected<NotPassed> mismatch(std::string_view expected, std::string_view got) {
  return failed(fmt::format("expected {}, got {}", expected, got));
}

std::unexpected<NotPassed> mismatch(const Action& action, std::string_view expected,
                                    std::string_view got) {
  return failed(fmt::format("{}: expected {}, got {}", words(action), expected, got));
}

template <class T>
Verdict verdict_of(const Try<T>& result) {
  if (result) return {};
  return std::unexpected(result.error());
}

}  // namespace

ScriptRunner::ScriptRunner(const ScriptOptions& options)
    : options_(options), engine_(options.execution) {}

std::vector<CommandReport> ScriptRunner::run(const Script& script) {
  std::vector<CommandReport> reports;
  reports.reserve(script.commands.size());
  for (const Command& command : script.commands) {
    reports.push_back({command.line, name_of(command),
                       std::visit([this](const auto& c) { return judge(c); }, command.what)});
  }
  return reports;
}

template <class T>
void ScriptRunner::Named<T>::add(const std::optional<std::string>& name, Try<T> thing) {
  if (name) by_name.insert_or_assign(*name, thing);
  latest = std::move(thing);
}

template <class T>
Try<T> ScriptRunner::Named<T>::find(const std::optional<std::string>& name) const {
  if (!name) return latest ? *latest : failed("there is no module yet");
  const auto found = by_name.find(*name);
  if (found == by_name.end()) return failed(fmt::format("there is no module ${}", *name));
  return found->second;
}

// --- modules --------------------------------------------------------------------------------------

Result<Module> ScriptRunner::load(const ScriptModule& module, bool to_run) const {
  const auto& bytes = module.bytes;
  auto data = module.form == ScriptModule::Form::binary
                  ? decode({bytes.begin(), bytes.end()}, options_.features)
                  : module.parse(options_.features);
  if (!data) return std::unexpected(std::move(data.error()));
  return make_module(std::move(*data), options_.features, {.refuse_unimplemented = to_run});
}

Try<Module> ScriptRunner::load_to_run(const ScriptModule& module) const {
  auto loaded = load(module, true);
  if (loaded) return std::move(*loaded);
  if (loaded.error().code == ErrorCode::unimplemented_feature) {
    return skipped(missing_proposal(module));
  }
  return mismatch("a valid module", fermata::to_string(loaded.error()));
}

/// The proposal that a module was refused for is the one without which it is refused otherwise.
std::string ScriptRunner::missing_proposal(const ScriptModule& module) const {
  ScriptRunner other({options_.features, options_.execution});
  for (std::uint8_t i = 0; i < feature_count; ++i) {
    const auto feature = static_cast<Feature>(i);
    if (Features::executable().has(feature) || !options_.features.has(feature)) continue;
    other.options_.features = options_.features.without(feature);
    const auto loaded = other.load(module, true);
    if (!loaded && loaded.error().code != ErrorCode::unimplemented_feature) {
      return std::string(to_string(feature));
    }
  }
  return "unknown";
}

/// What cannot be there now is no failure of the module that imports it.
Verdict ScriptRunner::check_imports(const Module& module) const {
  for (const Import& import : module.impl().data.imports) {
    const auto found = not_registered_.find(import.module);
    if (found != not_registered_.end()) return std::unexpected(found->second);
  }
  return {};
}

Try<Instance*> ScriptRunner::instantiate(const Try<Module>& module) {
  if (!module) return std::unexpected(module.error());
  if (auto linkable = check_imports(*module); !linkable) {
    return std::unexpected(std::move(linkable.error()));
  }
  auto instance = engine_.instantiate(*module);
  if (!instance) return mismatch("an instance", fermata::to_string(instance.error()));
  return *instance;
}

Verdict ScriptRunner::judge(const ScriptModule& command) {
  auto module = load_to_run(command);
  definitions_.add(command.id, module);
  if (command.is_definition) return verdict_of(module);
  auto instance = instantiate(module);
  instances_.add(command.id, instance);
  return verdict_of(instance);
}

Verdict ScriptRunner::judge(const ScriptInstance& command) {
  auto instance = instantiate(definitions_.find(command.module));
  instances_.add(command.instance, instance);
  return verdict_of(instance);
}

Verdict ScriptRunner::judge(const Register& command) {
  const auto instance = instances_.find(command.instance);
  if (!instance) {
    not_registered_.insert_or_assign(command.name, instance.error());
    return std::unexpected(instance.error());
  }
  not_registered_.erase(command.name);
  engine_.register_as(command.name, *instance);
  return {};
}

// --- assertions about modules ---------------------------------------------------------------------

Verdict ScriptRunner::judge(const AssertModule& command) {
  switch (command.kind) {
    case AssertModule::Kind::malformed:
    case AssertModule::Kind::malformed_custom: return judge_refused(command, Phase::malformed);
    case AssertModule::Kind::invalid:
    case AssertModule::Kind::invalid_custom: return judge_refused(command, Phase::invalid);
    case AssertModule::Kind::unlinkable:
    case AssertModule::Kind::trap: break;
  }
  return judge_not_instantiated(command);
}

/// The wording is the engine's own, the judgement must be the specification's.
Verdict ScriptRunner::judge_refused(const AssertModule& command, Phase phase) const {
  const auto expected = fmt::format("{}: {}", fermata::to_string(phase), command.message);
  const auto loaded = load(std::get<ScriptModule>(command.module), false);
  if (loaded) return mismatch(expected, "a valid module");
  const Error& error = loaded.error();
  if (error.phase == phase && error.code != ErrorCode::implementation_limit) return {};
  return mismatch(expected, fermata::to_string(error));
}

Try<Module> ScriptRunner::module_of(const AssertModule& command) const {
  if (const auto* instance = std::get_if<ScriptInstance>(&command.module)) {
    return definitions_.find(instance->module);
  }
  return load_to_run(std::get<ScriptModule>(command.module));
}

Verdict ScriptRunner::judge_not_instantiated(const AssertModule& command) {
  const auto module = module_of(command);
  if (!module) return std::unexpected(module.error());
  if (auto linkable = check_imports(*module); !linkable) return linkable;
  const auto phase =
      command.kind == AssertModule::Kind::unlinkable ? Phase::unlinkable : Phase::trap;
  const auto expected = fmt::format("{}: {}", fermata::to_string(phase), command.message);
  const auto instance = engine_.instantiate(*module);
  if (instance) return mismatch(expected, "an instance");
  const Error& error = instance.error();
  if (error.phase == phase && message_matches(command.message, error.message)) return {};
  return mismatch(expected, fermata::to_string(error));
}

// --- actions --------------------------------------------------------------------------------------

Try<CallOutcome> ScriptRunner::perform(const Action& action) {
  const auto instance = instances_.find(action.instance);
  if (!instance) return std::unexpected(instance.error());
  if (action.kind == Action::Kind::get) {
    const auto value = engine_.get(**instance, action.name);
    if (value) return std::vector{*value};
    return failed(fmt::format("{}: {}", words(action), fermata::to_string(value.error())));
  }
  auto outcome = engine_.call(**instance, action.name, to_values(action.arguments));
  if (outcome) return std::move(*outcome);
  return failed(fmt::format("{}: {}", words(action), fermata::to_string(outcome.error())));
}

Verdict ScriptRunner::judge(const Action& command) {
  const auto outcome = perform(command);
  if (!outcome) return std::unexpected(outcome.error());
  if (!std::holds_alternative<Trap>(*outcome)) return {};
  return mismatch(command, "an end without a trap", words(*outcome));
}

Verdict ScriptRunner::judge(const AssertReturn& command) {
  const auto outcome = perform(command.action);
  if (!outcome) return std::unexpected(outcome.error());
  const auto* results = std::get_if<std::vector<Value>>(&*outcome);
  if (results != nullptr && matches(command.results, *results)) return {};
  return mismatch(command.action, to_string(std::span<const Pattern>(command.results)),
                  words(*outcome));
}

Verdict ScriptRunner::expect_trap(const Action& action, std::string_view message) {
  const auto outcome = perform(action);
  if (!outcome) return std::unexpected(outcome.error());
  const Trap* trap = std::get_if<Trap>(&*outcome);
  if (trap != nullptr && message_matches(message, fermata::to_string(*trap))) return {};
  return mismatch(action, fmt::format("trap: {}", message), words(*outcome));
}

Verdict ScriptRunner::judge(const AssertTrap& command) {
  return expect_trap(command.action, command.message);
}

Verdict ScriptRunner::judge(const AssertExhaustion& command) {
  return expect_trap(command.action, command.message);
}

Verdict ScriptRunner::judge(const AssertException& command) {
  const auto outcome = perform(command.action);
  if (!outcome) return std::unexpected(outcome.error());
  return mismatch(command.action, "an exception", words(*outcome));
}

// --- threads --------------------------------------------------------------------------------------

Verdict ScriptRunner::judge(const StartThread&) { return skipped("threads"); }

Verdict ScriptRunner::judge(const WaitThread&) { return skipped("threads"); }

}  // namespace fermata::tool::wast
