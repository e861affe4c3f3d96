// See script_runner.hpp.
#include "tools/fermata/wast/script_runner.hpp"

#include <fmt/format.h>

#include <array>

#include "lib/binary/decoder.hpp"
#include "lib/module/quoted.hpp"
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
  const auto* action = std::get_if<Action>(&command.what);
  if (action != nullptr && action->kind == Action::Kind::get) return "get";
  return command_names[command.what.index()];
}

/// The reference takes an expected message for a prefix of the actual one. Scripts also say more
/// than a trap does: "uninitialized element 2".
bool message_matches(std::string_view expected, std::string_view actual) {
  return actual.starts_with(expected) || expected.starts_with(actual);
}

std::string words(const Error& error) {
  return error.phase == Phase::usage ? error.message : fermata::to_string(error);
}

std::string words(const CallOutcome& outcome) {
  if (const Trap* trap = std::get_if<Trap>(&outcome)) {
    return fmt::format("trap: {}", to_string(*trap));
  }
  if (std::holds_alternative<Exception>(outcome)) return "an exception";
  return to_string(std::span<const Value>(std::get<std::vector<Value>>(outcome)));
}

std::string words(const Action& action) {
  std::string arguments;
  for (const Literal& literal : action.arguments) {
    arguments += fmt::format(" ({})", fermata::to_string(to_value(literal)));
  }
  const auto* kind = action.kind == Action::Kind::get ? "get" : "invoke";
  const auto instance =
      action.instance ? fmt::format(" ${}", shortened(*action.instance)) : std::string();
  return fmt::format("({}{} {}{})", kind, instance, quoted(action.name), arguments);
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

/// For what depends on a failure that has been reported.
template <class T>
Try<T> without_reason(const Try<T>& result, std::uint32_t line) {
  const bool has_failed = !result && std::holds_alternative<Failed>(result.error());
  return has_failed ? failed(fmt::format("the module of line {} has failed", line)) : result;
}

}  // namespace

ScriptRunner::ScriptRunner(const ScriptOptions& options)
    : options_(options), engine_(options.execution) {}

void ScriptRunner::run(const Script& script, Progress& progress) {
  for (const Command& command : script.commands) {
    progress.begin(command.line, name_of(command));
    progress.end(std::visit([this](const auto& c) { return judge(c); }, command.what));
  }
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
  if (found == by_name.end())
    return failed(fmt::format("there is no module ${}", shortened(*name)));
  return found->second;
}

// --- modules
// --------------------------------------------------------------------------------------

namespace {

enum class Purpose : std::uint8_t { judge, run };

Result<Module> load_module(const ScriptModule& module, Features features, Purpose purpose) {
  const auto& bytes = module.bytes;
  auto data = module.form == ScriptModule::Form::binary
                  ? decode({bytes.begin(), bytes.end()}, features)
                  : module.parse(features);
  if (!data) return std::unexpected(std::move(data.error()));
  const Features executable = purpose == Purpose::run ? Features::executable() : Features::all();
  return make_module(std::move(*data), features, {.executable = executable});
}

}  // namespace

Try<Module> ScriptRunner::load(const ScriptModule& module) {
  auto loaded = load_module(module, options_.features, Purpose::run);
  if (loaded) return std::move(*loaded);
  if (loaded.error().code != ErrorCode::unimplemented_feature) {
    return mismatch("a valid module", fermata::to_string(loaded.error()));
  }
  auto proposal = missing_proposal(module);
  note_skipped(module, proposal);
  return skipped(std::move(proposal));
}

/// The proposal that a module was refused for: what cannot be executed is switched off, one
/// proposal after the other, until the module is not even valid. Not one at a time, because a tag
/// needs either proposal for exceptions.
std::string ScriptRunner::missing_proposal(const ScriptModule& module) const {
  Features left = options_.features;
  for (std::uint8_t i = 0; i < feature_count; ++i) {
    const auto feature = static_cast<Feature>(i);
    if (Features::executable().has(feature) || !left.has(feature)) continue;
    left = left.without(feature);
    if (!load_module(module, left, Purpose::judge)) return std::string(to_string(feature));
  }
  return "unknown";
}

void ScriptRunner::note_skipped(const ScriptModule& module, const std::string& proposal) {
  const auto loaded = load_module(module, options_.features, Purpose::judge);
  if (!loaded) return;
  for (const Import& import : loaded->impl().data.imports) {
    const auto exporter = registered_.find(import.module);
    if (exporter != registered_.end() && exporter->second) *exporter->second->lacks = proposal;
  }
}

/// An instance that did not come about is no failure of the module that imports from it.
Verdict ScriptRunner::check_imports(const Module& module) const {
  for (const Import& import : module.impl().data.imports) {
    const auto exporter = registered_.find(import.module);
    if (exporter != registered_.end() && !exporter->second) return verdict_of(exporter->second);
  }
  return {};
}

auto ScriptRunner::instantiate(const Try<Module>& module) -> Try<Live> {
  if (!module) return std::unexpected(module.error());
  if (auto linkable = check_imports(*module); !linkable) {
    return std::unexpected(std::move(linkable.error()));
  }
  const auto instance = engine_.instantiate(*module);
  if (!instance) return mismatch("an instance", fermata::to_string(instance.error()));
  return Live{*instance};
}

Verdict ScriptRunner::judge(const ScriptModule& command) {
  const auto module = load(command);
  definitions_.add(command.id, without_reason(module, command.line));
  if (command.is_definition) return verdict_of(module);
  const auto instance = instantiate(module);
  instances_.add(command.id, without_reason(instance, command.line));
  return verdict_of(instance);
}

