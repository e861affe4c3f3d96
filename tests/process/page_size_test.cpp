// Memories with pages of one byte: growth, bounds, limits and what they take of the budget.
// Proposal: custom page sizes.
#include "fermata/text.hpp"
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

Module module_of(std::string_view text) {
  return ok(parse_text(text, {.features = Features::executable()}));
}

constexpr std::string_view grows = R"((module
  (memory (export "memory") 3 100000 (pagesize 1))
  (func (export "run") (param i32) (result i32 i32)
    (memory.grow (local.get 0)) (memory.size))))";

Process process_of(std::string_view text, ProcessOptions options, Values arguments) {
  options.entry = "run";
  options.arguments = std::move(arguments);
  return ok(Process::create(module_of(text), in_order(), options));
}

ProcessOptions in_mode(const ExecutionOptions& mode) {
  ProcessOptions options;
  options.execution = mode;
  return options;
}

}  // namespace

TEST_CASE("a memory with pages of a byte grows by bytes, up to its maximum") {
  for (const ExecutionOptions& mode : modes()) {
    const auto grown = [&](std::int32_t by) {
      return expect_finish(process_of(grows, in_mode(mode), {Value::i32(by)}).main_thread());
    };
    CHECK(grown(4) == Values{Value::i32(3), Value::i32(7)});
    CHECK(grown(99'997) == Values{Value::i32(3), Value::i32(100'000)});
    CHECK(grown(99'998) == Values{Value::i32(-1), Value::i32(3)});
    CHECK(grown(-1) == Values{Value::i32(-1), Value::i32(3)});
  }
}

TEST_CASE("accesses end with the last byte of a memory, in the middle of a page of 64 KiB") {
  constexpr std::string_view text = R"((module
    (memory (export "memory") 70001 (pagesize 1))
    (func (export "run") (param i32) (result i32)
      (i32.store8 offset=3 (local.get 0) (i32.const 9)) (i32.load (local.get 0)))))";
  for (const ExecutionOptions& mode : modes()) {
    CHECK(expect_finish(process_of(text, in_mode(mode), {Value::i32(69'997)}).main_thread()) ==
          Values{Value::i32(0x0900'0000)});
    CHECK(expect_trap(process_of(text, in_mode(mode), {Value::i32(69'998)}).main_thread()) ==
          Trap::out_of_bounds_memory_access);
    CHECK(expect_trap(process_of(text, in_mode(mode), {Value::i32(-1)}).main_thread()) ==
          Trap::out_of_bounds_memory_access);
  }
}

TEST_CASE("a memory with small pages counts in the budget and the limit by whole pages of 64 KiB") {
  ProcessOptions options;
  options.execution.max_memory_pages = 1;
  CHECK(expect_finish(process_of(grows, options, {Value::i32(65'533)}).main_thread()) ==
        Values{Value::i32(3), Value::i32(65'536)});
  CHECK(expect_finish(process_of(grows, options, {Value::i32(65'534)}).main_thread()) ==
        Values{Value::i32(-1), Value::i32(3)});
  ProcessOptions small;
  small.execution.max_bytes = 65'536 + 20'000;  // one page, and what else a process takes
  CHECK(expect_finish(process_of(grows, small, {Value::i32(65'533)}).main_thread()) ==
        Values{Value::i32(3), Value::i32(65'536)});
  CHECK(expect_finish(process_of(grows, small, {Value::i32(65'534)}).main_thread()) ==
        Values{Value::i32(-1), Value::i32(3)});
}

TEST_CASE("a memory with small pages that is reset is zero again, and as small as it was") {
  ProcessOptions options;
  options.resettable = true;
  Process process = process_of(grows, options, {Value::i32(50)});
  CHECK(expect_finish(process.main_thread()) == Values{Value::i32(3), Value::i32(53)});
  MemoryRef memory = process.memory().value();
  ok(memory.fill(0, 53, std::byte{7}));
  ok(process.reset());
  CHECK(process.memory()->size() == 3);
  CHECK(process.memory()->pages() == 3);
  CHECK(expect_finish(process.main_thread()) == Values{Value::i32(3), Value::i32(53)});
  const auto bytes = ok(process.memory()->view(0, 53));
  for (const std::byte byte : bytes) CHECK(byte == std::byte{0});
}

TEST_CASE("memories with pages of different sizes are of different types") {
  Store store;
  Linker linker;
  linker.define("m", "", ok(store.make_memory({{1, {}}, AddressType::i32, false, 0})));
  CHECK(
      linker.instantiate(store, module_of(R"((module (import "m" "" (memory 1 (pagesize 1)))))")));
  CHECK(error_of(linker.instantiate(store, module_of(R"((module (import "m" "" (memory 1))))"))) ==
        ErrorCode::incompatible_import);
}
