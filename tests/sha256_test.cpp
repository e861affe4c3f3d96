// SHA-256: the examples that its standard comes with.
#include "lib/sha256.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/catch.hpp"

namespace fermata {
namespace {

std::string digest_of(std::string_view text) {
  std::string words;
  for (const std::uint8_t byte :
       sha256({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()})) {
    words += fmt::format("{:02x}", byte);
  }
  return words;
}

}  // namespace

TEST_CASE("SHA-256 gives the digests of the standard's examples", "[sha256]") {
  CHECK(digest_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(digest_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(digest_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(digest_of(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Where the padding needs a block of its own, and where it just does not.
TEST_CASE("SHA-256 pads texts of every length about a block's", "[sha256]") {
  CHECK(digest_of(std::string(55, 'a')) ==
        "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
  CHECK(digest_of(std::string(56, 'a')) ==
        "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
  CHECK(digest_of(std::string(64, 'a')) ==
        "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

TEST_CASE("pieces of any size make the digest of the whole", "[sha256]") {
  std::vector<std::uint8_t> whole(1000);
  for (std::size_t i = 0; i < whole.size(); ++i) whole[i] = static_cast<std::uint8_t>(i * 7);
  const Sha256 digest = sha256(std::span<const std::uint8_t>(whole));
  for (std::size_t size = 1; size < 200; ++size) {
    Sha256Hasher hasher;
    for (std::size_t at = 0; at < whole.size(); at += size) {
      hasher.add(
          std::span<const std::uint8_t>(whole).subspan(at, std::min(size, whole.size() - at)));
    }
    CHECK(hasher.finish() == digest);
  }
}

}  // namespace fermata
