// Atomic instructions: what each computes, which addresses it refuses, in memories of every kind.
// Proposal: threads.
#include <fmt/format.h>

#include <cstring>

#include "fermata/text.hpp"
#include "tests/process/process_support.hpp"

using namespace fermata;
using namespace fermata::test;

namespace {

constexpr std::uint64_t before = 0x8182838485868788;
constexpr std::uint64_t operand = 0xF1E2D3C4B5A69788;

/// An access of `bits` bits by an instruction on `type`.
struct Width {
  std::string_view type;
  unsigned bits;
  [[nodiscard]] std::uint64_t mask() const { return bits == 64 ? ~0ull : (1ull << bits) - 1; }
  [[nodiscard]] bool is_whole() const { return bits == (type == "i64" ? 64u : 32u); }
};
constexpr Width widths[] = {{"i32", 8},  {"i32", 16}, {"i32", 32}, {"i64", 8},
                            {"i64", 16}, {"i64", 32}, {"i64", 64}};

std::string access_name(const Width& width, std::string_view what) {
  const auto bits = width.is_whole() ? std::string() : std::to_string(width.bits);
  if (what == "load" || what == "store") {
    const bool extends = what == "load" && !width.is_whole();
    return fmt::format("{}.atomic.{}{}{}", width.type, what, bits, extends ? "_u" : "");
  }
  return fmt::format("{}.atomic.rmw{}.{}{}", width.type, bits, what, width.is_whole() ? "" : "_u");
}

/// A memory in which an access finds its address.
struct Kind {
  std::string_view memories;
  std::string_view index;    // of the access
  std::string_view address;  // its type
};
constexpr Kind kinds[] = {
    {R"((memory (export "memory") 1 2 shared))", "", "i32"},
    {R"((memory (export "memory") 1))", "", "i32"},
    {R"((memory (export "memory") i64 1 2 shared))", "", "i64"},
    {R"((memory 0) (memory (export "memory") 1))", "1", "i32"},
};

/// Calls `f`, whose body is one access with these operands, in a store, where there may be two
/// memories.
struct Call {
  Call(const Kind& kind, std::string_view access, std::string_view operands,
       std::string_view result, const ExecutionOptions& mode)
      : store(mode) {
    const auto text = fmt::format(
        "(module {} (func (export \"f\") (param {}) {} ({} {} offset=8 (local.get 0) {})))",
        kind.memories, kind.address, result, access, kind.index, operands);
    const Linker linker;
    instance = ok(linker.instantiate(store, ok(parse_text(text, {.features = Features::all()}))));
    ok(memory().write(16, std::as_bytes(std::span(&before_little, 1))));
    is_64 = kind.address == "i64";
  }
  MemoryRef memory() { return ok(instance->memory("memory")); }
  std::uint64_t word() {
    std::uint8_t bytes[8];
    ok(memory().read(16, std::as_writable_bytes(std::span(bytes))));
    std::uint64_t value = 0;
    for (int i = 8; i-- > 0;) value = value << 8 | bytes[i];
    return value;
  }
  Thread thread(std::uint64_t address) {
    const Value value =
        is_64 ? Value::u64(address) : Value::u32(static_cast<std::uint32_t>(address));
    return ok(store.start_thread(ok(instance->function("f")), Values{value}));
  }

  static constexpr std::uint8_t before_little[8] = {0x88, 0x87, 0x86, 0x85, 0x84, 0x83, 0x82, 0x81};
  Store store;
  std::optional<InstanceRef> instance;
  bool is_64 = false;
};
constexpr std::uint8_t Call::before_little[8];

Value value_of(const Width& width, std::uint64_t bits) {
  return width.type == "i64" ? Value::u64(bits) : Value::u32(static_cast<std::uint32_t>(bits));
}

std::string constant(const Width& width, std::uint64_t bits) {
  if (width.type == "i32") bits &= 0xFFFFFFFF;
  return fmt::format("({}.const {:#x})", width.type, bits);
}

using Computed = std::uint64_t (*)(std::uint64_t old, std::uint64_t given);
struct Operation {
  std::string_view name;
  Computed compute;
};
constexpr Operation operations[] = {
    {"add", [](std::uint64_t old, std::uint64_t given) { return old + given; }},
    {"sub", [](std::uint64_t old, std::uint64_t given) { return old - given; }},
    {"and", [](std::uint64_t old, std::uint64_t given) { return old & given; }},
    {"or", [](std::uint64_t old, std::uint64_t given) { return old | given; }},
    {"xor", [](std::uint64_t old, std::uint64_t given) { return old ^ given; }},
    {"xchg", [](std::uint64_t, std::uint64_t given) { return given; }},
};

std::uint64_t in_place(const Width& width, std::uint64_t bits) {
  return (before & ~width.mask()) | (bits & width.mask());
}

}  // namespace

