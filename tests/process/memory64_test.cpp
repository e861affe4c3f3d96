// Memories and tables with 64-bit addresses, and several memories in one instance: results, bounds
// and what an embedder sees. Specification: "Execution / Memory Instructions", "Table
// Instructions".
#include <fmt/format.h>

#include "fermata/text.hpp"
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

constexpr std::uint64_t page = 65536;

/// `%` in the text stands for the number.
std::string filled(std::string_view text, std::uint64_t number) {
  std::string made;
  for (const char c : text) made += c == '%' ? std::to_string(number) : std::string(1, c);
  return made;
}

}  // namespace

TEST_CASE("a 64-bit address and its offset are added without wrapping") {
  constexpr std::string_view text = R"((module (memory i64 1)
    (func (export "run") (param i64) (result i32) (i32.load offset=% (local.get 0)))))";
  for (const ExecutionOptions& mode : modes()) {
    CHECK(Alone(filled(text, 4), mode).results({Value::i64(page - 8)}) == Values{Value::i32(0)});
    CHECK(Alone(filled(text, page - 4), mode).results({Value::i64(0)}) == Values{Value::i32(0)});
    const std::pair<std::uint64_t, std::int64_t> outside[] = {
        {5, page - 8},
        {8, -8},
        {0, -1},
        {0, page - 3},
        {page, 0},
        {UINT64_MAX, 0},
        {UINT64_MAX, 1},
        {UINT64_MAX - 3, 8},
        {std::uint64_t{1} << 63, INT64_MIN},
        {std::uint64_t{1} << 32, -(std::int64_t{1} << 32)},
        {0, std::int64_t{1} << 32}};
    for (const auto& [offset, address] : outside) {
      INFO(offset << " + " << address);
      CHECK(Alone(filled(text, offset), mode).trap({Value::i64(address)}) ==
            Trap::out_of_bounds_memory_access);
    }
  }
}

TEST_CASE("a store outside of a 64-bit memory traps and writes nothing") {
  constexpr std::string_view text = R"((module (memory (export "m") i64 1)
    (func (export "run") (param i64)
      (i64.store offset=65529 (local.get 0) (i64.const -1)))))";
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(text, mode);
    CHECK(alone.trap({Value::i64(0)}) == Trap::out_of_bounds_memory_access);
    const MemoryRef memory = ok(alone.instance.memory("m"));
    const auto last = ok(memory.view(page - 8, 8));
    for (const std::byte byte : last) CHECK(byte == std::byte{0});
    CHECK(alone.trap({Value::i64(-65529)}) == Trap::out_of_bounds_memory_access);
  }
}

