// Every way of running gives the same pauses: switch and goto, fusion on and off, optimized and
// debug.
//
// The debug lowering, without fusion, by the switch is the reference: there every operand lies in
// its own slot.
#include <string>

#include "tests/process/process_support.hpp"
#include "tests/process/random_program.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

constexpr std::uint64_t most_pauses = 60;

std::string name(const ExecutionOptions& mode) {
  return std::string(mode.dispatch == Dispatch::switch_ ? "switch" : "goto") +
         (mode.fusion ? ", fusion" : ", no fusion") +
         (mode.lowering == Lowering::debug ? ", debug" : ", optimized");
}

std::string line(const Values& values) {
  std::string text;
  for (const Value& value : values) text += to_string(value) + "; ";
  return text;
}

/// What can be seen of a paused thread, one line per frame. Of the frame that trapped only the
/// place is told: what it holds is not promised.
std::string describe(Thread thread) {
  std::string text;
  for (const Frame& frame : ok(thread.frames(all_frames))) {
    text += "  " + std::to_string(frame.function.value) + " at " + std::to_string(frame.offset);
    if (frame.at_safe_point) {
      text += " locals " + line(frame.locals) + " operands " + line(frame.operands);
    }
    text += '\n';
  }
  return text;
}

/// An answer to the host call, or values of what it throws, the same in every run.
Values answer(const ResultType& types, std::uint64_t pause) {
  Values values;
  for (const ValType result : types) {
    const std::uint64_t number = pause * 7 + values.size();
    if (result == i32) values.push_back(Value::u32(static_cast<std::uint32_t>(number)));
    if (result == i64) values.push_back(Value::u64(number));
    if (result == f32) values.push_back(Value::f32(static_cast<float>(number) / 4));
    if (result == f64) values.push_back(Value::f64(static_cast<double>(number) / 8));
  }
  return values;
}

/// Answers the host call that the thread waits for, if it does: one of nine by an exception, where
/// the module has one.
Outcome go_on(Process& process, const Module& module, std::uint64_t pause) {
  Thread thread = process.main_thread();
  const auto call = thread.pending_host_call();
  if (!call) return run(thread);
  const auto tag = process.tag(random_tag_name);
  if (tag && pause % 9 == 8) {
    return ok(thread.throw_exception(*tag, answer(random_tag_values, pause)));
  }
  const FuncIdx callee{static_cast<std::uint32_t>(call->number)};
  return run(thread, answer(module.function_type(callee).results, pause));
}

/// Everything that a run shows, pause by pause.
struct Story {
  std::vector<std::string> pauses;
  std::string end;
};

Story story(const Module& module, const ExecutionOptions& mode) {
  ProcessOptions options;
  options.execution = mode;
  auto process = ok(Process::create(module, in_order(), options));
  Thread thread = process.main_thread();
  Story told;
  told.pauses.push_back(describe(thread));
  for (std::uint64_t pause = 1; pause <= most_pauses; ++pause) {
    const Outcome outcome = go_on(process, module, pause);
    if (const auto* finished = std::get_if<Finished>(&outcome)) {
      told.end = "finished " + line({finished->results.begin(), finished->results.end()});
      break;
    }
    std::string seen = describe(thread);
    if (const auto* trapped = std::get_if<Trapped>(&outcome)) {
      told.end = "trapped " + std::string(to_string(trapped->trap)) + '\n' + seen;
      break;
    }
    if (const auto* threw = std::get_if<Threw>(&outcome)) {
      CHECK(threw->tag == ok(process.tag(random_tag_name)));
      told.end = "threw " + line({threw->values.begin(), threw->values.end()}) + '\n' + seen;
      break;
    }
    const auto& call = std::get<HostCall>(outcome);
    told.pauses.push_back(std::to_string(call.number) + ' ' +
                          line({call.arguments.begin(), call.arguments.end()}) + '\n' + seen);
  }
  if (const auto memory = process.memory()) {
    std::uint64_t sum = memory->size();
    for (const std::byte byte : ok(memory->view(0, memory->size()))) {
      sum = sum * 31 + std::to_integer<unsigned>(byte);
    }
    told.end += " memory " + std::to_string(sum);
  }
  for (const char* global : {"g0", "g1", "g2", "g3"}) {
    if (const auto value = process.global(global)) told.end += ' ' + to_string(*value);
  }
  return told;
}

/// Runs the program in every mode and compares; the reference's story.
Story expect_same_everywhere(const Module& module) {
  Story reference;
  for (const ExecutionOptions& mode : modes()) {
    INFO(name(mode));
    const Story told = story(module, mode);
    if (reference.pauses.empty()) {
      reference = told;
      continue;
    }
    REQUIRE(told.pauses.size() == reference.pauses.size());
    for (std::size_t i = 0; i < told.pauses.size(); ++i) {
      INFO("pause " << i);
      REQUIRE(told.pauses[i] == reference.pauses[i]);
    }
    REQUIRE(told.end == reference.end);
  }
  return reference;
}

}  // namespace