TEST_CASE("an atomic load and store move as many bits as they say, in every memory and mode") {
  for (const ExecutionOptions& mode : modes()) {
    for (const Kind& kind : kinds) {
      for (const Width& width : widths) {
        const auto load = access_name(width, "load");
        INFO(load << " in " << kind.memories);
        Call loads(kind, load, "", fmt::format("(result {})", width.type), mode);
        CHECK(expect_finish(loads.thread(8)) == Values{value_of(width, before & width.mask())});
        Call stores(kind, access_name(width, "store"), constant(width, operand), "", mode);
        CHECK(expect_finish(stores.thread(8)).empty());
        CHECK(stores.word() == in_place(width, operand));
      }
    }
  }
}

TEST_CASE("a read-modify-write gives what was there and leaves what it computes") {
  for (const ExecutionOptions& mode : modes()) {
    for (const Kind& kind : kinds) {
      for (const Width& width : widths) {
        for (const Operation& operation : operations) {
          const auto access = access_name(width, operation.name);
          INFO(access << " in " << kind.memories);
          Call call(kind, access, constant(width, operand), fmt::format("(result {})", width.type),
                    mode);
          CHECK(expect_finish(call.thread(8)) == Values{value_of(width, before & width.mask())});
          CHECK(call.word() == in_place(width, operation.compute(before, operand)));
        }
      }
    }
  }
}

TEST_CASE("a compare-exchange replaces what is as expected, of which the width's bits count") {
  for (const ExecutionOptions& mode : modes()) {
    for (const Width& width : widths) {
      const auto access = access_name(width, "cmpxchg");
      INFO(access);
      const auto result = fmt::format("(result {})", width.type);
      const Values old{value_of(width, before & width.mask())};
      for (const bool equal : {true, false}) {
        const std::uint64_t expected = (equal ? before : before + 1) ^ ~width.mask();
        const auto operands = constant(width, expected) + constant(width, operand);
        Call call(kinds[0], access, operands, result, mode);
        CHECK(expect_finish(call.thread(8)) == old);
        CHECK(call.word() == (equal ? in_place(width, operand) : before));
      }
    }
  }
}

TEST_CASE("an effective address that is no multiple of the size traps, before bounds are judged") {
  for (const Kind& kind : kinds) {
    for (const Width& width : widths) {
      const auto load = access_name(width, "load");
      INFO(load << " in " << kind.memories);
      Call call(kind, load, "", fmt::format("(result {})", width.type), {});
      const std::uint64_t size = width.bits / 8;
      for (std::uint64_t i = 1; i < size; ++i) {
        CHECK(expect_trap(call.thread(i)) == Trap::unaligned_atomic_access);
        CHECK(expect_trap(call.thread(65536 + i)) == Trap::unaligned_atomic_access);
      }
      CHECK(expect_finish(call.thread(65536 - 8 - size)).size() == 1);
      CHECK(expect_trap(call.thread(65536 - 8)) == Trap::out_of_bounds_memory_access);
      CHECK(expect_trap(call.thread(0xFFFFFFF8)) == Trap::out_of_bounds_memory_access);
      if (!call.is_64) continue;
      CHECK(expect_trap(call.thread(~std::uint64_t{7})) == Trap::out_of_bounds_memory_access);
    }
  }
}

TEST_CASE("a fence does nothing, without a memory too") {
  const auto text =
      R"((module (func (export "_start") (result i32) (i32.const 3) (atomic.fence))))";
  Process process = ok(Process::create(ok(parse_text(text)), no_imports));
  CHECK(expect_finish(process.main_thread()) == Values{Value::i32(3)});
}

TEST_CASE("a grown memory of several instances is as large for all of them") {
  constexpr std::string_view grower = R"((module
    (memory (export "memory") 1 3 shared)
    (func (export "grow") (result i32) (memory.grow (i32.const 1)))))";
  constexpr std::string_view reader = R"((module
    (import "grower" "memory" (memory 1 3 shared))
    (func (export "read") (result i32) (i32.load (i32.const 131068)))))";
  Store store;
  Linker linker;
  const auto first = ok(linker.instantiate(store, ok(parse_text(grower))));
  linker.define_instance("grower", first);
  const auto second = ok(linker.instantiate(store, ok(parse_text(reader))));
  const auto thread = [&](const InstanceRef& instance, std::string_view name) {
    return ok(store.start_thread(ok(instance.function(name))));
  };
  CHECK(expect_trap(thread(second, "read")) == Trap::out_of_bounds_memory_access);
  CHECK(expect_finish(thread(first, "grow")) == Values{Value::i32(1)});
  CHECK(expect_finish(thread(second, "read")) == Values{Value::i32(0)});
}
