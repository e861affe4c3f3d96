// Which slot of a frame is what: parameters, locals one by one and in long runs.
#include "interp/lower/frame_layout.hpp"

#include "lib/module/module_impl.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata::test {
namespace {

/// The layout of a function of these parameters and locals.
FrameLayout layout_of(const ResultType& params, const std::vector<LocalRun>& locals) {
  ModuleBuilder m;
  m.func(params, {}, {}, locals);
  auto module = Module::load(m.build());
  if (!module) FAIL(to_string(module.error()));
  FrameLayout layout;
  layout.assign(module->impl(), FuncIdx{0});
  return layout;
}

}  // namespace

TEST_CASE("parameters come first, then the return address, then locals, then operands") {
  const FrameLayout layout = layout_of({i32, i64}, {{2, f32}, {1, i64}});
  CHECK(layout.local_count() == 5);
  CHECK(layout.local_slot(0) == 0);
  CHECK(layout.local_slot(1) == 1);
  CHECK(layout.local_slot(2) == 3);
  CHECK(layout.local_slot(4) == 5);
  CHECK(layout.local_type(1) == i64);
  CHECK(layout.local_type(3) == f32);
  CHECK(layout.local_type(4) == i64);
  CHECK(layout.sizes.first_operand == 6);
}

TEST_CASE("every local of long runs has its slot and type") {
  const FrameLayout layout =
      layout_of({i32}, {{200, i64}, {300, f32}, {0, f64}, {49'000, i32}, {1, f64}});
  REQUIRE(layout.local_count() == 1 + 200 + 300 + 49'000 + 1);
  CHECK(layout.local_slot(0) == 0);
  for (std::uint32_t i = 1; i < layout.local_count(); ++i) {
    const ValType expected = i <= 200 ? i64 : i <= 500 ? f32 : i <= 49'500 ? i32 : f64;
    if (layout.local_slot(i) != i + 1 || layout.local_type(i) != expected) FAIL("local " << i);
  }
}

TEST_CASE("a layout that is used again forgets the last function") {
  ModuleBuilder m;
  m.func({}, {}, {}, {{1000, i64}});
  m.func({f32}, {}, {}, {{1, i32}});
  const auto module = Module::load(m.build());
  REQUIRE(module);
  FrameLayout layout;
  layout.assign(module->impl(), FuncIdx{0});
  CHECK(layout.local_slot(999) == 1000);
  layout.assign(module->impl(), FuncIdx{1});
  CHECK(layout.local_count() == 2);
  CHECK(layout.local_slot(1) == 2);
  CHECK(layout.local_type(1) == i32);
}

}  // namespace fermata::test
