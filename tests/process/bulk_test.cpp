// Bulk memory instructions: what they write, to the byte, and where they trap. Specification:
// "Execution / Memory Instructions".
#include <algorithm>

#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

constexpr std::int32_t page = 65536;
constexpr Trap outside = Trap::out_of_bounds_memory_access;

/// `run` takes three i32 and leaves them to `instruction`. The memory begins with "abcdefgh"; a
/// passive segment has "0123456789".
std::string module_with(std::string_view instruction) {
  return R"((module (memory (export "memory") 1) (data (i32.const 0) "abcdefgh")
    (data $digits "0123456789")
    (func (export "run") (param i32 i32 i32)
      (local.get 0) (local.get 1) (local.get 2) ()" +
         std::string(instruction) + R"())
    (func (export "drop") (data.drop $digits))))";
}

Values three(std::int32_t a, std::int32_t b, std::int32_t c) {
  return {Value::i32(a), Value::i32(b), Value::i32(c)};
}

/// Bytes of the memory from `at` on.
std::string bytes(const Alone& alone, std::uint64_t at, std::uint64_t count) {
  MemoryRef memory = ok(alone.instance.memory("memory"));
  std::string read;
  for (const std::byte b : ok(memory.view(at, count))) read += static_cast<char>(b);
  return read;
}

}  // namespace

TEST_CASE("memory.fill writes the lowest byte of its value, and no byte beside its range") {
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(module_with("memory.fill"), mode);
    CHECK(alone.results(three(2, 0x158, 3)).empty());
    CHECK(bytes(alone, 0, 9) == std::string("abXXXfgh\0", 9));
    CHECK(alone.results(three(7, 'Y', 0)).empty());
    CHECK(bytes(alone, 0, 9) == std::string("abXXXfgh\0", 9));
    CHECK(alone.results(three(page - 2, 'Z', 2)).empty());
    CHECK(bytes(alone, page - 3, 3) == std::string("\0ZZ", 3));
  }
}

TEST_CASE("memory.copy gives the old bytes of its source, in either direction") {
  for (const ExecutionOptions& mode : modes()) {
    Alone up(module_with("memory.copy"), mode);
    CHECK(up.results(three(2, 0, 5)).empty());
    CHECK(bytes(up, 0, 8) == "ababcdeh");
    Alone down(module_with("memory.copy"), mode);
    CHECK(down.results(three(0, 2, 5)).empty());
    CHECK(bytes(down, 0, 8) == "cdefgfgh");
    CHECK(down.results(three(page - 4, 0, 4)).empty());
    CHECK(bytes(down, page - 4, 4) == "cdef");
    CHECK(down.results(three(4, 4, 4)).empty());
    CHECK(bytes(down, 0, 8) == "cdefgfgh");
  }
}

TEST_CASE("memory.init writes a part of its segment, until that is dropped") {
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(module_with("memory.init $digits"), mode);
    CHECK(alone.results(three(1, 7, 3)).empty());
    CHECK(bytes(alone, 0, 8) == "a789efgh");
    CHECK(alone.trap(three(0, 7, 4)) == outside);
    CHECK(alone.trap(three(0, -1, 2)) == outside);
    CHECK(alone.trap(three(page - 1, 0, 2)) == outside);
    CHECK(bytes(alone, 0, 8) == "a789efgh");
    CHECK(alone.results(three(0, 10, 0)).empty());
    CHECK(alone.trap(three(0, 11, 0)) == outside);

    CHECK(run(ok(alone.store.start_thread(ok(alone.instance.function("drop"))))).index() ==
          Outcome(Finished{}).index());
    CHECK(alone.trap(three(0, 0, 1)) == outside);
    CHECK(alone.results(three(0, 0, 0)).empty());
    CHECK(bytes(alone, 0, 8) == "a789efgh");
  }
}

TEST_CASE("bulk instructions past the end of a memory trap before they write anything") {
  for (const ExecutionOptions& mode : modes()) {
    Alone fill(module_with("memory.fill"), mode);
    CHECK(fill.trap(three(page - 2, 'X', 3)) == outside);
    CHECK(fill.trap(three(-1, 'X', 2)) == outside);
    CHECK(fill.trap(three(8, 'X', -1)) == outside);
    CHECK(bytes(fill, page - 2, 2) == std::string("\0\0", 2));

    Alone copy(module_with("memory.copy"), mode);
    CHECK(copy.trap(three(page - 2, 0, 3)) == outside);
    CHECK(copy.trap(three(0, page - 2, 3)) == outside);
    CHECK(copy.trap(three(0, -4, 8)) == outside);
    CHECK(bytes(copy, 0, 8) == "abcdefgh");
    CHECK(bytes(copy, page - 2, 2) == std::string("\0\0", 2));
  }
}

TEST_CASE("bulk instructions of no bytes are fine at the end of a memory, and trap past it") {
  for (const ExecutionOptions& mode : modes()) {
    for (const char* const instruction : {"memory.fill", "memory.copy", "memory.init $digits"}) {
      INFO(instruction);
      Alone alone(module_with(instruction), mode);
      CHECK(alone.results(three(page, 0, 0)).empty());
      CHECK(alone.trap(three(page + 1, 0, 0)) == outside);
      CHECK(alone.trap(three(-1, 0, 0)) == outside);
    }
    Alone copy(module_with("memory.copy"), mode);
    CHECK(copy.results(three(0, page, 0)).empty());
    CHECK(copy.trap(three(0, page + 1, 0)) == outside);
  }
}

TEST_CASE("a memory that has grown is filled and copied in its new pages") {
  constexpr std::string_view text = R"((module (memory (export "memory") 1 3)
    (func (export "run") (param i32 i32 i32) (result i32 i32 i32)
      (memory.grow (i32.const 1)) (memory.grow (i32.const 2))
      (memory.fill (local.get 0) (local.get 1) (local.get 2))
      (memory.copy (i32.const 0) (local.get 0) (local.get 2))
      (memory.size))))";
  for (const ExecutionOptions& mode : modes()) {
    Alone alone(text, mode);
    CHECK(alone.results(three(page - 1, '!', page + 1)) ==
          Values{Value::i32(1), Value::i32(-1), Value::i32(2)});
    const std::string all = bytes(alone, 0, 2 * static_cast<std::uint64_t>(page));
    CHECK(std::ranges::count(all, '!') == 2 * page);
  }
}
