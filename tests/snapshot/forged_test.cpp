// Forged snapshots: what each of the checks says that keep a module's types.
#include <algorithm>
#include <initializer_list>

#include "lib/module/module_impl.hpp"
#include "tests/snapshot/snapshot_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

constexpr std::size_t header_bytes = 8;

struct Part {
  unsigned id = 0;
  std::vector<std::uint8_t> contents;
};

/// A snapshot taken apart, so that one part of it can be another. Sizes below 128 here.
class Parts {
 public:
  explicit Parts(const Snapshot& snapshot) {
    for (const std::byte byte : snapshot) bytes_.push_back(std::to_integer<std::uint8_t>(byte));
    for (std::size_t at = header_bytes; at < bytes_.size();) {
      const std::size_t size = bytes_[at + 1];
      REQUIRE(size < 128);
      const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(at + 2);
      parts_.push_back({bytes_[at], {begin, begin + static_cast<std::ptrdiff_t>(size)}});
      at += 2 + size;
    }
  }

  std::vector<std::uint8_t>& operator[](unsigned id) {
    const auto part = std::ranges::find(parts_, id, &Part::id);
    REQUIRE(part != parts_.end());
    return part->contents;
  }
  void insert_before(unsigned id, Part part) {
    parts_.insert(std::ranges::find(parts_, id, &Part::id), std::move(part));
  }
  void erase(unsigned id) {
    std::erase_if(parts_, [id](const Part& p) { return p.id == id; });
  }

  /// Replaces bytes that stand there once by as many others.
  void replace(unsigned id, std::initializer_list<int> from, std::initializer_list<int> to) {
    auto& bytes = (*this)[id];
    const auto equal = [](std::uint8_t a, int b) { return a == b; };
    const auto found = std::search(bytes.begin(), bytes.end(), from.begin(), from.end(), equal);
    REQUIRE(found != bytes.end());
    REQUIRE(std::search(found + 1, bytes.end(), from.begin(), from.end(), equal) == bytes.end());
    std::transform(to.begin(), to.end(), found, [](int b) { return static_cast<std::uint8_t>(b); });
  }

  Snapshot join() const {
    Snapshot all;
    const auto put = [&](unsigned byte) { all.push_back(std::byte(byte)); };
    for (std::size_t i = 0; i < header_bytes; ++i) put(bytes_[i]);
    for (const Part& part : parts_) {
      put(part.id);
      put(static_cast<unsigned>(part.contents.size()));
      for (const std::uint8_t byte : part.contents) put(byte);
    }
    return all;
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::vector<Part> parts_;
};

constexpr unsigned process_id = 3, memory_id = 4, heap_id = 5, instances_id = 6, sites_id = 7,
                   threads_id = 8, lines_id = 9, end_id = 127;

/// Paused at its `pauses`th pause.
struct Paused {
  Module module;
  Parts parts;

  explicit Paused(std::string_view text, int pauses = 1)
      : module(module_of(text)), parts(paused(module, pauses)) {}

  static Snapshot paused(const Module& module, int pauses) {
    Process process = created(module);
    Player player(process, 0);
    while (pauses-- > 0) REQUIRE(player.step());
    return ok(process.snapshot());
  }

  /// The error, the same in every mode.
  Error error(ExecutionOptions options = {}) const {
    const Snapshot snapshot = parts.join();
    const Error first = restore_error(module, snapshot, options);
    for (const ExecutionOptions& mode : modes()) {
      options.lowering = mode.lowering;
      options.fusion = mode.fusion;
      options.dispatch = mode.dispatch;
      CHECK(to_string(restore_error(module, snapshot, options)) == to_string(first));
    }
    return first;
  }

  void expect(ErrorCode code, std::string_view words) const {
    const Error found = error();
    CHECK(found.code == code);
    CHECK(found.offset.has_value());
    INFO(found.message);
    CHECK(found.message.find(words) != std::string::npos);
  }
};

constexpr std::string_view operands = R"((module
  (import "env" "ask" (func $ask (result i32)))
  (func (export "_start") (param) (result i32) (local $a i32)
    (local.set $a (call $ask))
    (i32.add (i32.add (local.get $a) (i32.const 7))
      (i32.add (i32.add (local.get $a) (i32.const 1000)) (call $ask))))))";

}  // namespace

