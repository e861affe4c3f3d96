// See script_runner.hpp.
#include "tools/fermata/wast/script_runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "fermata/limits.hpp"
#include "lib/binary/decoder.hpp"
#include "lib/module/quoted.hpp"
#include "lib/validate/validate.hpp"
#include "tools/fermata/wast/branch_hints.hpp"
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
    : root_(this), options_(options), engine_(options.execution) {}

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

Result<Module> load_module(const ScriptModule& module, Features features) {
  const auto& bytes = module.bytes;
  auto data = module.form == ScriptModule::Form::binary
                  ? decode({bytes.begin(), bytes.end()}, features)
                  : module.parse(features);
  if (!data) return std::unexpected(std::move(data.error()));
  return make_module(std::move(*data), features);
}

}  // namespace

Try<Module> ScriptRunner::load(const ScriptModule& module) {
  auto loaded = load_module(module, options_.features);
  if (loaded) return std::move(*loaded);
  return mismatch("a valid module", fermata::to_string(loaded.error()));
}

/// An instance that did not come about is no failure of the module that imports from it.
Verdict ScriptRunner::check_imports(const Module& module) const {
  for (const Import& import : module.impl().data.imports) {
    const auto exporter = registered_.find(import.module);
    if (exporter != registered_.end() && !exporter->second) return verdict_of(exporter->second);
  }
  return {};
}

auto ScriptRunner::instantiate(const Try<Module>& module) -> Try<InstanceRef> {
  if (!module) return std::unexpected(module.error());
  if (auto linkable = check_imports(*module); !linkable) {
    return std::unexpected(std::move(linkable.error()));
  }
  const auto instance = engine_.instantiate(*module);
  if (!instance) return mismatch("an instance", fermata::to_string(instance.error()));
  return *instance;
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
  if (instance) engine_.register_as(command.name, *instance);
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

}  // namespace

