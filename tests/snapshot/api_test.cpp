// Process::snapshot and Process::restore as the embedder sees them.
#include <algorithm>

#include "tests/snapshot/snapshot_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

constexpr std::string_view counter = R"((module
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (import "env" "keep" (func $keep (param externref) (result externref)))
  (memory (export "memory") 1)
  (global (export "count") (mut i32) (i32.const 5))
  (global $last (mut externref) (ref.null extern))
  (func (export "_start") (result i32)
    (global.set $last (call $keep (ref.null extern)))
    (i32.store (i32.const 100) (call $ask (i32.const 1)))
    (global.set 0 (i32.const 6))
    (drop (call $keep (global.get $last)))
    (i32.load (i32.const 100)))))";

Error io_error() { return {ErrorCode::io_failed, Phase::usage, "no more room", {}, {}, {}}; }

/// Takes so many bytes and no more.
class SmallSink final : public SnapshotSink {
 public:
  explicit SmallSink(std::size_t room) : room_(room) {}
  Result<void> write(std::span<const std::byte> piece) override {
    CHECK(!failed);
    failed = piece.size() > room_;
    if (failed) return std::unexpected(io_error());
    room_ -= piece.size();
    return {};
  }
  bool failed = false;

 private:
  std::size_t room_;
};

/// Gives a few bytes at a time, and fails where it is told to.
class SlowSource final : public SnapshotSource {
 public:
  SlowSource(std::span<const std::byte> bytes, std::size_t fails_at)
      : bytes_(bytes), fails_at_(fails_at) {}
  Result<std::size_t> read(std::span<std::byte> into) override {
    if (next_ >= fails_at_) return std::unexpected(io_error());
    const std::size_t count = std::min({into.size(), std::size_t{3}, bytes_.size() - next_});
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(next_), count, into.begin());
    next_ += count;
    return count;
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t next_ = 0;
  std::size_t fails_at_;
};

}  // namespace

TEST_CASE("a restored process waits for the same host call, under the embedder's new number") {
  const Module module = module_of(counter);
  Process process = created(module);
  CHECK(expect_call(process.main_thread(), 1).front().is_null());
  CHECK(expect_call(process.main_thread(), 0, {Value::externref({1234})}) == Values{Value::i32(1)});
  ok(process.main_thread().set_user_data(77));
  const Snapshot snapshot = ok(process.snapshot());

  const Resolver by_name = [](const FunctionImport& import) {
    return std::optional<std::uint64_t>(import.name == "ask" ? 900 : 800);
  };
  Process again = ok(Process::restore(module, snapshot, by_name));
  const HostCall call = ok(again.main_thread().pending_host_call());
  CHECK(call.number == 900);
  CHECK(Values(call.arguments.begin(), call.arguments.end()) == Values{Value::i32(1)});
  CHECK(ok(again.main_thread().user_data()) == 77);
  CHECK(run_error(again.main_thread()) == ErrorCode::wrong_value_count);
  const Values kept = expect_call(again.main_thread(), 800, {Value::i32(42)});
  CHECK(kept.front().as_externref() == ExternRef{1234});
  CHECK(ok(again.global("count")) == Value::i32(6));
  CHECK(expect_finish(again.main_thread(), {Value::externref({1})}) == Values{Value::i32(42)});
  CHECK(again.poisoned());
  // The other has not moved.
  CHECK(ok(process.snapshot()) == snapshot);
}

TEST_CASE("a restored process is linked as a created one is") {
  const Module module = module_of(counter);
  const Snapshot snapshot = ok(created(module).snapshot());
  CHECK(error_of(Process::restore(module, snapshot, no_imports)) ==
        ErrorCode::unresolved_function_import);
  ProcessOptions options = ProcessOptions::substrate();
  CHECK(error_of(Process::restore(module, snapshot, in_order(), options)) ==
        ErrorCode::feature_disabled);
  options.features.reset();
  CHECK(error_of(Process::restore(module, snapshot, in_order(), options)) ==
        ErrorCode::bad_import_type);
}

TEST_CASE("a snapshot of another module is refused, however alike they are") {
  const Module module = module_of(counter);
  const Snapshot snapshot = ok(created(module).snapshot());
  std::string text(counter);
  text.replace(text.find("i32.const 5"), 11, "i32.const 4");
  CHECK(restore_error(module_of(text), snapshot).code == ErrorCode::snapshot_mismatch);
}

TEST_CASE("the options' entry is asked of a restored process only when it is to be reset") {
  const Module module = module_of(counter);
  const Snapshot snapshot = ok(created(module).snapshot());
  ProcessOptions options;
  options.entry = "no such function";
  CHECK(Process::restore(module, snapshot, in_order(), options).has_value());
  options.resettable = true;
  CHECK(error_of(Process::restore(module, snapshot, in_order(), options)) ==
        ErrorCode::bad_start_function);
}