TEST_CASE("an operand that the code takes from elsewhere has the value that is there") {
  // The second pause: $a is 6, the operands are 13 and 1006.
  Paused at(operands, 2);
  at.parts.replace(threads_id, {13, 0, 0, 0, 0xEE, 3, 0, 0}, {14, 0, 0, 0, 0xEE, 3, 0, 0});
  at.expect(ErrorCode::invalid_snapshot, "operand 0 cannot have this value there");
  at.parts.replace(threads_id, {14, 0, 0, 0, 0xEE, 3, 0, 0}, {13, 0, 0, 0, 0xEF, 3, 0, 0});
  at.expect(ErrorCode::invalid_snapshot, "operand 1 cannot have this value there");
}

TEST_CASE("a reference refers to what the type of its place allows") {
  constexpr std::string_view text = R"((module
    (type $s (struct (field (ref null $s))))
    (type $other (struct (field i64)))
    (import "env" "ask" (func $ask))
    (global $g (mut (ref null $s)) (ref.null $s))
    (global $f (mut funcref) (ref.null func))
    (global $o (mut (ref null $other)) (ref.null $other))
    (func (export "_start") (local $l (ref $s))
      (global.set $g (struct.new $s (ref.null $s)))
      (global.set $o (struct.new $other (i64.const 1)))
      (local.set $l (struct.new $s (global.get $g)))
      (call $ask)
      (global.set $g (local.get $l)))))";
  Paused whole(text);
  REQUIRE(whole.parts[instances_id] ==
          std::vector<std::uint8_t>{3, 0x64, 4, 0, 0x64, 0, 0x64, 4, 1, 0, 0, 0, 0});

  Paused other(text);
  other.parts.replace(instances_id, {0x64, 4, 0}, {0x64, 4, 1});
  other.expect(ErrorCode::invalid_snapshot, "expected (ref null 0), found a struct");
  Paused beyond(text);
  beyond.parts.replace(instances_id, {0x64, 4, 0}, {0x64, 4, 3});
  beyond.expect(ErrorCode::invalid_snapshot, "object 3: there are 3");
  Paused i31(text);
  i31.parts.replace(instances_id, {0x64, 4, 0}, {0x64, 2, 0});
  i31.expect(ErrorCode::invalid_snapshot, "expected (ref null 0), found an i31");
  Paused function(text);
  function.parts[instances_id] = {3, 0x64, 1, 0, 1, 0x64, 0, 0x64, 4, 1, 0, 0, 0, 0};
  function.expect(ErrorCode::invalid_snapshot, "expected (ref null 0), found a function");
  Paused object(text);
  object.parts[instances_id] = {3, 0x64, 4, 0, 0x64, 4, 0, 0x64, 4, 1, 0, 0, 0, 0};
  object.expect(ErrorCode::invalid_snapshot, "expected funcref, found a struct");
  Paused number(text);
  number.parts.replace(instances_id, {0x64, 4, 0}, {0x7F, 4, 0});
  number.expect(ErrorCode::invalid_snapshot, "expected a value of type code 0x64, found 0x7f");
  // A field: object 2 refers to object 0.
  Paused field(text);
  field.parts.replace(heap_id, {0x64, 4, 0}, {0x64, 4, 1});
  field.expect(ErrorCode::invalid_snapshot, "expected (ref null 0), found a struct");
  // The local is set at the call.
  Paused unset(text);
  unset.parts[threads_id].resize(unset.parts[threads_id].size() - 2);
  unset.parts[threads_id].push_back(0);
  unset.expect(ErrorCode::invalid_snapshot, "expected (ref 0), found null");
}

TEST_CASE("a frame returns what the call around it expects") {
  constexpr std::string_view text = R"((module
    (import "env" "ask" (func $ask (result i64)))
    (func $long (result i64) (call $ask))
    (func $none (drop (call $ask)))
    (func (export "_start") (result i64) (call $none) (i64.add (call $ask) (call $long)))))";
  // Site 0 is of $none, 1 of _start.
  Paused none(text);
  none.parts.replace(threads_id, {2, 1, 0, 0, 0}, {1, 0, 0, 0, 0});
  none.expect(ErrorCode::invalid_snapshot, "expected a frame that returns [i64], found []");
}

