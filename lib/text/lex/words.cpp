// The lookup of words: one hash table over the keywords and the instruction names.
//
// Built once, open addressing, so that a word costs one hash and mostly one comparison.
#include <array>
#include <cstddef>

#include "lib/text/lex/token.hpp"

namespace fermata::text {
namespace {

constexpr auto first_op = static_cast<std::size_t>(Keyword::instruction);

constexpr std::array<std::string_view, first_op> keyword_texts{
    "",
#define FERMATA_TEXT_KEYWORD(id, text) text,
#include "lib/text/lex/keywords.def"
#undef FERMATA_TEXT_KEYWORD
};

std::string_view spelling_of(std::uint16_t word) {
  return word < first_op ? keyword_texts[word] : info(static_cast<WasmOp>(word - first_op)).text;
}

class WordTable {
 public:
  WordTable() {
    for (std::size_t word = 1; word < first_op + wasm_op_count; ++word) {
      insert(static_cast<std::uint16_t>(word));
    }
  }

  [[nodiscard]] std::uint16_t find(std::string_view spelling) const {
    for (std::size_t i = hash(spelling);; ++i) {
      const std::uint16_t word = slots_[i % size];
      if (word == 0 || spelling_of(word) == spelling) return word;
    }
  }

 private:
  static constexpr std::size_t size = 4096;
  static_assert(first_op + wasm_op_count < size / 2);

  static std::size_t hash(std::string_view s) {
    std::uint64_t h = 0xcbf29ce484222325u;
    for (const char c : s) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return static_cast<std::size_t>(h ^ h >> 32);
  }

  // Of several instructions with one text the first stays.
  void insert(std::uint16_t word) {
    const std::string_view spelling = spelling_of(word);
    std::size_t i = hash(spelling) % size;
    while (slots_[i] != 0) {
      if (spelling_of(slots_[i]) == spelling) return;
      i = (i + 1) % size;
    }
    slots_[i] = word;
  }

  std::array<std::uint16_t, size> slots_{};
};

}  // namespace

std::uint16_t find_word(std::string_view spelling) noexcept {
  static const WordTable table;
  return table.find(spelling);
}

}  // namespace fermata::text
