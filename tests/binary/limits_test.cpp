// The decoder's limits (fermata/limits.hpp), each at its edge: as many are read, one more is
// refused unread.
#include "fermata/limits.hpp"

#include <array>
#include <cstdint>
#include <string_view>

#include "lib/binary/decoder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata {
namespace {

using namespace test;

/// A section that counts what is in it; of the items behind the count there is a byte each, and
/// nothing more.
Bytes with_count(Section section, std::uint32_t count) {
  Bytes contents = leb_u(count);
  contents.resize(contents.size() + count, 0xFF);
  return module_of({{section, contents}});
}

/// The message of the limit that was exceeded; empty if none was.
std::string exceeded(const Bytes& bytes) {
  const auto module = decode(bytes, Features::all());
  const bool is_limit = !module && module.error().code == ErrorCode::implementation_limit;
  return is_limit ? module.error().message : "";
}

std::string refusal(std::uint32_t limit, std::string_view what) {
  return "implementation limit: " + std::to_string(limit + 1) + " " + std::string(what) +
         ", at most " + std::to_string(limit) + " are supported";
}

TEST_CASE("As many definitions as a limit says are read, and one more is refused") {
  struct Counted {
    Section section;
    std::uint32_t limit;
    std::string_view what;
  };
  constexpr std::array all{
      Counted{Section::type, limits::rec_groups, "recursive groups"},
      Counted{Section::import, limits::imports, "imports"},
      Counted{Section::function, limits::functions, "functions"},
      Counted{Section::table, limits::tables, "tables"},
      Counted{Section::memory, limits::memories, "memories"},
      Counted{Section::tag, limits::tags, "tags"},
      Counted{Section::global, limits::globals, "globals"},
      Counted{Section::export_, limits::exports, "exports"},
      Counted{Section::element, limits::elem_segments, "element segments"},
      Counted{Section::data, limits::data_segments, "data segments"},
  };
  for (const Counted& counted : all) {
    INFO(counted.what);
    CHECK(exceeded(with_count(counted.section, counted.limit)) == "");
    CHECK(exceeded(with_count(counted.section, counted.limit + 1)) ==
          refusal(counted.limit, counted.what));
  }
}

TEST_CASE(
    "As many types as the limit says are read, in how many groups ever, and one more is refused") {
  const auto groups_of = [](std::uint32_t first, std::uint32_t second) {
    Bytes contents{2};  // groups
    for (const std::uint32_t count : {first, second}) {
      contents.push_back(0x4E);
      const Bytes size = leb_u(count);
      contents.insert(contents.end(), size.begin(), size.end());
      for (std::uint32_t i = 0; i < count; ++i) contents.insert(contents.end(), {0x5F, 0});
    }
    return module_of({{Section::type, contents}});
  };
  const std::uint32_t half = limits::types / 2;
  CHECK(decode(groups_of(half, limits::types - half), Features::all()));
  CHECK_THAT(exceeded(groups_of(half, limits::types - half + 1)), has_text("types, at most"));
}

TEST_CASE("As many elements of a segment as the limit says are read, and one more is refused") {
  const auto segment_of = [](std::uint32_t count) {
    const Bytes begin = concat({{1}, {0x01, 0x00}, leb_u(count)});  // passive, of functions
    Bytes contents = begin;
    contents.resize(begin.size() + count);
    return module_of({{Section::element, contents}});
  };
  CHECK(decode(segment_of(limits::segment_elements), Features::all()));
  CHECK(exceeded(segment_of(limits::segment_elements + 1)) ==
        refusal(limits::segment_elements, "elements"));
}

TEST_CASE("A function of as many bytes as the limit says is read, and one longer is refused") {
  const auto function_of = [](std::uint32_t bytes) {
    Bytes body(bytes, 0x01);  // nop
    body.front() = 0;         // no locals
    body.back() = 0x0B;
    return module_of({{Section::type, vec({{0x60, 0x00, 0x00}})},
                      {Section::function, vec({{0x00}})},
                      {Section::code, concat({{1}, leb_u(bytes), body})}});
  };
  CHECK(decode(function_of(limits::function_bytes), Features::all()));
  CHECK_THAT(exceeded(function_of(limits::function_bytes + 1)),
             has_text("a function of 7654322 bytes, at most 7654321 are supported"));
}

#if SIZE_MAX > 0xFFFF'FFFF && defined(__OPTIMIZE__)  // where there is room for it, and it is soon full
TEST_CASE("A module of more than a gigabyte is refused unread") {
  CHECK_THAT(exceeded(Bytes(std::size_t{limits::module_bytes} + 1)),
             has_text("the module has 1073741825 bytes, at most 1073741824 are supported"));
}
#endif

}  // namespace
}  // namespace fermata
