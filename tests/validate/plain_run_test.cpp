// Instructions judged in runs come to the verdict that the rules of each come to.
//
// Valid modules, those with a few bytes changed, and every pair of operands for every instruction
// of the table: the verdicts must be equal in every word.
#include "lib/validate/plain_run.hpp"

#include <string>

#include "tests/support/random_module.hpp"
#include "tests/validate/verdict.hpp"

namespace fermata {
namespace {

using namespace test;

std::string described(const Bytes& bytes, bool plain_runs) {
  const ValidateOptions options{.executable = Features::all(), .plain_runs = plain_runs};
  return whole_verdict(bytes, options);
}

/// Enough instructions behind `body` for all of it to be judged in a run.
Body padded(Body body) {
  for (int i = 0; i < 16; ++i) body.push_back(nop());
  return body;
}

/// With locals and globals of all sorts and a memory.
Bytes module_of(const Body& body) {
  ModuleBuilder module;
  module.memory(1);
  module.global({i32, true}, {i32_const(0)});
  module.global({f64, false}, {f64_const(0)});
  module.func({i32, i64, f32, f64, v128, funcref}, {}, padded(body));
  return module.build();
}

void check_both(const Bytes& bytes) {
  const std::string in_runs = described(bytes, true);
  CHECK(in_runs == described(bytes, false));
}

TEST_CASE("Random modules and damaged ones are judged alike in runs and one by one") {
  std::size_t valid = 0;
  std::size_t invalid = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Choices choices = Choices::from_seed(seed);
    const Bytes bytes = random_module(choices);
    for (int damage = 0; damage < 40; ++damage) {
      const Bytes changed = damaged(bytes, damage / 10, choices);
      INFO("seed " << seed << ", damage " << damage);
      check_both(changed);
      ++(described(changed, true).starts_with("valid") ? valid : invalid);
    }
  }
  CHECK(valid > 600);
  CHECK(invalid > 600);
}

TEST_CASE("Every opcode is judged alike on every pair of operands") {
  for (unsigned opcode = 0; opcode < 256; ++opcode) {
    for (const int immediate : {0, 1, 2, 3, 4, 5, 6, 0x7F, 0x80, 0xFF}) {
      const Code instruction{
          {static_cast<std::uint8_t>(opcode), static_cast<std::uint8_t>(immediate), 1}};
      for (unsigned first = 0; first < 6; ++first) {
        for (unsigned second = 0; second < 6; ++second) {
          INFO("opcode " << opcode << ' ' << immediate << " on " << first << ' ' << second);
          check_both(module_of({local_get(first), local_get(second), instruction}));
        }
      }
      check_both(module_of({instruction}));
    }
  }
}

/// `depth` blocks, `opening(i)` beginning the one with i around it, and `inner` in all of them.
template <class F>
Bytes nested(std::uint32_t depth, F&& opening, const Body& inner) {
  Body body;
  for (std::uint32_t i = 0; i < depth; ++i) body.push_back(opening(i));
  body.insert(body.end(), inner.begin(), inner.end());
  for (std::uint32_t i = 0; i < depth; ++i) body.push_back(end());
  return module_of(body);
}

TEST_CASE("Conditional branches are judged alike at every depth") {
  for (const std::uint32_t depth : {0u, 1u, 2u, 126u, 127u, 128u, 129u, 200u, 300u}) {
    for (const std::uint32_t label : {0u, 1u, 2u, 3u, 126u, 127u, 128u, 129u, 130u, 200u, 301u}) {
      INFO("depth " << depth << ", label " << label);
      const auto is_valid = [&](const Body& inner) {
        const Bytes module = nested(depth, [](std::uint32_t) { return block(); }, inner);
        check_both(module);
        return described(module, true).starts_with("valid");
      };
      CHECK(is_valid({i32_const(1), br_if(label)}) == (label <= depth));
      CHECK_FALSE(is_valid({f32_const(1), br_if(label)}));
      CHECK_FALSE(is_valid({br_if(label)}));
      CHECK(is_valid({unreachable(), br_if(label)}) == (label <= depth));
      // Depth changes and comes back.
      const Body around{block(), i32_const(1), br_if(label), end(), i32_const(1), br_if(label)};
      CHECK(is_valid(around) == (label <= depth));
    }
  }
}

TEST_CASE("Conditional branches out of many blocks are judged alike") {
  for (const std::uint32_t with_value : {0u, 1u, 2u, 3u, 64u, 127u, 128u, 140u}) {
    const auto opening = [=](std::uint32_t i) { return i == with_value ? block(i32) : block(); };
    for (std::uint32_t label = 0; label < 150; ++label) {
      INFO("label " << label << ", with a value " << with_value);
      check_both(nested(142, opening, {i32_const(1), br_if(label)}));
    }
  }
}

TEST_CASE("Conditional branches to labels of all sorts are judged alike") {
  const auto opening = [](std::uint32_t sorts) {
    return [sorts](std::uint32_t i) {
      const std::uint32_t sort = sorts >> (2 * i) & 3;
      return sort == 0 ? block() : sort == 1 ? block(i32) : sort == 2 ? loop(i32) : loop();
    };
  };
  std::size_t valid = 0;
  for (std::uint32_t sorts = 0; sorts < 64; ++sorts) {
    for (std::uint32_t label = 0; label < 5; ++label) {
      for (const Body& inner :
           {Body{i32_const(1), br_if(label)}, Body{i32_const(1), i32_const(1), br_if(label)},
            Body{i32_const(1), if_(), i32_const(1), br_if(label), else_(), i32_const(1),
                 br_if(label), end(), i32_const(1)}}) {
        INFO("sorts " << sorts << ", label " << label);
        const Bytes module = nested(3, opening(sorts), inner);
        check_both(module);
        valid += described(module, true).starts_with("valid") ? 1 : 0;
      }
    }
  }
  CHECK(valid > 20);
}

TEST_CASE("A run ends with the code, whatever the bytes behind it are") {
  for (unsigned opcode = 0; opcode < 256; ++opcode) {
    for (unsigned length = 0; length < 12; ++length) {
      ModuleBuilder module;
      Code last{{static_cast<std::uint8_t>(opcode)}};
      for (unsigned i = 0; i < length; ++i) last.bytes.push_back(0x0B);
      module.func({i32, i32}, {}, {local_get(0), local_get(1), last});
      module.func({}, {}, padded({}));
      INFO("opcode " << opcode << ", " << length << " bytes behind it");
      check_both(module.build());
    }
  }
}

TEST_CASE("An index or an alignment of several bytes is not judged by its first byte") {
  const auto is_valid = [](const Body& body) {
    const Bytes module = module_of(body);
    check_both(module);
    return described(module, true).starts_with("valid");
  };
  // The lowest seven bits of these indices are an index that exists.
  CHECK_FALSE(is_valid({local_get(3'153'920), drop()}));
  CHECK_FALSE(is_valid({i32_const(0), local_set(128)}));
  CHECK_FALSE(is_valid({global_get(1u << 21), drop()}));
  CHECK_FALSE(is_valid({i32_const(0), global_set(128)}));
  CHECK_FALSE(is_valid({i32_const(0), br_if(1u << 14)}));
  constexpr std::uint8_t i32_load = 0x28;
  CHECK_FALSE(is_valid({i32_const(0), raw({i32_load, 3, 0}), drop()}));
  CHECK_FALSE(is_valid({i32_const(0), raw({i32_load, 0x3F, 0}), drop()}));
  CHECK_FALSE(is_valid({i32_const(0), raw({i32_load, 0x83, 0, 0}), drop()}));
  CHECK(is_valid({local_get(0), i32_const(0), load(WasmOp::i32_load), drop(), drop()}));
}

/// How many bytes of `body` a run takes, in a function with an i32 local and 200 f64 ones.
std::size_t judged(const Body& body) {
  ModuleBuilder builder;
  builder.memory(1);
  builder.global({i32, true}, {i32_const(0)});
  builder.global({i32, false}, {i32_const(0)});
  auto data = decode(builder.build(), Features::all());
  REQUIRE(data);
  const auto loaded = make_module(std::move(*data), Features::all());
  REQUIRE(loaded);

  // A context may be of a module that is being validated; this one only looks.
  validation::Context context(const_cast<ModuleImpl&>(loaded->impl()), ValidateOptions{});
  const LocalRun run{200, f64};
  validation::LocalTypes locals;
  const validation::StackType param = i32;
  locals.reset({&param, 1}, {&run, 1});
  validation::OperandStack stack(context.types);
  stack.reset(1000);
  validation::PlainRun plain(context);
  plain.set_locals(locals);

  Bytes code;
  for (const Code& instruction : body) {
    code.insert(code.end(), instruction.bytes.begin(), instruction.bytes.end());
  }
  const std::size_t size = code.size();
  code.resize(size + 16);
  return plain.judge(code, size, stack);
}

std::size_t size_of(const Body& body) {
  std::size_t size = 0;
  for (const Code& instruction : body) size += instruction.bytes.size();
  return size;
}

TEST_CASE("A run takes plain instructions and stops before the first that is not") {
  const Body plain{local_get(0),           i32_const(70'000), op(WasmOp::i32_add), local_tee(0),
                   load(WasmOp::i32_load), global_set(0),     local_get(99),       f64_const(1),
                   op(WasmOp::f64_add),    local_set(99),     global_get(1),       local_set(0)};
  CHECK(judged(plain) == size_of(plain));
  for (const Code& other : {drop(), local_get(128), block(i32), call(0), global_set(1)}) {
    Body body = plain;
    body.push_back(i32_const(1));
    const std::size_t before = size_of(body);
    body.push_back(other);
    body.push_back(nop());
    INFO("opcode " << unsigned{other.bytes[0]});
    CHECK(judged(body) == before);
  }
  CHECK(judged({local_get(0), op(WasmOp::i64_eqz)}) == size_of({local_get(0)}));
  CHECK(judged({op(WasmOp::i32_add)}) == 0);
}

}  // namespace
}  // namespace fermata