TEST_CASE("every width is loaded and stored by a 64-bit address") {
  constexpr std::string_view text =
      R"((module (memory i64 1) (data (i64.const 8) "\80\81\82\83\84\85\86\87")
    (func (export "run") (param $p i64) (result i32 i32 i32 i32 i32 i64 i64 i64 i64 i64 i64 i64 f32 f64)
      (i32.load8_s (local.get $p)) (i32.load8_u (local.get $p))
      (i32.load16_s (local.get $p)) (i32.load16_u (local.get $p)) (i32.load (local.get $p))
      (i64.load8_s (local.get $p)) (i64.load8_u (local.get $p))
      (i64.load16_s (local.get $p)) (i64.load16_u (local.get $p))
      (i64.load32_s (local.get $p)) (i64.load32_u (local.get $p)) (i64.load (local.get $p))
      (f32.load (local.get $p)) (f64.load (local.get $p)))))";
  constexpr std::uint64_t all = 0x8786'8584'8382'8180;
  for (const ExecutionOptions& mode : modes()) {
    CHECK(Alone(text, mode).results({Value::i64(8)}) ==
          Values{Value::i32(-128), Value::i32(0x80), Value::i32(-32384), Value::i32(0x8180),
                 Value::i32(static_cast<std::int32_t>(0x8382'8180)), Value::i64(-128),
                 Value::i64(0x80), Value::i64(-32384), Value::i64(0x8180),
                 Value::i64(static_cast<std::int32_t>(0x8382'8180)), Value::i64(0x8382'8180),
                 Value::i64(static_cast<std::int64_t>(all)), Value::from_bits(f32, 0x8382'8180),
                 Value::from_bits(f64, all)});
  }
}

TEST_CASE("the size and growth of a 64-bit memory are i64, and -1 says that it cannot grow") {
  constexpr std::string_view text = R"((module (memory i64 1 3)
    (func (export "run") (param i64) (result i64 i64)
      (memory.grow (local.get 0)) (memory.size))))";
  for (const ExecutionOptions& mode : modes()) {
    CHECK(Alone(text, mode).results({Value::i64(2)}) == Values{Value::i64(1), Value::i64(3)});
    CHECK(Alone(text, mode).results({Value::i64(3)}) == Values{Value::i64(-1), Value::i64(1)});
    // Of which the lower 32 bits alone would do.
    CHECK(Alone(text, mode).results({Value::i64((std::int64_t{1} << 32) + 1)}) ==
          Values{Value::i64(-1), Value::i64(1)});
  }
}

TEST_CASE("lengths between memories of different addresses are as wide as the narrower") {
  constexpr std::string_view text = R"((module
    (memory $narrow (export "narrow") 1) (memory $wide (export "wide") i64 1)
    (data (memory $wide) (i64.const 3) "fermata")
    (func (export "run") (param i64)
      (memory.copy $narrow $wide (i32.const 10) (local.get 0) (i32.const 7))
      (memory.fill $wide (i64.const 0) (i32.const 0x2A) (i64.const 2))
      (memory.copy $wide $wide (i64.const 100) (i64.const 0) (i64.const 4)))))";
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(text, mode);
    CHECK(alone.results({Value::i64(3)}).empty());
    const auto told = [&](const char* name, std::uint64_t at, std::uint64_t count) {
      const MemoryRef memory = ok(alone.instance.memory(name));
      const auto seen = ok(memory.view(at, count));
      std::string bytes;
      for (const std::byte byte : seen) bytes += static_cast<char>(byte);
      return bytes;
    };
    CHECK(told("narrow", 10, 7) == "fermata");
    CHECK(told("wide", 100, 4) == std::string("**\0f", 4));
    CHECK(Alone(text, mode).trap({Value::i64(std::int64_t{1} << 32)}) ==
          Trap::out_of_bounds_memory_access);
  }
}

TEST_CASE("each memory of several is its own, and grows alone") {
  constexpr std::string_view text = R"((module (memory $a 1) (memory $b 2 5) (memory $c i64 0 1)
    (func (export "run") (result i32 i32 i32 i32 i64 i32 i64)
      (i32.store $a (i32.const 8) (i32.const 11))
      (i32.store $b (i32.const 8) (i32.const 22))
      (i32.load $a (i32.const 8)) (i32.load $b offset=4 (i32.const 4))
      (memory.grow $b (i32.const 3)) (memory.size $a)
      (memory.grow $c (i64.const 1)) (memory.size $b) (memory.size $c))))";
  for (const ExecutionOptions& mode : modes()) {
    CHECK(Alone(text, mode).results() == Values{Value::i32(11), Value::i32(22), Value::i32(2),
                                                Value::i32(1), Value::i64(0), Value::i32(5),
                                                Value::i64(1)});
  }
}

TEST_CASE("a memory imported under two indices grows for both") {
  constexpr std::string_view owner = R"((module (memory (export "m") 1 4)))";
  constexpr std::string_view user =
      R"((module (memory $a (import "o" "m") 1) (memory $b (import "o" "m") 1)
    (func (export "run") (result i32 i32)
      (drop (memory.grow $b (i32.const 2)))
      (i32.store $b (i32.const 0x2fff0) (i32.const 7))
      (i32.load $a (i32.const 0x2fff0)) (memory.size $a))))";
  for (const ExecutionOptions& mode : modes()) {
    Store store(mode);
    Linker linker;
    linker.define_instance("o", ok(store.instantiate(ok(parse_text(owner)), {})));
    const InstanceRef instance = ok(linker.instantiate(store, ok(parse_text(user))));
    CHECK(expect_finish(ok(store.start_thread(ok(instance.function("run"))))) ==
          Values{Value::i32(7), Value::i32(3)});
  }
}

