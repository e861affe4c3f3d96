// What looking at frames costs, counted in lowerings, never in time: one for each function, however
// many of its call sites there are.
#include "interp/process/frame_map.hpp"

#include <numeric>

#include "tests/support/catch.hpp"
#include "tests/support/module_builder.hpp"
#include "tests/support/pausing_run.hpp"

namespace fermata::test {
namespace {

constexpr std::uint32_t sites = 30'000;
/// From one call site to the next: `end`, `local.get`, `i32.const 1`, `i32.sub`, `call`, `return`.
constexpr std::uint64_t site_bytes = 1 + 2 + 2 + 1 + 2 + 1;

/// A function that calls itself from each of its 30,000 call sites, the last one first, and then
/// the host.
///
///     (func $f (param i32)
///       (block ... (block (br_table 0 1 ... (local.get 0)))
///         (call $f (i32.sub (local.get 0) (i32.const 1))) (return)) ...
///       (call $host))
Bytes many_sites() {
  ModuleBuilder m;
  const FuncIdx host = m.import_func("", "host", m.type({}, {}));
  const FuncIdx f{1};
  std::vector<std::uint32_t> labels(sites);
  std::iota(labels.begin(), labels.end(), 0);
  Body body(sites + 1, block());
  body.insert(body.end(), {local_get(0), br_table(labels, sites)});
  for (std::uint32_t i = 0; i < sites; ++i) {
    body.insert(body.end(),
                {end(), local_get(0), i32_const(1), op(WasmOp::i32_sub), call(f), return_()});
  }
  body.insert(body.end(), {end(), call(host)});
  m.func({i32}, {}, body);
  m.export_func("_start", m.func({}, {}, {i32_const(sites - 1), call(f)}));
  return m.build();
}

ExecutionOptions large_stack(Lowering lowering = Lowering::optimized, bool fusion = true) {
  ExecutionOptions options;
  options.lowering = lowering;
  options.fusion = fusion;
  options.max_stack_bytes = std::size_t{64} << 20;
  return options;
}

}  // namespace

TEST_CASE("30,000 call sites of one function are explained by one lowering of it") {
  const Bytes bytes = many_sites();
  for (const ExecutionOptions& options :
       {large_stack(), large_stack(Lowering::optimized, false), large_stack(Lowering::debug)}) {
    PausingRun run(bytes, options);
    REQUIRE(run.run() == PausingRun::Pause::host_call);
    FrameMap map = run.frame_map();
    const std::vector<TraceEntry> trace = map.trace(all_frames);
    CHECK(map.lowerings() == 2);  // of $f and of _start
    REQUIRE(trace.size() == sites + 2);
    for (std::size_t i = 2; i <= sites; ++i) {
      REQUIRE(trace[i].function == FuncIdx{1});
      REQUIRE(trace[i].offset == trace[1].offset + (i - 1) * site_bytes);
    }
    CHECK(trace[sites + 1].function_name == "_start");
  }
}

TEST_CASE("30,000 call sites with their values are explained by one lowering as well") {
  PausingRun run(many_sites(), large_stack());
  REQUIRE(run.run() == PausingRun::Pause::host_call);
  FrameMap map = run.frame_map();
  const std::vector<Frame> frames = map.frames(all_frames);
  CHECK(map.lowerings() == 2);
  REQUIRE(frames.size() == sites + 2);
  for (std::uint32_t i = 0; i <= sites; ++i) {
    REQUIRE(frames[i].locals == std::vector{Value::u32(i - 1)});
    REQUIRE(frames[i].operands.empty());
  }
}

TEST_CASE("Only functions are lowered that have frames which were asked for") {
  PausingRun run(many_sites(), large_stack());
  REQUIRE(run.run() == PausingRun::Pause::host_call);
  FrameMap map = run.frame_map();
  CHECK(map.count() == sites + 2);
  CHECK(map.trace(0).empty());
  CHECK(map.lowerings() == 0);
  CHECK(map.trace(20).size() == 20);
  CHECK(map.lowerings() == 1);
  CHECK(map.trace(1, sites + 1).front().function == FuncIdx{2});
  CHECK(map.lowerings() == 2);
  CHECK(map.trace(all_frames, sites + 2).empty());
  CHECK(map.lowerings() == 2);
}

TEST_CASE("A call_indirect that has called both its own function and the host is explained twice") {
  // (func $f (param i32) (call_indirect (i32.sub (local.get 0) (i32.const 1)) (local.get 0)))
  ModuleBuilder m;
  const TypeIdx type = m.type({i32}, {});
  const FuncIdx host = m.import_func("", "host", type);
  const FuncIdx f{1};
  m.func(type,
         {local_get(0), i32_const(1), op(WasmOp::i32_sub), local_get(0), call_indirect(type)});
  m.table({funcref, {3, 3}});
  m.elem({{i32_const(0)}, 0}, {host, f, f});
  m.export_func("_start", m.func({}, {}, {i32_const(2), call(f)}));
  for (const ExecutionOptions& options : {large_stack(), large_stack(Lowering::debug)}) {
    PausingRun run(m.build(), options);
    REQUIRE(run.run() == PausingRun::Pause::host_call);
    FrameMap map = run.frame_map();
    const auto frames = map.frames(all_frames);
    CHECK(map.lowerings() == 2);
    REQUIRE(frames.size() == 4);
    for (std::int32_t i = 0; i < 3; ++i) {
      const Frame& frame = frames[static_cast<std::size_t>(i)];
      CHECK(frame.function == f);
      CHECK(frame.offset == frames[0].offset);
      CHECK(frame.locals == std::vector{Value::i32(i)});
    }
  }
}

}  // namespace fermata::test