// What pauses there does not come from the host: no call is in between.
TEST_CASE(
    "a thread that is ready goes on before a loop, and before its function's first instruction") {
  constexpr std::string_view text = R"((module
    (import "env" "ask" (func $ask (result i32)))
    (func (export "_start") (param) (result i32) (local $n i32) (local $sum i64)
      (local.set $n (call $ask))
      (i32.const 5)
      (loop $again
        (local.set $sum (i64.add (local.get $sum) (i64.const 10)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
      (i32.add (i32.wrap_i64 (local.get $sum))))))";
  Paused at(text);
  const auto& code = at.module.impl().data.bytes;
  const auto body = static_cast<std::uint8_t>(at.module.impl().definition(FuncIdx{1}).body.begin);
  REQUIRE(body < 100);
  const auto loop = static_cast<std::uint8_t>(body + 6);
  REQUIRE(code[loop] == 0x03);
  const auto results = [&] {
    std::vector<Values> all;
    for (const ExecutionOptions& mode : modes()) {
      Process process = restored(at.module, at.parts.join(), mode);
      CHECK(ok(process.snapshot()) == at.parts.join());
      const auto frames = ok(process.main_thread().frames(all_frames));
      CHECK(frames.front().locals == Values{Value::i32(7), Value::i64(1)});
      const Outcome outcome = run(process.main_thread());
      if (std::holds_alternative<HostCall>(outcome)) {
        all.push_back(expect_finish(process.main_thread(), {Value::i32(2)}));
      } else {
        const auto finished = std::get<Finished>(outcome).results;
        all.emplace_back(finished.begin(), finished.end());
      }
    }
    return all;
  };
  at.parts[sites_id] = {1, 1, 2, 1, 0x7F, 1, 0x7E, 0, 1, loop, 1, 1, 0x7F};
  at.parts[threads_id] = {1, 0, 0, 0, 1, 2, 0, 1, 0, 0, 7, 0, 0,
                          0, 1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0};
  CHECK(results() == std::vector(6, Values{Value::i32(76)}));
  // The operand below the loop is a constant, and no other.
  at.parts[threads_id][22] = 6;
  at.expect(ErrorCode::invalid_snapshot, "operand 0 cannot have this value there");
  at.parts[sites_id] = {1, 1, 2, 1, 0x7F, 1, 0x7E, 0, 1, body, 1, 0};
  at.parts[threads_id] = {1, 0, 0, 0, 1, 2, 0, 1, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
  CHECK(results() == std::vector(6, Values{Value::i32(26)}));
  // No frame stands behind the call without waiting for it.
  at.parts[sites_id] = {1, 1, 2, 1, 0x7F, 1, 0x7E, 0, 1, static_cast<std::uint8_t>(body + 2), 1, 0};
  at.expect(ErrorCode::invalid_snapshot, "no frame can stand there");
}

TEST_CASE("a host call is one that the frame's call can be") {
  constexpr std::string_view text = R"((module
    (type $t (func (param i64 i64 i64) (result i64)))
    (import "env" "small" (func $small (result i32)))
    (import "env" "large" (func $large (type $t)))
    (table funcref (elem $large))
    (func (export "_start") (drop (call $small)))))";
  Paused at(text);
  auto& threads = at.parts[threads_id];
  REQUIRE(threads == std::vector<std::uint8_t>{1, 0, 0, 0, 2, 2, 1, 0, 0, 1, 0, 0});
  threads = {1, 0, 0, 0, 2, 2, 1, 1, 3};
  for (int i = 0; i < 3; ++i) threads.insert(threads.end(), {0x7E, 1, 1, 1, 1, 1, 1, 1, 1});
  threads.insert(threads.end(), {1, 0, 0});
  at.expect(ErrorCode::invalid_snapshot, "the frame does not stand where");
}

TEST_CASE("nothing is allocated that neither the bytes nor the options pay for") {
  constexpr std::string_view text = R"((module
    (type $a (array i64))
    (import "env" "ask" (func $ask (param (ref $a))))
    (memory 1)
    (table 2 funcref)
    (func (export "_start") (call $ask (array.new $a (i64.const 1) (i32.const 2))))))";
  Paused array(text);
  array.parts.replace(heap_id, {0x5E, 0, 2, 0x7E}, {0x5E, 0, 99, 0x7E});
  array.expect(ErrorCode::malformed_snapshot, "99 elements do not fit the");
  Paused memory(text);
  memory.parts[memory_id] = {16, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0};
  memory.expect(ErrorCode::out_of_memory, "memory of 4294967295 pages");
  Paused small(text);
  small.parts[memory_id] = {16, 0, 0};
  small.expect(ErrorCode::invalid_snapshot, "expected at least 1 pages, found 0");
  Paused table(text);
  table.parts.replace(instances_id, {2, 0}, {0x7F, 0});
  const ExecutionOptions few{.max_table_elements = 100};
  CHECK(table.error(few).code == ErrorCode::out_of_memory);
  Paused heap(text);
  heap.parts[heap_id][0] = 8;
  heap.expect(ErrorCode::invalid_snapshot, "expected a heap of at least 32 bytes, found 8");
  CHECK(Paused(text).parts.join() == Paused::paused(module_of(text), 1));
}