TEST_CASE("an index of a 64-bit table is not cut to 32 bits") {
  const std::pair<const char*, Trap> cases[] = {
      {"(drop (table.get (local.get 0)))", Trap::out_of_bounds_table_access},
      {"(table.set (local.get 0) (ref.null func))", Trap::out_of_bounds_table_access},
      {"(call_indirect (local.get 0))", Trap::undefined_element},
      {"(return_call_indirect (local.get 0))", Trap::undefined_element},
      {"(table.fill (local.get 0) (ref.null func) (i64.const 1))",
       Trap::out_of_bounds_table_access},
      {"(table.fill (i64.const 0) (ref.null func) (local.get 0))",
       Trap::out_of_bounds_table_access},
      {"(table.copy (local.get 0) (i64.const 0) (i64.const 1))", Trap::out_of_bounds_table_access},
      {"(table.copy (i64.const 0) (i64.const 0) (local.get 0))", Trap::out_of_bounds_table_access},
      {"(table.init $e (local.get 0) (i32.const 0) (i32.const 1))",
       Trap::out_of_bounds_table_access}};
  for (const auto& [body, trap] : cases) {
    INFO(body);
    const std::string text =
        fmt::format(R"((module (table i64 3 funcref) (elem $e funcref (ref.null func))
      (elem (table 0) (i64.const 0) func $f $f $f) (func $f)
      (func (export "run") (param i64) {})))",
                    body);
    for (const ExecutionOptions& mode : modes()) {
      CHECK(std::holds_alternative<Finished>(Alone(text, mode).run({Value::i64(1)})));
      CHECK(Alone(text, mode).trap({Value::i64((std::int64_t{1} << 32) + 1)}) == trap);
      CHECK(Alone(text, mode).trap({Value::i64(UINT32_MAX)}) == trap);
      CHECK(Alone(text, mode).trap({Value::i64(-1)}) == trap);
    }
  }
}

TEST_CASE("the size and growth of a 64-bit table are i64") {
  constexpr std::string_view text = R"((module (table i64 1 9 externref)
    (func (export "run") (param i64) (result i64 i64)
      (table.grow (ref.null extern) (local.get 0)) (table.size))))";
  for (const ExecutionOptions& mode : modes()) {
    CHECK(Alone(text, mode).results({Value::i64(8)}) == Values{Value::i64(1), Value::i64(9)});
    CHECK(Alone(text, mode).results({Value::i64(9)}) == Values{Value::i64(-1), Value::i64(1)});
    CHECK(Alone(text, mode).results({Value::i64(std::int64_t{1} << 33)}) ==
          Values{Value::i64(-1), Value::i64(1)});
  }
}

TEST_CASE("a process may have a 64-bit memory, and no second one") {
  ModuleBuilder one;
  one.export_memory("memory", one.memory({{1, 2}, AddressType::i64}));
  one.export_func("_start", one.func({}, {},
                                     {i64_const(page - 8), i64_const(5),
                                      fermata::test::store(WasmOp::i64_store)}));
  Process process = create(one);
  CHECK(expect_finish(process.main_thread()).empty());
  MemoryRef memory = process.memory().value();
  CHECK(memory.type().address == AddressType::i64);
  CHECK(ok(memory.view(page - 8, 1))[0] == std::byte{5});
  CHECK(ok(memory.grow(1)) == 1);
  one.memory({{1, 2}});
  CHECK(creation_error(one) == ErrorCode::multiple_memories);
}