TEST_CASE("a restored process can be reset, if the options say so") {
  const Module module = module_of(counter);
  ProcessOptions options;
  options.resettable = true;
  Process process = ok(Process::create(module, in_order(), options));
  const Snapshot fresh = ok(process.snapshot());
  static_cast<void>(expect_call(process.main_thread(), 1));
  ok(process.memory()->fill(0, 100, std::byte{3}));
  Process again = ok(Process::restore(module, ok(process.snapshot()), in_order(), options));
  ok(again.reset());
  CHECK(ok(again.snapshot()) == fresh);
  CHECK(error_of(restored(module, fresh).reset()) == ErrorCode::not_resettable);
}

TEST_CASE("a sink's error ends the snapshot, and a source's the restoring") {
  const Module module = module_of(counter);
  Process process = created(module);
  ok(process.memory()->fill(0, 65536, std::byte{1}));
  const Snapshot snapshot = ok(process.snapshot());
  for (std::size_t room = 0; room < snapshot.size(); room += 1 + snapshot.size() / 100) {
    SmallSink sink(room);
    CHECK(error_of(process.snapshot(sink)) == ErrorCode::io_failed);
    CHECK(sink.failed);
  }
  SmallSink enough(snapshot.size());
  ok(process.snapshot(enough));
  for (std::size_t at = 0; at <= snapshot.size(); at += 1 + snapshot.size() / 100) {
    SlowSource source(snapshot, at);
    CHECK(error_of(Process::restore(module, source, in_order())) == ErrorCode::io_failed);
  }
  SlowSource whole(snapshot, snapshot.size() + 1);
  const Process again = ok(Process::restore(module, whole, in_order()));
  CHECK(ok(again.snapshot()) == snapshot);
}

TEST_CASE("a restored process is charged to the budget as the other was") {
  const Module module = module_of(counter);
  Process process = created(module);
  ok(process.memory()->grow(3));
  const Snapshot snapshot = ok(process.snapshot());
  ProcessOptions options;
  options.execution.max_bytes = 5 * 65536;
  CHECK(Process::restore(module, snapshot, in_order(), options).has_value());
  options.execution.max_bytes = 4 * 65536 + 100;
  CHECK(error_of(Process::restore(module, snapshot, in_order(), options)) ==
        ErrorCode::out_of_memory);
  options.execution.max_bytes = 5 * 65536;
  options.execution.max_memory_pages = 3;
  CHECK(error_of(Process::restore(module, snapshot, in_order(), options)) ==
        ErrorCode::out_of_memory);
}

TEST_CASE("a deep stack that the options have no room for is refused") {
  constexpr std::string_view text = R"((module
    (import "env" "ask" (func $ask))
    (func $down (param i32)
      (if (local.get 0)
        (then (call $down (i32.sub (local.get 0) (i32.const 1))))
        (else (call $ask))))
    (func (export "_start") (call $down (i32.const 3000)))))";
  const Module module = module_of(text);
  Process process = ok(Process::create(module, in_order()));
  static_cast<void>(expect_call(process.main_thread(), 0));
  const Snapshot snapshot = ok(process.snapshot());
  const Process again = ok(Process::restore(module, snapshot, in_order()));
  CHECK(ok(again.snapshot()) == snapshot);
  ProcessOptions options;
  options.execution.max_stack_bytes = 20'000;
  CHECK(error_of(Process::restore(module, snapshot, in_order(), options)) ==
        ErrorCode::out_of_memory);
}

TEST_CASE("a process that was moved from has no snapshot") {
  Process process = created(module_of(counter));
  const Process moved = std::move(process);
  CHECK(error_of(process.snapshot()) == ErrorCode::unsupported_snapshot);
}

TEST_CASE("what is as it was made takes no place, and one changed byte a block") {
  const Module module = module_of(R"((module
    (import "env" "ask" (func $ask))
    (memory (export "memory") 100)
    (data (i32.const 65000) "far from the begin")
    (table 1000 funcref (ref.func $ask))
    (func (export "_start") (call $ask))))");
  Process process = created(module);
  static_cast<void>(expect_call(process.main_thread(), 0));
  const std::size_t size = ok(process.snapshot()).size();
  CHECK(size < 120);
  const std::byte one{1};
  ok(process.memory()->write(4095, {&one, 1}));
  CHECK(ok(process.snapshot()).size() - size < 4096 + 8);
  ok(process.memory()->write(4095, std::vector{std::byte{0}}));
  CHECK(ok(process.snapshot()).size() == size);
}