TEST_CASE("who waits stands in a line, at a wait, and at an address that one can wait at") {
  constexpr std::string_view text = R"((module
    (import "env" "memory" (memory 1 1 shared))
    (func (export "_start")
      (drop (memory.atomic.wait32 (i32.const 64) (i32.const 0) (i64.const -1))))))";
  Paused nowhere(text);
  nowhere.parts.erase(lines_id);
  nowhere.expect(ErrorCode::invalid_snapshot, "thread 0 waits in no line");
  Paused twice(text);
  twice.parts[lines_id] = {2, 0, 0};
  twice.expect(ErrorCode::invalid_snapshot, "thread 0 does not stand there in a line");
  Paused unaligned(text);
  unaligned.parts.replace(threads_id, {2, 64, 0}, {2, 66, 0});
  unaligned.expect(ErrorCode::invalid_snapshot, "the frame does not stand where");
}

TEST_CASE("a trapped thread is one of a poisoned process") {
  Paused at(R"((module (func (export "_start") (unreachable))))");
  at.parts[process_id][0] = 0;
  at.expect(ErrorCode::invalid_snapshot, "a thread has trapped, and the process is not poisoned");
}

TEST_CASE("sections that a reader does not know are skipped or refused, by their ids") {
  constexpr std::string_view text =
      R"((module (import "" "" (func $f)) (func (export "_start") (call $f))))";
  Paused optional(text);
  optional.parts.insert_before(1, {200, {1, 2, 3}});
  optional.parts.insert_before(end_id, {128, {}});
  CHECK(ok(restored(optional.module, optional.parts.join()).snapshot()) ==
        Paused::paused(optional.module, 1));
  for (const unsigned id : {12u, 13u, 126u}) {
    Paused unknown(text);
    unknown.parts.insert_before(end_id, {id, {0, 0}});
    CHECK(unknown.error().code == ErrorCode::unsupported_snapshot);
  }
  Paused missing(text);
  missing.parts.erase(7);
  missing.expect(ErrorCode::malformed_snapshot, "expected section 7, found 8");
  Snapshot later = Paused(text).parts.join();
  later[4] = std::byte{2};
  CHECK(restore_error(module_of(text), later).code == ErrorCode::unsupported_snapshot);
}

TEST_CASE("fuel that nobody can have used is refused") {
  constexpr std::string_view text =
      R"((module (import "" "" (func $f)) (func (export "_start") (call $f))))";
  Paused at(text);
  at.parts.insert_before(end_id,
                         {11, {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00}});
  at.expect(ErrorCode::invalid_snapshot, "less than 2^63 units of fuel, found 9223372036854775808");

  Paused less(text);
  less.parts.insert_before(end_id,
                           {11, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0x05}});
  ExecutionOptions metered;
  metered.metering = true;
  Process process = restored(less.module, less.parts.join(), metered);
  CHECK(process.fuel()->used() == (std::uint64_t{1} << 63) - 1);
  CHECK(process.fuel()->limit() == 5);
  CHECK(process.fuel()->left() == 0);
}

TEST_CASE("a site lies in its function, and a function that is named has one") {
  Paused none(operands);
  none.parts[sites_id] = {1, 1, 1, 1, 0x7F, 0, 0};
  none.expect(ErrorCode::malformed_snapshot, "a function without a site");
  Paused outside(operands);
  outside.parts[sites_id] = {1, 1, 1, 1, 0x7F, 0, 1, 1, 0, 0};
  outside.expect(ErrorCode::invalid_snapshot, "expected an offset from");
}

TEST_CASE("the main thread has no instance of its own") {
  Paused at(R"((module
    (import "env" "ask" (func $ask (result i32)))
    (import "env" "memory" (memory 1 1 shared))
    (func (export "_start") (drop (call $ask)))))");
  auto& process = at.parts[process_id];
  process = {0, 1, 1, 1};
  at.expect(ErrorCode::invalid_snapshot, "the threads with instances do not ascend");
}