TEST_CASE("a pause shows operands that are constants, locals and results, in every mode") {
  // (func (param i32 i64) (local f64)
  //   (i32.const 5) (local.get 0) (local.get 1) (i64.add (local.get 1) (i64.const 1))
  //   (local.set 0 (i32.const 9)) (call $host) (drop) (drop) (drop) (drop))
  ModuleBuilder m;
  const FuncIdx host = m.import_func("", "", m.type({}, {}));
  const FuncIdx f = m.func(
      {i32, i64}, {},
      {i32_const(5), local_get(0), local_get(1), local_get(1), i64_const(1), op(WasmOp::i64_add),
       i32_const(9), local_set(0), call(host), drop(), drop(), drop(), drop()},
      {{1, f64}});
  m.export_func("_start", m.func({}, {}, {i32_const(3), i64_const(4), call(f)}));
  const Module module = load(m);
  for (const ExecutionOptions& mode : modes()) {
    INFO(name(mode));
    ProcessOptions options;
    options.execution = mode;
    auto process = ok(Process::create(module, in_order(), options));
    expect_call(process.main_thread(), 0);
    const auto frames = ok(process.main_thread().frames(all_frames));
    REQUIRE(frames.size() == 2);
    CHECK(frames[0].function == f);
    CHECK(frames[0].locals == Values{Value::i32(9), Value::i64(4), Value::f64(0)});
    CHECK(frames[0].operands == Values{Value::i32(5), Value::i32(3), Value::i64(4), Value::i64(5)});
    CHECK(frames[1].function_name == "_start");
    CHECK(frames[1].operands.empty());
  }
}

TEST_CASE("a pause 1,000 frames deep shows every frame right, in every mode") {
  // (func $down (param i32) (result i32)
  //   (i32.mul (i32.add (local.get 0) (i32.const 7))
  //     (if (result i32) (local.get 0) (then (call $down (i32.sub (local.get 0) (i32.const 1))))
  //                                    (else (call $host)))))
  ModuleBuilder m;
  const FuncIdx host = m.import_func("", "", m.type({}, {i32}));
  const FuncIdx down{1};
  m.func({i32}, {i32},
         {local_get(0), i32_const(7), op(WasmOp::i32_add), local_get(0), if_(i32), local_get(0),
          i32_const(1), op(WasmOp::i32_sub), call(down), else_(), call(host), end(),
          op(WasmOp::i32_or)});
  m.export_func("_start", m.func({}, {i32}, {i32_const(998), call(down)}));
  const Module module = load(m);
  for (const ExecutionOptions& mode : modes()) {
    INFO(name(mode));
    ProcessOptions options;
    options.execution = mode;
    auto process = ok(Process::create(module, in_order(), options));
    expect_call(process.main_thread(), 0);
    const auto frames = ok(process.main_thread().frames(all_frames));
    REQUIRE(frames.size() == 1000);
    for (std::int32_t i = 0; i < 999; ++i) {
      const Frame& frame = frames[static_cast<std::size_t>(i)];
      REQUIRE(frame.function == down);
      REQUIRE(frame.locals == Values{Value::i32(i)});
      REQUIRE(frame.operands == Values{Value::i32(i + 7)});
      REQUIRE(frame.offset == frames[i == 0 ? 0 : 1].offset);
    }
    CHECK(frames[999].function_name == "_start");
    CHECK(ok(process.main_thread().backtrace(all_frames)).size() == 1000);
    CHECK(expect_finish(process.main_thread(), {Value::i32(0)}) == Values{Value::i32(1023)});
  }
}

TEST_CASE("a host call with results between operands shows and keeps them in every mode") {
  // Two results land between operands that lie below and those pushed after.
  ModuleBuilder m;
  const FuncIdx host = m.import_func("", "", m.type({i64, i32}, {i32, i64}));
  m.export_func("_start",
                m.func({}, {i64},
                       {f64_const(0.5), i64_const(1), i32_const(2), call(host), i64_const(3),
                        op(WasmOp::i64_add), i64_const(4), i32_const(5), call(host), drop(), drop(),
                        local_set(0), drop(), drop(), local_get(0)},
                       {{1, i64}}));
  expect_same_everywhere(load(m));
}

TEST_CASE("a trap in the middle of fused instructions is where the debug lowering has it") {
  for (const WasmOp trapping : {WasmOp::i32_div_s, WasmOp::i32_rem_u}) {
    ModuleBuilder m;
    m.memory(1);
    m.export_func("_start", m.func({}, {i32},
                                   {i32_const(70000), local_set(0), i32_const(1), local_get(0),
                                    i32_const(4), op(WasmOp::i32_add), load(WasmOp::i32_load, 8),
                                    op(WasmOp::i32_add), i32_const(0), op(trapping)},
                                   {{1, i32}}));
    expect_same_everywhere(load(m));
  }
}

TEST_CASE("random programs pause with the same frames and end the same in every mode") {
  std::size_t pauses = 0, thrown = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    INFO("program " << seed);
    auto module = Module::load(random_program(seed).build());
    if (!module) FAIL(to_string(module.error()));
    const Story told = expect_same_everywhere(*module);
    pauses += told.pauses.size();
    if (told.end.starts_with("threw")) ++thrown;
  }
  // Or the programs show too little.
  CHECK(pauses > 2000);
  CHECK(thrown > 40);
}
