// Strings and containers as C++ programs use them: words are made, counted in a hash table, sorted,
// joined and searched; the standard library and the allocator do most of the work.
#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "checksum.h"

static std::string make_word() {
  static const char syllables[] = "kalomitenuraposi";
  std::string word;
  for (std::uint32_t n = 1 + random_next() % 3; n > 0; --n) {
    word.append(syllables + 2 * (random_next() % 8), 2);
  }
  return word;
}

static std::uint32_t hash(const std::string& text) {
  std::uint32_t h = 2166136261u;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
  return h;
}

struct Hash {
  std::size_t operator()(const std::string& text) const { return hash(text); }
};

static std::vector<std::pair<std::string, int>> count_words(int total) {
  std::unordered_map<std::string, int, Hash> counts;
  for (int i = 0; i < total; ++i) ++counts[make_word()];
  return {counts.begin(), counts.end()};
}

int main() {
  for (int round = 0; round < 60; ++round) {
    auto counts = count_words(12000);
    std::sort(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    std::string text;
    for (const auto& [word, count] : counts) text += word + ' ' + std::to_string(count) + '\n';
    std::size_t found = 0;
    for (std::size_t at = text.find("ka"); at != std::string::npos; at = text.find("ka", at + 1))
      ++found;
    checksum_add(hash(text));
    checksum_add(found);
  }
  return checksum_print();
}
