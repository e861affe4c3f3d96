// The primitive encodings: LEB128 at its edges, names, and which failure is kept.
#include "lib/binary/reader.hpp"

#include <limits>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace fermata {
namespace {

using test::has_text;
using Bytes = std::vector<std::uint8_t>;

/// What `read` makes of `bytes`, with the reader's verdict.
template <class T>
struct Outcome {
  T value{};
  std::string error;  // empty: well-formed
  std::uint64_t error_offset = 0;
  std::uint32_t taken = 0;
};

template <class F>
auto reading(const Bytes& bytes, F&& read) {
  Reader reader(bytes, {0, static_cast<std::uint32_t>(bytes.size())});
  Outcome<decltype(read(reader))> outcome;
  outcome.value = read(reader);
  if (reader.ok()) {
    outcome.taken = reader.offset();
  } else {
    outcome.error = reader.error().message;
    outcome.error_offset = *reader.error().offset;
  }
  return outcome;
}

auto u32(const Bytes& bytes) {
  return reading(bytes, [](Reader& r) { return r.u32(); });
}
auto u64(const Bytes& bytes) {
  return reading(bytes, [](Reader& r) { return r.u64(); });
}
auto s32(const Bytes& bytes) {
  return reading(bytes, [](Reader& r) { return r.s32(); });
}
auto s33(const Bytes& bytes) {
  return reading(bytes, [](Reader& r) { return r.s33(); });
}
auto s64(const Bytes& bytes) {
  return reading(bytes, [](Reader& r) { return r.s64(); });
}
auto name(const std::string& text) {
  Bytes bytes{static_cast<std::uint8_t>(text.size())};
  bytes.insert(bytes.end(), text.begin(), text.end());
  return reading(bytes, [](Reader& r) { return std::string(r.name()); });
}

TEST_CASE("Unsigned LEB128 reads the smallest and the largest of its width") {
  CHECK(u32({0x00}).value == 0);
  CHECK(u32({0x7F}).value == 127);
  CHECK(u32({0x80, 0x01}).value == 128);
  CHECK(u32({0xFF, 0xFF, 0xFF, 0xFF, 0x0F}).value == std::numeric_limits<std::uint32_t>::max());
  CHECK(u64({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01}).value ==
        std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("LEB128 may be padded up to the longest form of its width") {
  CHECK(u32({0x82, 0x80, 0x80, 0x80, 0x00}).value == 2);
  CHECK(u32({0x82, 0x80, 0x80, 0x80, 0x00}).taken == 5);
  CHECK(s32({0xFE, 0xFF, 0xFF, 0xFF, 0x7F}).value == -2);
  CHECK(s64({0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}).value == 1);
}

TEST_CASE("LEB128 of too many bytes is malformed after the last that may be") {
  const auto overlong = u32({0x82, 0x80, 0x80, 0x80, 0x80, 0x00});
  CHECK(overlong.error == "integer representation too long: expected at most 5 bytes");
  CHECK(overlong.error_offset == 5);
  CHECK_THAT(s32({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F}).error,
             has_text("integer representation too long"));
  CHECK_THAT(u64({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}).error,
             has_text("expected at most 10 bytes"));
}

TEST_CASE("LEB128 with bits beyond its width is too large at the byte that has them") {
  const auto large = u32({0xFF, 0xFF, 0xFF, 0xFF, 0x1F});
  CHECK(large.error == "integer too large: expected an unsigned integer of 32 bits");
  CHECK(large.error_offset == 4);
  CHECK_THAT(u64({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02}).error,
             has_text("integer too large"));
}

TEST_CASE("Signed LEB128 reads the extremes of its width") {
  CHECK(s32({0x7F}).value == -1);
  CHECK(s32({0x40}).value == -64);
  CHECK(s32({0x3F}).value == 63);
  CHECK(s32({0xC0, 0x00}).value == 64);
  CHECK(s32({0xFF, 0xFF, 0xFF, 0xFF, 0x07}).value == std::numeric_limits<std::int32_t>::max());
  CHECK(s32({0x80, 0x80, 0x80, 0x80, 0x78}).value == std::numeric_limits<std::int32_t>::min());
  CHECK(s33({0xFF, 0xFF, 0xFF, 0xFF, 0x0F}).value == 0xFFFF'FFFF);
  CHECK(s33({0x80, 0x80, 0x80, 0x80, 0x70}).value == -0x1'0000'0000);
  CHECK(s64({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00}).value ==
        std::numeric_limits<std::int64_t>::max());
  CHECK(s64({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7F}).value ==
        std::numeric_limits<std::int64_t>::min());
}

TEST_CASE("Signed LEB128 whose unused bits differ from its sign is too large") {
  CHECK_THAT(s32({0x80, 0x80, 0x80, 0x80, 0x08}).error, has_text("integer too large"));
  CHECK_THAT(s32({0xFF, 0xFF, 0xFF, 0xFF, 0x4F}).error, has_text("integer too large"));
  CHECK_THAT(s33({0xFF, 0xFF, 0xFF, 0xFF, 0x1F}).error, has_text("integer too large"));
  CHECK_THAT(s64({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7E}).error,
             has_text("integer too large"));
}

TEST_CASE("Numbers that end too early are malformed at the end") {
  const auto cut = u32({0x80, 0x80});
  CHECK(cut.error == "unexpected end of section or function: expected more bytes");
  CHECK(cut.error_offset == 2);
  CHECK(u32({}).error_offset == 0);
  CHECK(reading({1, 2, 3}, [](Reader& r) { return r.fixed32(); }).error_offset == 0);
}

TEST_CASE("Fixed-width numbers are little-endian") {
  CHECK(reading({0x78, 0x56, 0x34, 0x92}, [](Reader& r) { return r.fixed32(); }).value ==
        0x9234'5678);
  CHECK(reading({8, 7, 6, 5, 4, 3, 2, 0x81}, [](Reader& r) { return r.fixed64(); }).value ==
        0x8102'0304'0506'0708);
}

TEST_CASE("A name is a length and as many bytes of UTF-8") {
  CHECK(name("").value.empty());
  CHECK(name("fermata \xF0\x9D\x84\x90").value == "fermata \xF0\x9D\x84\x90");
  CHECK(name("\xC2\x80 \xDF\xBF \xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xF4\x8F\xBF\xBF").error ==
        "");
}

TEST_CASE("Malformed UTF-8 in a name is an error at the name") {
  const std::string bad =
      GENERATE(as<std::string>(), "\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41",
               "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
               "\xF5\x80\x80\x80", "\xFF", "ok\xE2\x82\xC0");
  CHECK_THAT(name(bad).error, has_text("malformed UTF-8 encoding"));
  CHECK(name(bad).error_offset == 0);
}

TEST_CASE("A length beyond the bytes left is refused before anything is made of it") {
  const auto far = reading({0x05, 1, 2}, [](Reader& r) { return r.length(); });
  CHECK(far.error == "length out of bounds: length 5, but 2 bytes are left");
  CHECK(far.value == 0);
}

TEST_CASE("The first failure is kept and everything after it reads as zero") {
  const Bytes bytes{0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x02};
  Reader reader(bytes, {0, 7});
  CHECK(reader.u32() == 0);
  CHECK_FALSE(reader.ok());
  CHECK(reader.at_end());
  CHECK(reader.byte() == 0);
  CHECK(reader.fixed64() == 0);
  CHECK(reader.name().empty());
  CHECK_THAT(reader.error().message, has_text("integer representation too long"));
}

TEST_CASE("A reader stays within its range and counts offsets from the start of the bytes") {
  const Bytes bytes{9, 9, 1, 2, 9};
  Reader reader(bytes, {2, 4});
  CHECK(reader.offset() == 2);
  CHECK(reader.byte() == 1);
  CHECK(reader.byte() == 2);
  CHECK(reader.at_end());
  CHECK(reader.byte() == 0);
  CHECK(reader.error().offset == 4);
}

}  // namespace
}  // namespace fermata
