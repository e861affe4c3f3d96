// The decoder on malformed modules: the phase, the offset, and the words of every refusal.
#include <string>

#include "fermata/limits.hpp"
#include "lib/binary/decoder.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/module_builder.hpp"

namespace fermata {
namespace {

using namespace test;
using enum Section;

Error error_of(const Bytes& bytes) {
  const Result<ModuleData> module = decode(bytes, Features::all());
  if (module) return Error{};
  return module.error();
}

/// The error's message and where it lies, in one line that tests can show.
std::string malformed(const Bytes& bytes) {
  const Error error = error_of(bytes);
  if (error.code != ErrorCode::malformed_binary || error.phase != Phase::malformed) {
    return "not malformed: " + to_string(error);
  }
  return std::to_string(error.offset.value_or(9999)) + ": " + error.message;
}

const Bytes one_type = vec({{0x60, 0x00, 0x00}});
const Bytes one_function = vec({{0x00}});

TEST_CASE("The preamble must be there and be version 1") {
  CHECK(malformed({}) == "0: unexpected end of section or function: expected more bytes");
  CHECK(malformed({0, 'a', 's', 'm'}) ==
        "4: unexpected end of section or function: expected more bytes");
  CHECK(malformed({'a', 's', 'm', 0, 1, 0, 0, 0}) ==
        "0: magic header not detected: expected the bytes \"\\0asm\"");
  CHECK(malformed({0, 'a', 's', 'm', 13, 0, 1, 0}) ==
        "4: unknown binary version: expected 1 of a core module, found a component of the "
        "component model");
  CHECK(malformed({0, 'a', 's', 'm', 2, 0, 0, 0}) ==
        "4: unknown binary version: expected 1, found 2");
}

TEST_CASE("Sections have a known id and come in order, once") {
  CHECK(malformed(module_of({{Section{14}, {}}})) ==
        "8: malformed section id: expected 0 to 13, found 14");
  CHECK(malformed(module_of({{import, vec({})}, {type, vec({})}})) ==
        "11: unexpected content after last section: the type section must not follow the import "
        "section");
  CHECK(malformed(module_of({{type, vec({})}, {type, vec({})}})) ==
        "11: unexpected content after last section: the type section must not follow the type "
        "section");
  CHECK_THAT(malformed(module_of({{global, vec({})}, {tag, vec({})}})),
             has_text("unexpected content after last section"));
  CHECK_THAT(malformed(module_of({{code, vec({})}, {data_count, {0}}})),
             has_text("unexpected content after last section"));
}

TEST_CASE("A section's size is that of its contents") {
  CHECK(malformed(module_of({{type, {0x00, 0x00}}})) ==
        "10: section size mismatch: the type section declares 2 bytes, its contents take 1");
  CHECK(malformed(concat({module_of({}), {1, 1, 1, 0x60, 0, 0}})) ==
        "10: section size mismatch: the type section declares 1 bytes, its contents take 4");
  CHECK(malformed(concat({module_of({}), {1, 9, 0}})) ==
        "9: length out of bounds: length 9, but 1 bytes are left");
  CHECK(malformed(concat({module_of({}), {1, 3, 0}})) ==
        "9: length out of bounds: length 3, but 1 bytes are left");
  CHECK(malformed(concat({module_of({}), {1}})) ==
        "9: unexpected end of section or function: expected more bytes");
}

TEST_CASE("Vectors are not longer than what is left") {
  CHECK(malformed(module_of({{type, {0xFF, 0xFF, 0xFF, 0xFF, 0x0F}}})) ==
        "10: length out of bounds: length 4294967295, but 0 bytes are left");
  CHECK_THAT(malformed(module_of({{type, vec({{0x60, 0x7F}})}})), has_text("length out of bounds"));
}

TEST_CASE("Types are well-formed") {
  CHECK(malformed(module_of({{type, vec({{0x61}})}})) ==
        "11: malformed definition type: expected a function, structure or array type, found 0x61");
  CHECK(malformed(module_of({{type, vec({{0x60, 1, 0x40, 0}})}})) ==
        "13: malformed reference type: expected a type, found 0x40");
  CHECK(malformed(module_of({{type, vec({{0x60, 1, 0x63, 0x7F, 0}})}})) ==
        "14: malformed heap type: expected an abstract heap type or a type index, found -1");
  CHECK(malformed(module_of({{type, vec({{0x5F, 1, 0x7F, 2}})}})) ==
        "14: malformed mutability: expected 0 or 1, found 2");
  CHECK_THAT(malformed(module_of({{type, vec({{0xE0, 0x7F}})}})),
             has_text("integer representation too long"));
}

TEST_CASE("Imports and exports have a known kind") {
  CHECK(malformed(module_of({{import, vec({{0, 0, 5, 0}})}})) ==
        "13: malformed import kind: expected 0 to 4, found 5");
  CHECK(malformed(module_of({{export_, vec({{0, 5, 0}})}})) ==
        "12: malformed export kind: expected 0 to 4, found 5");
  CHECK(malformed(module_of({{import, vec({{0, 0, 4, 1, 0}})}})) ==
        "14: zero byte expected: found tag attribute 1");
}

TEST_CASE("Names are UTF-8 wherever they stand") {
  CHECK_THAT(malformed(module_of({{import, vec({{1, 0xFF, 0, 0, 0}})}})),
             has_text("11: malformed UTF-8 encoding"));
  CHECK_THAT(malformed(module_of({{export_, vec({{1, 0xC0, 0, 0}})}})),
             has_text("11: malformed UTF-8 encoding"));
  CHECK_THAT(malformed(module_of({{custom, {1, 0x80}}})), has_text("10: malformed UTF-8 encoding"));
}

TEST_CASE("Limits have known flags") {
  CHECK(malformed(module_of({{memory, vec({{0x08, 0, 64}})}})) ==
        "13: invalid custom page size: expected less than 2^64, found 2^64");
  CHECK(malformed(module_of({{memory, vec({{0x10, 0}})}})) ==
        "11: malformed limits flags: expected no flags but 0x0f, found 0x10");
  CHECK(malformed(module_of({{table, vec({{0x70, 0x02, 0}})}})) ==
        "12: malformed limits flags: expected no flags but 0x05, found 0x02");
}

TEST_CASE("Tables have a reference type, and zero after 0x40") {
  CHECK(malformed(module_of({{table, vec({{0x7F, 0, 0}})}})) ==
        "11: malformed reference type: expected a type, found 0x7f");
  CHECK(malformed(module_of({{table, vec({{0x40, 1, 0x70, 0, 0, 0x0B}})}})) ==
        "12: zero byte expected: found 1");
}

TEST_CASE("Globals have a mutability and a closed initializer") {
  CHECK(malformed(module_of({{global, vec({{0x7F, 2, 0x41, 0, 0x0B}})}})) ==
        "12: malformed mutability: expected 0 or 1, found 2");
  CHECK(malformed(module_of({{global, vec({{0x7F, 0, 0x41, 0}})}})) ==
        "15: unexpected end of section or function: expected more bytes");
  CHECK(malformed(module_of({{global, vec({{0x7F, 0, 0x41, 0, 0x05}})}})) ==
        "15: END opcode expected: found else outside of an if");
  CHECK(malformed(module_of({{global, vec({{0x7F, 0, 0x41, 0, 0x19}})}})) ==
        "15: END opcode expected: found catch_all outside of a try");
  CHECK(malformed(module_of({{global, vec({{0x7F, 0, 0x41, 0, 0x18, 0}})}})) ==
        "15: END opcode expected: found delegate outside of a try");
  CHECK_THAT(malformed(module_of({{global, vec({{0x7F, 0, 0xFF, 0x0B}})}})),
             has_text("13: illegal opcode ff"));
}

TEST_CASE("Segments have a known variant") {
  CHECK(malformed(module_of({{element, vec({{8}})}})) ==
        "11: malformed elements segment kind: expected 0 to 7, found 8");
  CHECK(malformed(module_of({{element, vec({{1, 1, 0}})}})) ==
        "12: malformed element kind: expected 0, found 1");
  CHECK(malformed(module_of({{Section::data, vec({{3}})}})) ==
        "11: malformed data segment kind: expected 0 to 2, found 3");
  CHECK_THAT(malformed(module_of({{Section::data, vec({{1, 6, 'a'}})}})),
             has_text("12: length out of bounds"));
}

TEST_CASE("Function and code sections agree") {
  const std::string rule = "function and code section have inconsistent lengths: ";
  CHECK(malformed(module_of({{type, one_type}, {function, one_function}})) ==
        "18: " + rule + "1 functions are declared, the code of 0 is there");
  CHECK(malformed(module_of({{code, vec({{2, 0, 0x0B}})}})) ==
        "14: " + rule + "0 functions are declared, the code of 1 is there");
}

TEST_CASE("Data count and data section agree") {
  CHECK(
      malformed(module_of({{data_count, {1}}})) ==
      "11: data count and data section have inconsistent lengths: 1 segments are announced, 0 are "
      "there");
  CHECK_THAT(malformed(module_of({{data_count, {0}}, {Section::data, vec({{1, 0}})}})),
             has_text("data count and data section have inconsistent lengths"));
  CHECK_THAT(malformed(module_of({{data_count, {1, 0}}})), has_text("section size mismatch"));
}

Bytes module_with_code(const Bytes& entry) {
  return module_of({{type, one_type}, {function, one_function}, {code, vec({entry})}});
}
constexpr int entry_offset = 21;

TEST_CASE("A function's size holds its locals and its instructions") {
  CHECK(malformed(module_with_code({1, 1, 1, 0x7F, 0x0B})) ==
        "22: section size mismatch: the function declares 1 bytes, its locals alone take 3");
  CHECK(malformed(module_with_code({2, 1, 1, 0x7F, 0x0B})) ==
        "22: section size mismatch: the function declares 2 bytes, its locals alone take 3");
  CHECK_THAT(malformed(module_with_code({9, 0, 0x0B})),
             has_text("length out of bounds: length 9, but 2 bytes are left"));
  const Error error = error_of(module_with_code({9, 0, 0x0B}));
  CHECK(error.offset == entry_offset);
  CHECK(error.function == FuncIdx{0});
}

TEST_CASE("Instructions that do not end with end are malformed where they go wrong") {
  CHECK(malformed(module_with_code({3, 0, 0x41, 0x00})) ==
        "25: unexpected end of section or function: expected more bytes");
  CHECK(malformed(module_with_code({1, 0})) ==
        "23: unexpected end of section or function: expected more bytes");
  CHECK_THAT(malformed(module_with_code({2, 0, 0xFF})), has_text("23: illegal opcode ff"));
  // The end that closes them lies in what was declared to be the next section.
  CHECK(
      malformed(concat({module_with_code({2, 0, 0x01}), {0x0B, 0x00}})) ==
      "23: section size mismatch: the function's instructions are declared to end at offset 0x18, "
      "but end at 0x19");
}

Bytes module_with_locals(std::initializer_list<std::uint64_t> counts) {
  Bytes locals = leb_u(counts.size());
  for (const std::uint64_t count : counts) locals = concat({locals, leb_u(count), {0x7F}});
  const Bytes entry = concat({locals, {0x0B}});
  return module_with_code(concat({leb_u(entry.size()), entry}));
}

TEST_CASE("2^32 locals are malformed, more than a documented number exceed a limit") {
  CHECK(malformed(module_with_locals({0xFFFF'FFFF, 1})) ==
        "22: too many locals: 4294967296 are declared, below 2^32 expected");
  CHECK_THAT(malformed(module_with_locals({0x1'0000'0000})), has_text("integer too large"));
  CHECK(decode(module_with_locals({limits::locals - 1, 1}), Features::all()));
  const Error error = error_of(module_with_locals({limits::locals, 1}));
  CHECK(error.code == ErrorCode::implementation_limit);
  CHECK(error.phase == Phase::invalid);
  CHECK(error.message ==
        "implementation limit: too many locals: 50001 are declared, at most 50000 are supported");
}

TEST_CASE("More types than the limit are refused without being read") {
  Bytes groups = leb_u(limits::rec_groups + 1);
  groups.resize(groups.size() + limits::rec_groups + 1);
  const Error error = error_of(module_of({{type, groups}}));
  CHECK(error.code == ErrorCode::implementation_limit);
  CHECK_THAT(error.message, has_text("1000001 recursive groups, at most 1000000 are supported"));
}

TEST_CASE("A custom section has a name within its size") {
  CHECK(malformed(module_of({{custom, {}}})) ==
        "10: unexpected end of section or function: expected more bytes");
  CHECK(malformed(module_of({{custom, {2}}, {memory, vec({})}})) ==
        "11: unexpected end of section or function: the custom section ends within its name");
}

}  // namespace
}  // namespace fermata
