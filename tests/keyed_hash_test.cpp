// The hash of strings is SipHash-2-4, by the paper's test vectors.
#include "lib/keyed_hash.hpp"

#include <array>
#include <string>

#include "tests/support/catch.hpp"

namespace fermata::test {
namespace {

constexpr HashKey paper_key{0x0706'0504'0302'0100u, 0x0F0E'0D0C'0B0A'0908u};
constexpr std::array<std::uint8_t, 15> paper_input{0, 1, 2,  3,  4,  5,  6, 7,
                                                   8, 9, 10, 11, 12, 13, 14};

std::uint64_t hash_of_first(std::size_t count) {
  return keyed_hash(std::span(paper_input).first(count), paper_key);
}

}  // namespace

TEST_CASE("the hash is SipHash-2-4") {
  CHECK(hash_of_first(0) == 0x726F'DB47'DD0E'0E31u);
  CHECK(hash_of_first(8) == 0x93F5'F579'9A93'2462u);
  CHECK(hash_of_first(15) == 0xA129'CA61'49BE'45E5u);
}

TEST_CASE("strings of one hash under libstdc++ have different ones") {
  // Made by scripts/bomb_corpus/collisions.py.
  const std::string a = "hlmfmjfdnkIGTU&+mjglfibj6XF%c/^S";
  const std::string b = "hlmfmjfdnkIGTU&+`fcajldd8cQNo+II";
  CHECK(KeyedHash()(a) != KeyedHash()(b));
  CHECK(KeyedHash()(a) == KeyedHash()(std::string_view(a)));
}

}  // namespace fermata::test