/// The wording is the engine's own, the judgement must be the specification's.
Verdict ScriptRunner::judge_refused(const AssertModule& command, Phase phase) const {
  const auto expected = fmt::format("{}: {}", fermata::to_string(phase), command.message);
  const auto loaded =
      load_module(std::get<ScriptModule>(command.module), features_of(command, options_.features));
  if (loaded && command.kind == AssertModule::Kind::invalid_custom) {
    if (wrong_branch_hint(*loaded)) return {};
  }
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

Result<Called> ScriptRunner::perform(const Action& action, const InstanceRef& instance) {
  if (action.kind == Action::Kind::invoke) {
    return engine_.call(instance, action.name, to_values(action.arguments));
  }
  const auto global = instance.global(action.name);
  if (!global) return std::unexpected(global.error());
  return CallOutcome(std::vector{global->get()});
}

/// Does it, and lets `judge` say whether the outcome is right.
template <class Judge>
auto ScriptRunner::act(const Action& action, Judge judge) -> Judgement {
  const auto instance = instances_.find(action.instance);
  if (!instance) return verdict_of(instance);
  const auto judge_outcome = [&action, judge](const Result<CallOutcome>& outcome) -> Verdict {
    if (outcome) return judge(*outcome);
    return failed(fmt::format("{}: {}", words(action), words(outcome.error())));
  };
  const auto called = perform(action, *instance);
  if (!called) return judge_outcome(std::unexpected(called.error()));
  if (const auto* outcome = std::get_if<CallOutcome>(&*called)) return judge_outcome(*outcome);
  suspended_ = {std::get<Thread>(*called), {}, judge_outcome};
  suspend(suspended_->thread);
  return std::nullopt;
}

auto ScriptRunner::judge(const Action& command) -> Judgement {
  return act(command, [&command](const CallOutcome& outcome) -> Verdict {
    if (std::holds_alternative<std::vector<Value>>(outcome)) return {};
    return mismatch(command, "an end without a trap", words(outcome));
  });
}

auto ScriptRunner::judge(const AssertReturn& command) -> Judgement {
  return act(command.action, [&command](const CallOutcome& outcome) -> Verdict {
    const auto* results = std::get_if<std::vector<Value>>(&outcome);
    if (results != nullptr && matches(command.results, *results)) return {};
    return mismatch(command.action, to_string(std::span<const Pattern>(command.results)),
                    words(outcome));
  });
}

auto ScriptRunner::expect_trap(const Action& action, std::string_view message) -> Judgement {
  return act(action, [&action, message](const CallOutcome& outcome) -> Verdict {
    const Trap* trap = std::get_if<Trap>(&outcome);
    if (trap != nullptr && message_matches(message, fermata::to_string(*trap))) return {};
    return mismatch(action, fmt::format("trap: {}", message), words(outcome));
  });
}

auto ScriptRunner::judge(const AssertTrap& command) -> Judgement {
  return expect_trap(command.action, command.message);
}

auto ScriptRunner::judge(const AssertExhaustion& command) -> Judgement {
  return expect_trap(command.action, command.message);
}

auto ScriptRunner::judge(const AssertException& command) -> Judgement {
  return act(command.action, [&command](const CallOutcome& outcome) -> Verdict {
    if (std::holds_alternative<Exception>(outcome)) return {};
    return mismatch(command.action, "an exception", words(outcome));
  });
}

// --- threads
// --------------------------------------------------------------------------------------

ScriptRunner::ScriptRunner(ScriptRunner& root, const StartThread& thread)
    : root_(&root),
      options_(root.options_),
      engine_(root.engine_.beside()),
      commands_(thread.commands) {}

Verdict ScriptRunner::judge(const StartThread& command) {
  if (root_->threads_.size() == limits::script_threads) {
    return failed(fmt::format("more than {} threads in a script", limits::script_threads));
  }
  std::unique_ptr<ScriptRunner> thread(new ScriptRunner(*root_, command));
  for (const std::string& name : command.shared) {
    const auto instance = instances_.find(name);
    if (!instance) return verdict_of(instance);
    thread->instances_.add(name, instance);
  }
  children_.insert_or_assign(command.id, thread.get());
  root_->threads_.push_back(std::move(thread));
  return {};
}

auto ScriptRunner::judge(const WaitThread& command) -> Judgement {
  const auto child = children_.find(command.id);
  if (child == children_.end()) {
    return failed(fmt::format("there is no thread ${}", shortened(command.id)));
  }
  return child->second->is_done() ? Judgement(Verdict{}) : std::nullopt;
}

void ScriptRunner::run(const Script& script, Progress& progress) {
  commands_ = script.commands;
  while (step(progress)) {
  }
  while (!is_done() || !std::ranges::all_of(threads_, &ScriptRunner::is_done)) {
    run_threads(progress);
  }
}

/// Each goes on as far as it can, the script itself last: it mostly waits for them.
void ScriptRunner::run_threads(Progress& progress) {
  has_run_ = false;
  for (std::size_t i = 0; i < threads_.size(); ++i) {  // they may start more
    while (threads_[i]->step(progress)) {
    }
  }
  while (step(progress)) {
  }
  if (!has_run_) end_waits(progress);
}

/// Judges the next command; whether that has ended.
bool ScriptRunner::step(Progress& progress) {
  if (is_done()) return false;
  const Command& command = commands_[next_];
  progress.begin(command.line, name_of(command));
  auto verdict = judge_next();
  if (!verdict) return false;
  progress.end(std::move(*verdict));
  root_->has_run_ = true;
  ++next_;
  return true;
}

auto ScriptRunner::judge_next() -> Judgement {
  if (!suspended_) {
    return std::visit([this](const auto& c) { return Judgement(judge(c)); }, commands_[next_].what);
  }
  if (suspended_->thread.state() == ThreadState::waiting_for_notify) return std::nullopt;
  root_->has_run_ = true;
  const auto called = engine_.go_on(suspended_->thread);
  if (called && std::holds_alternative<Thread>(*called)) {
    suspend(suspended_->thread);
    return std::nullopt;
  }
  const auto judge = std::move(suspended_->judge);
  suspended_.reset();
  if (!called) return judge(std::unexpected(called.error()));
  return judge(std::get<CallOutcome>(*called));
}

/// The thread of the next command's call has begun to wait.
void ScriptRunner::suspend(Thread thread) {
  root_->has_run_ = true;
  const auto timeout = thread.pending_wait().value_or(Waiting{}).timeout;
  const std::uint64_t now = root_->clock_;
  suspended_->deadline.reset();
  if (timeout) suspended_->deadline = now + std::min(*timeout, UINT64_MAX - now);
}

/// Nothing goes on by itself: the clock jumps to the next deadline. If there is none, the first has
/// failed. Whoever is not done has a call that waits, or waits for a thread that is not done.
void ScriptRunner::end_waits(Progress& progress) {
  std::vector<ScriptRunner*> waiting;
  if (suspended_) waiting.push_back(this);
  for (const auto& thread : threads_) {
    if (thread->suspended_) waiting.push_back(thread.get());
  }
  std::optional<std::uint64_t> next;
  for (const ScriptRunner* runner : waiting) {
    const auto deadline = runner->suspended_->deadline;
    if (deadline && (!next || *deadline < *next)) next = deadline;
  }
  if (!next) return waiting.front()->give_up(progress);
  clock_ = *next;
  for (const ScriptRunner* runner : waiting) {
    if (runner->suspended_->deadline == next) {
      static_cast<void>(Thread(runner->suspended_->thread).time_out());
    }
  }
}

void ScriptRunner::give_up(Progress& progress) {
  engine_.drop(suspended_->thread);
  suspended_.reset();
  progress.begin(commands_[next_].line, name_of(commands_[next_]));
  progress.end(failed("it waits for ever"));
  ++next_;
}

}  // namespace fermata::tool::wast
