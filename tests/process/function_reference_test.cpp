// Typed function references: calls through them, null and not, within an instance, to the host and
// to another instance. Specification: "Execution / Control Instructions".
#include <fmt/format.h>

#include "fermata/text.hpp"
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

Values results_of(std::string_view text, const ExecutionOptions& mode, Values arguments) {
  ProcessOptions options;
  options.execution = mode;
  options.entry = "run";
  options.arguments = std::move(arguments);
  Process process = ok(Process::create(ok(parse_text(text)), in_order(), options));
  return expect_finish(process.main_thread());
}

Trap trap_of(std::string_view text, const ExecutionOptions& mode) {
  ProcessOptions options;
  options.execution = mode;
  options.entry = "run";
  Process process = ok(Process::create(ok(parse_text(text)), in_order(), options));
  return expect_trap(process.main_thread());
}

}  // namespace

TEST_CASE("a reference is called with its arguments in order") {
  constexpr std::string_view text = R"((module
    (type $t (func (param i32 i32) (result i32)))
    (func $minus (type $t) (i32.sub (local.get 0) (local.get 1)))
    (elem declare func $minus)
    (func (export "run") (param i32 i32) (result i32 i32) (local $f (ref null $t))
      (local.set $f (ref.func $minus))
      (call_ref $t (local.get 0) (local.get 1) (local.get $f))
      (call_ref $t (local.get 1) (local.get 0) (ref.as_non_null (local.get $f))))))";
  for (const ExecutionOptions& mode : modes()) {
    CHECK(results_of(text, mode, {Value::i32(9), Value::i32(4)}) ==
          Values{Value::i32(5), Value::i32(-5)});
  }
}

TEST_CASE("what needs a function traps on null") {
  const std::pair<const char*, Trap> cases[] = {
      {"(call_ref $t (ref.null $t))", Trap::null_function_reference},
      {"(return_call_ref $t (ref.null $t))", Trap::null_function_reference},
      {"(local $f (ref null $t)) (call_ref $t (local.get $f))", Trap::null_function_reference},
      {"(drop (ref.as_non_null (ref.null $t)))", Trap::null_reference}};
  for (const auto& [body, trap] : cases) {
    const std::string text =
        fmt::format("(module (type $t (func)) (func (export \"run\") {}))", body);
    for (const ExecutionOptions& mode : modes()) CHECK(trap_of(text, mode) == trap);
  }
}

TEST_CASE("a branch on null leaves the reference where it is not taken") {
  // The label takes an i64 that lies above an f64, so the branch moves it on the way.
  constexpr std::string_view text = R"((module
    (type $t (func (result i64)))
    (func $five (type $t) (i64.const 5))
    (elem declare func $five)
    (func $try (param (ref null $t)) (result i64)
      (block $l (result i64)
        (f64.const 1) (i64.const 7)
        (br_on_null $l (local.get 0))
        (return (i64.add (call_ref $t))))
      (i64.add (i64.const 100)))
    (func (export "run") (result i64 i64)
      (call $try (ref.null $t)) (call $try (ref.func $five)))))";
  for (const ExecutionOptions& mode : modes()) {
    CHECK(results_of(text, mode, {}) == Values{Value::i64(107), Value::i64(12)});
  }
}

TEST_CASE("a branch on a reference that is not null takes it along, past what lies below") {
  constexpr std::string_view text = R"((module
    (type $t (func (result i64)))
    (func $five (type $t) (i64.const 5))
    (elem declare func $five)
    (func $try (param (ref null $t)) (result i64)
      (block $l (result i64 (ref $t))
        (f64.const 1) (i64.const 7)
        (br_on_non_null $l (local.get 0))
        (return (i64.add (i64.const 1))) )
      (call_ref $t) (i64.add))
    (func (export "run") (result i64 i64)
      (call $try (ref.null $t)) (call $try (ref.func $five)))))";
  for (const ExecutionOptions& mode : modes()) {
    CHECK(results_of(text, mode, {}) == Values{Value::i64(8), Value::i64(12)});
  }
}

TEST_CASE("references to functions of the host and of another instance are called like any other") {
  for (const ExecutionOptions& mode : modes()) {
    Store store(mode);
    Linker linker;
    linker.define("host", "f", ok(store.make_function({{i32}, {i32}}, 3)));
    linker.define_instance("other", ok(linker.instantiate(store, ok(parse_text(R"((module
      (memory 1) (data (i32.const 0) "\07")
      (func (export "f") (param i32) (result i32)
        (i32.add (local.get 0) (i32.load (i32.const 0))))))")))));
    const InstanceRef instance = ok(linker.instantiate(store, ok(parse_text(R"((module
      (type $t (func (param i32) (result i32)))
      (import "host" "f" (func $host (type $t)))
      (import "other" "f" (func $other (type $t)))
      (memory 1)
      (elem declare func $host $other)
      (func (export "run") (result i32)
        (i32.add (i32.load (i32.const 0))
          (call_ref $t (call_ref $t (i32.const 1) (ref.func $other)) (ref.func $host))))))"))));
    Thread thread = ok(store.start_thread(ok(instance.function("run"))));
    CHECK(expect_call(thread, 3) == Values{Value::i32(8)});
    CHECK(expect_finish(thread, {Value::i32(70)}) == Values{Value::i32(70)});
  }
}