Verdict ScriptRunner::judge(const ScriptInstance& command) {
  auto instance = instantiate(definitions_.find(command.module));
  instances_.add(command.instance, instance);
  return verdict_of(instance);
}

Verdict ScriptRunner::judge(const Register& command) {
  const auto instance = instances_.find(command.instance);
  registered_.insert_or_assign(command.name, instance);
  if (instance) engine_.register_as(command.name, instance->instance);
  return verdict_of(instance);
}

// --- assertions about modules
// ---------------------------------------------------------------------

Verdict ScriptRunner::judge(const AssertModule& command) {
  switch (command.kind) {
    case AssertModule::Kind::malformed:
    case AssertModule::Kind::malformed_custom:
      return judge_refused(command, Phase::malformed);
    case AssertModule::Kind::invalid:
    case AssertModule::Kind::invalid_custom:
      return judge_refused(command, Phase::invalid);
    case AssertModule::Kind::unlinkable:
    case AssertModule::Kind::trap:
      break;
  }
  return judge_not_instantiated(command);
}

namespace {

/// Scripts older than a proposal assert that what it allows is invalid.
Features features_of(const AssertModule& command, Features features) {
  if (command.message == "multiple tables") return features.without(Feature::reference_types);
  if (command.message == "multiple memories") return features.without(Feature::multi_memory);
  return features;
}

/// Custom sections of a binary module are not judged: only the text format's annotations are.
bool is_about_section(const AssertModule& command) {
  return command.kind == AssertModule::Kind::invalid_custom &&
         std::get<ScriptModule>(command.module).form == ScriptModule::Form::binary;
}

}  // namespace

/// The wording is the engine's own, the judgement must be the specification's.
Verdict ScriptRunner::judge_refused(const AssertModule& command, Phase phase) const {
  if (is_about_section(command)) return skipped("branch-hinting");
  const auto expected = fmt::format("{}: {}", fermata::to_string(phase), command.message);
  const auto loaded = load_module(std::get<ScriptModule>(command.module),
                                  features_of(command, options_.features), Purpose::judge);
  if (loaded) return mismatch(expected, "a valid module");
  const Error& error = loaded.error();
  if (error.phase == phase && error.code != ErrorCode::implementation_limit) return {};
  return mismatch(expected, fermata::to_string(error));
}

Try<Module> ScriptRunner::module_of(const AssertModule& command) {
  if (const auto* instance = std::get_if<ScriptInstance>(&command.module)) {
    return definitions_.find(instance->module);
  }
  return load(std::get<ScriptModule>(command.module));
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

// --- actions
// --------------------------------------------------------------------------------------

Result<CallOutcome> ScriptRunner::perform(const Action& action, const Live& live) {
  if (action.kind == Action::Kind::invoke) {
    return engine_.call(live.instance, action.name, to_values(action.arguments));
  }
  const auto global = live.instance.global(action.name);
  if (!global) return std::unexpected(global.error());
  return std::vector{global->get()};
}

/// Does it, and lets `judge` say whether the outcome is right.
template <class Judge>
Verdict ScriptRunner::act(const Action& action, const Judge& judge) {
  const auto live = instances_.find(action.instance);
  if (!live) return verdict_of(live);
  const auto outcome = perform(action, *live);
  Verdict verdict = outcome ? judge(*outcome)
                            : failed(fmt::format("{}: {}", words(action), words(outcome.error())));
  if (!verdict && !live->lacks->empty()) return skipped(*live->lacks);
  return verdict;
}

Verdict ScriptRunner::judge(const Action& command) {
  return act(command, [&](const CallOutcome& outcome) -> Verdict {
    if (std::holds_alternative<std::vector<Value>>(outcome)) return {};
    return mismatch(command, "an end without a trap", words(outcome));
  });
}

Verdict ScriptRunner::judge(const AssertReturn& command) {
  return act(command.action, [&](const CallOutcome& outcome) -> Verdict {
    const auto* results = std::get_if<std::vector<Value>>(&outcome);
    if (results != nullptr && matches(command.results, *results)) return {};
    return mismatch(command.action, to_string(std::span<const Pattern>(command.results)),
                    words(outcome));
  });
}

Verdict ScriptRunner::expect_trap(const Action& action, std::string_view message) {
  return act(action, [&](const CallOutcome& outcome) -> Verdict {
    const Trap* trap = std::get_if<Trap>(&outcome);
    if (trap != nullptr && message_matches(message, fermata::to_string(*trap))) return {};
    return mismatch(action, fmt::format("trap: {}", message), words(outcome));
  });
}

Verdict ScriptRunner::judge(const AssertTrap& command) {
  return expect_trap(command.action, command.message);
}

Verdict ScriptRunner::judge(const AssertExhaustion& command) {
  return expect_trap(command.action, command.message);
}

Verdict ScriptRunner::judge(const AssertException& command) {
  return act(command.action, [&](const CallOutcome& outcome) -> Verdict {
    if (std::holds_alternative<Exception>(outcome)) return {};
    return mismatch(command.action, "an exception", words(outcome));
  });
}

// --- threads
// --------------------------------------------------------------------------------------

Verdict ScriptRunner::judge(const StartThread&) { return skipped("threads"); }

Verdict ScriptRunner::judge(const WaitThread&) { return skipped("threads"); }

}  // namespace fermata::tool::wast
