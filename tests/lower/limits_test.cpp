// Functions at the edges of what the lowering takes, and work that must not grow faster than they
// do.
//
// Work is counted in words of register code, never in time.
#include "interp/lower/disassemble.hpp"
#include "interp/lower/lowerer.hpp"
#include "lib/module/module_impl.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/differential.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata::test {
namespace {

/// A module whose `_start` is this body.
Module start_of(const Body& body, const ResultType& results = {},
                const std::vector<LocalRun>& locals = {}) {
  ModuleBuilder m;
  m.export_func("_start", m.func({}, results, body, locals));
  auto module = Module::load(m.build());
  if (!module) FAIL(to_string(module.error()));
  return *module;
}

/// How many words the module's last function lowers to, optimized and with fusion.
std::size_t words_of(const Module& module) {
  CodeCache& cache = CodeCache::of(module.impl(), CodeMode{.fusion = true, .debug = false});
  return Lowerer(cache).lower(FuncIdx{module.function_count() - 1}).size();
}

void expect_no_difference(const Module& module) {
  const auto difference = find_difference(module);
  if (difference) FAIL(*difference);
}

/// The line of the reference's story that tells how the run ended.
std::string ending(const Module& module) {
  for (const std::string& line : tell(module, all_modes().front())) {
    if (line.starts_with("finished") || line.starts_with("trapped")) return line;
  }
  return "did not end";
}

void repeat(Body& body, std::size_t count, const Body& part) {
  for (std::size_t i = 0; i < count; ++i) body.insert(body.end(), part.begin(), part.end());
}

}  // namespace

TEST_CASE("blocks nested 5,000 deep run, and a branch leaves them all") {
  constexpr std::uint32_t depth = 5000;
  Body body;
  repeat(body, depth, {block(i32)});
  repeat(body, 1, {i32_const(7), br(depth - 1)});
  repeat(body, depth, {end()});
  const Module module = start_of(body, {i32});
  expect_no_difference(module);
  CHECK(ending(module) == "finished i32 0x7, ");
}

TEST_CASE("loops and ifs nested 2,000 deep run") {
  constexpr std::uint32_t depth = 2000;
  Body body;
  repeat(body, depth, {loop(), i32_const(1), if_()});
  repeat(body, depth, {end(), end()});
  repeat(body, 1, {i32_const(3)});
  const Module module = start_of(body, {i32});
  expect_no_difference(module);
  CHECK(ending(module) == "finished i32 0x3, ");
}

TEST_CASE("a br_table of 60,000 entries takes one word for each") {
  constexpr std::uint32_t entries = 60'000;
  Bytes labels = leb_u(entries);
  for (std::uint32_t i = 0; i <= entries; ++i) labels.push_back(i % 2 == 0 ? 0 : 1);
  Bytes instruction = op(WasmOp::br_table).bytes;
  instruction.insert(instruction.end(), labels.begin(), labels.end());
  for (const std::int32_t index : {0, 1, 59'999, 60'000, -1}) {
    const Module module = start_of({block(), block(), i32_const(index), Code{instruction}, end(),
                                    i32_const(10), return_(), end(), i32_const(11)},
                                   {i32});
    CHECK(words_of(module) < entries + 20);
    const bool even = index < 0 || index % 2 == 0;
    CHECK(ending(module) == (even ? "finished i32 0xa, " : "finished i32 0xb, "));
    if (index == 0) expect_no_difference(module);
  }
}

TEST_CASE("a br_table of 2^20 entries goes where each says, and past them to the last") {
  constexpr std::uint32_t entries = 1u << 20;
  Bytes instruction = op(WasmOp::br_table).bytes;
  const Bytes count = leb_u(entries);
  instruction.insert(instruction.end(), count.begin(), count.end());
  instruction.resize(instruction.size() + entries + 1);
  instruction[instruction.size() - 2] = 1;  // the last entry but the default
  for (const std::uint32_t index : {0u, entries - 2, entries - 1, entries, 0xFFFF'FFFF}) {
    const Module module =
        start_of({block(), block(), i32_const(static_cast<std::int32_t>(index)), Code{instruction},
                  end(), i32_const(10), return_(), end(), i32_const(11)},
                 {i32});
    CHECK(ending(module) == (index == entries - 1 ? "finished i32 0xb, " : "finished i32 0xa, "));
  }
}

TEST_CASE("a br_table whose entries need operands moved has one stub for each target") {
  // Two labels, thousands of entries: the values move in two places only.
  constexpr std::uint32_t entries = 4000;
  Bytes labels = leb_u(entries);
  for (std::uint32_t i = 0; i <= entries; ++i) labels.push_back(i % 2 == 0 ? 0 : 1);
  Bytes instruction = op(WasmOp::br_table).bytes;
  instruction.insert(instruction.end(), labels.begin(), labels.end());
  const Module module =
      start_of({block(i32), block(i32), i32_const(1), i32_const(2), i32_const(3), Code{instruction},
                end(), i32_const(10), op(WasmOp::i32_add), end()},
               {i32});
  CHECK(words_of(module) < entries + 30);
  expect_no_difference(module);
  CHECK(ending(module) == "finished i32 0x2, ");
}

TEST_CASE("a function with 50,000 locals uses the last ones") {
  constexpr std::uint32_t count = 50'000;
  const Module module = start_of(
      {i32_const(5), local_set(count - 1), local_get(count - 1), local_get(0), op(WasmOp::i32_sub),
       local_tee(count - 2), local_get(count - 1), op(WasmOp::i32_add)},
      {i32}, {{count, i32}});
  expect_no_difference(module);
  CHECK(ending(module) == "finished i32 0xa, ");
}

TEST_CASE("a local far behind others of all types is where they end") {
  std::vector<LocalRun> locals;
  for (int i = 0; i < 300; ++i) {
    locals.push_back({1, i64});
    locals.push_back({2, i32});
  }
  const auto number = [](std::uint32_t run) { return 3 * run + 2; };  // a run's last local
  Body body;
  for (std::uint32_t run = 0; run < 300; ++run) {
    repeat(body, 1, {i32_const(static_cast<std::int32_t>(run)), local_set(number(run))});
  }
  repeat(body, 1,
         {i64_const(-1), local_set(number(298) + 1), local_get(number(298)), local_get(number(40)),
          op(WasmOp::i32_sub), local_get(number(299)), op(WasmOp::i32_mul), local_get(number(43)),
          op(WasmOp::i32_add)});
  const Module module = start_of(body, {i32}, locals);
  expect_no_difference(module);
  CHECK(ending(module) == "finished i32 0x12d81, ");  // (298 - 40) * 299 + 43 = 77,185
}

TEST_CASE("locals that are declared and not used cost no listing anything") {
  ModuleBuilder m;
  for (int i = 0; i < 100'000; ++i) m.func({}, {}, {}, {{50'000, i32}});
  const auto module = Module::load(m.build());
  REQUIRE(module);
  TextSink out(max_text_size(module->impl().data.bytes.size()));
  Disassembler disassembler(*module, CodeMode{.fusion = true, .debug = false});
  for (std::uint32_t i = 0; i < module->function_count(); ++i) disassembler.list(FuncIdx{i}, out);
  CHECK(out.finish().has_value());
  CHECK(out.take().size() < 100'000 * 60);
}

