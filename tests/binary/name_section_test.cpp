// The name section: all its subsections, and that nothing in it can make a module malformed.
#include <array>

#include "lib/binary/decoder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata {
namespace {

using namespace test;

/// The names of a module whose name section has these contents.
Names names_of(const Bytes& contents) {
  const Bytes section = concat({encoded_name("name"), contents});
  Result<ModuleData> module = decode(module_of({{Section::custom, section}}), Features::all());
  REQUIRE(module);
  REQUIRE(module->customs.size() == 1);
  return std::move(module->names);
}

Bytes subsection(std::uint8_t id, const Bytes& contents) {
  return concat({{id}, leb_u(contents.size()), contents});
}

Bytes entry(std::uint8_t index, std::string_view name) {
  return concat({{index}, encoded_name(name)});
}

TEST_CASE("Names of the module, of functions and of locals are read") {
  ModuleBuilder m;
  const FuncIdx f = m.func({i32}, {}, {});
  const FuncIdx g = m.func({}, {}, {}, {{1, i32}});
  m.name_module("song")
      .name_func(f, "start")
      .name_func(g, "h\xC3\xB6ren")
      .name_local(g, 0, "tempo");
  const Result<ModuleData> module = decode(m.build(), Features::all());
  REQUIRE(module);
  CHECK(module->names.module == "song");
  CHECK(module->names.functions == Names::Map{{0, "start"}, {1, "h\xC3\xB6ren"}});
  CHECK(module->names.locals == Names::IndirectMap{{1, {{0, "tempo"}}}});
}

TEST_CASE("Every name map of the extended name section is read") {
  Bytes contents;
  for (const std::uint8_t id : std::to_array<std::uint8_t>({4, 5, 6, 7, 8, 9, 11})) {
    contents = concat({contents, subsection(id, vec({entry(id, "x")}))});
  }
  const Names names = names_of(contents);
  CHECK(names.types == Names::Map{{4, "x"}});
  CHECK(names.tables == Names::Map{{5, "x"}});
  CHECK(names.memories == Names::Map{{6, "x"}});
  CHECK(names.globals == Names::Map{{7, "x"}});
  CHECK(names.elems == Names::Map{{8, "x"}});
  CHECK(names.datas == Names::Map{{9, "x"}});
  CHECK(names.tags == Names::Map{{11, "x"}});
}

TEST_CASE("Every indirect name map is read") {
  const Bytes map = vec({concat({{2}, vec({entry(0, "a"), entry(5, "b")})})});
  const Names names =
      names_of(concat({subsection(2, map), subsection(3, map), subsection(10, map)}));
  const Names::IndirectMap expected{{2, {{0, "a"}, {5, "b"}}}};
  CHECK(names.locals == expected);
  CHECK(names.labels == expected);
  CHECK(names.fields == expected);
}

TEST_CASE("Unknown subsections are skipped") {
  const Names names =
      names_of(concat({subsection(99, {1, 2, 3}), subsection(0, encoded_name("m"))}));
  CHECK(names.module == "m");
}

TEST_CASE("A malformed subsection is ignored and those before it are kept") {
  const Bytes good = subsection(1, vec({entry(0, "f")}));
  const Bytes bad_utf8 = subsection(0, {1, 0xFF});
  CHECK(names_of(concat({good, bad_utf8})).functions == Names::Map{{0, "f"}});
  CHECK(names_of(concat({good, bad_utf8})).module == std::nullopt);
  CHECK(names_of(concat({good, subsection(7, {5, 0})})).globals.empty());
  CHECK(names_of(concat({good, {0x04, 0x7F}})).functions.size() == 1);  // too long
  CHECK(names_of({0x00}).module == std::nullopt);
}

TEST_CASE("Of two names for one index the first stays") {
  CHECK(names_of(subsection(1, vec({entry(3, "a"), entry(3, "b"), entry(1, "c")}))).functions ==
        Names::Map{{1, "c"}, {3, "a"}});
}

TEST_CASE("Of two name sections the first counts") {
  const Bytes first = concat({encoded_name("name"), subsection(0, encoded_name("one"))});
  const Bytes second = concat({encoded_name("name"), subsection(0, encoded_name("two"))});
  const Result<ModuleData> module =
      decode(module_of({{Section::custom, first}, {Section::custom, second}}), Features::all());
  REQUIRE(module);
  CHECK(module->names.module == "one");
  CHECK(module->customs.size() == 2);
}

TEST_CASE("Names that are read later are the same names") {
  ModuleBuilder m;
  m.name_module("song").name_func(m.func({}, {}, {}), "start");
  const Result<ModuleData> now = decode(m.build(), Features::all());
  const Result<ModuleData> later = decode(m.build(), Features::all(), NameReading::later);
  REQUIRE((now && later));
  CHECK(later->names.functions.empty());
  for (const Names& names : {read_names(*now), read_names(*later)}) {
    CHECK(names.module == "song");
    CHECK(names.functions == Names::Map{{0, "start"}});
  }
}

}  // namespace
}  // namespace fermata
