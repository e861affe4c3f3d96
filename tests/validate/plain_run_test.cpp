// Instructions judged in runs come to the verdict that the rules of each come to.
//
// Valid modules, those with a few bytes changed, and every pair of operands for every instruction
// of the table: the verdicts must be equal in every word.
#include "lib/validate/plain_run.hpp"

#include <string>

#include "tests/support/choices.hpp"
#include "tests/support/random_module.hpp"
#include "tests/validate/verdict.hpp"

namespace fermata {
namespace {

using namespace test;

/// The verdict with all that validation finds out.
std::string words(const Result<Module>& module) {
  if (!module) return to_string(module.error());
  std::string text = "valid:";
  for (const std::uint32_t slots : module->impl().max_operand_slots) {
    text += ' ' + std::to_string(slots);
  }
  return text;
}

std::string described(const Bytes& bytes, bool plain_runs) {
  Result<ModuleData> data = decode(bytes, Features::all());
  if (!data) return to_string(data.error());
  const ValidateOptions options{.refuse_unimplemented = false, .plain_runs = plain_runs};
  return words(make_module(std::move(*data), Features::all(), options));
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
      Bytes damaged = bytes;
      for (int i = 0; i < damage / 10; ++i) {
        damaged[choices.below(static_cast<std::uint32_t>(bytes.size()))] =
            static_cast<std::uint8_t>(choices.below(256));
      }
      INFO("seed " << seed << ", damage " << damage);
      check_both(damaged);
      ++(described(damaged, true).starts_with("valid") ? valid : invalid);
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

}  // namespace
}  // namespace fermata