TEST_CASE("a listing is cut off where there is no room for more") {
  Body body;
  repeat(body, 1'000, {nop()});
  const Module module = start_of(body);
  TextSink out(1'000);
  Disassembler(module, CodeMode{.fusion = true, .debug = false}).list(FuncIdx{0}, out);
  CHECK(out.full());
  CHECK(out.take().size() <= 1'000);
}

namespace {

/// 49,000 locals and so many operands.
Bytes large_frame(std::size_t operands) {
  Body body;
  repeat(body, operands, {local_get(48'999)});
  repeat(body, operands - 1, {op(WasmOp::i32_or)});
  ModuleBuilder m;
  m.export_func("_start", m.func({}, {i32}, body, {{49'000, i32}}));
  return m.build();
}

}  // namespace

TEST_CASE("a frame of more slots than an instruction can name is refused, one below runs") {
  const auto below = Module::load(large_frame(10'000));
  REQUIRE(below);
  expect_no_difference(*below);
  CHECK(ending(*below) == "finished i32 0x0, ");
  const auto above = Module::load(large_frame(20'000));
  REQUIRE_FALSE(above);
  CHECK(above.error().code == ErrorCode::implementation_limit);
}

namespace {

/// `pending` references to a local, then as many changes of it: each reference moves at most once.
std::size_t words_of_pending(std::size_t pending) {
  Body body;
  repeat(body, pending, {local_get(0)});
  repeat(body, pending, {i32_const(1), local_set(0)});
  repeat(body, pending - 1, {op(WasmOp::i32_add)});
  const Module module = start_of(body, {i32}, {{1, i32}});
  return words_of(module);
}

/// References pending under blocks, one in another.
std::size_t words_of_blocks(std::size_t count) {
  Body body;
  for (std::size_t i = 0; i < count; ++i) repeat(body, 1, {local_get(0), block()});
  for (std::size_t i = 0; i < count; ++i) repeat(body, 1, {end(), local_set(0)});
  return words_of(start_of(body, {}, {{1, i32}}));
}

/// Calls with operands pending below all of them.
std::size_t words_of_calls(std::size_t count) {
  ModuleBuilder m;
  const FuncIdx callee = m.func({i32}, {i32}, {local_get(0)});
  Body body;
  repeat(body, count, {local_get(0), local_get(0), call(callee)});
  repeat(body, 2 * count - 1, {op(WasmOp::i32_add)});
  m.export_func("_start", m.func({}, {i32}, body, {{1, i32}}));
  const auto module = Module::load(m.build());
  REQUIRE(module);
  return words_of(*module);
}

}  // namespace

TEST_CASE("twice as many pending references make about twice as much code") {
  for (const auto words : {words_of_pending, words_of_blocks, words_of_calls}) {
    const std::size_t once = words(2000);
    const std::size_t twice = words(4000);
    INFO(once << " and " << twice << " words");
    CHECK(twice <= 2 * once + 16);
  }
}

TEST_CASE("many references to one local keep their values when it changes") {
  Body body;
  repeat(body, 3000, {local_get(0), local_get(0), i32_const(1), op(WasmOp::i32_add), local_set(0)});
  repeat(body, 2999, {op(WasmOp::i32_add)});
  const Module module = start_of(body, {i32}, {{1, i32}});
  expect_no_difference(module);
  CHECK(ending(module) == "finished i32 0x44a444, ");  // 0 + 1 + ... + 2999 = 4,498,500
}

}  // namespace fermata::test
