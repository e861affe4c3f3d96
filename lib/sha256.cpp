#include "lib/sha256.hpp"

#include <algorithm>
#include <bit>

#if defined(__x86_64__) && defined(__GNUC__)
#define FERMATA_SHA256_X86
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace fermata {
namespace {

// FIPS 180-4, section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the
// first 64 primes.
constexpr std::array<std::uint32_t, 64> round_constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

using State = std::array<std::uint32_t, 8>;
constexpr std::size_t block_bytes = 64;

std::uint32_t word_at(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 |
         at[3];
}

// Section 6.2.2.
void add_block(State& state, const std::uint8_t* block) {
  std::array<std::uint32_t, 64> w{};
  for (std::size_t t = 0; t < 16; ++t) w[t] = word_at(block + 4 * t);
  for (std::size_t t = 16; t < 64; ++t) {
    const std::uint32_t a = w[t - 15];
    const std::uint32_t b = w[t - 2];
    const std::uint32_t s0 = std::rotr(a, 7) ^ std::rotr(a, 18) ^ a >> 3;
    const std::uint32_t s1 = std::rotr(b, 17) ^ std::rotr(b, 19) ^ b >> 10;
    w[t] = s1 + w[t - 7] + s0 + w[t - 16];
  }
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t t = 0; t < 64; ++t) {
    const std::uint32_t s1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
    const std::uint32_t t1 = h + s1 + ((e & f) ^ (~e & g)) + round_constants[t] + w[t];
    const std::uint32_t s0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
    const std::uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const std::array last{a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < state.size(); ++i) state[i] += last[i];
}

void add_blocks(State& state, const std::uint8_t* blocks, std::size_t count) {
  for (; count != 0; --count, blocks += block_bytes) add_block(state, blocks);
}

#ifdef FERMATA_SHA256_X86

// The same with the instructions that many x86 processors have for it: six times as fast. They keep
// the state as two vectors, and do two rounds each. Intel's Software Developer's Manual,
// SHA256RNDS2.
__attribute__((target("sha,sse4.1"))) void add_blocks_x86(State& state, const std::uint8_t* blocks,
                                                          std::size_t count) {
  const auto word = [](std::uint32_t value) { return static_cast<int>(value); };
  const auto [a, b, c, d, e, f, g, h] = state;
  __m128i abef = _mm_set_epi32(word(a), word(b), word(e), word(f));
  __m128i cdgh = _mm_set_epi32(word(c), word(d), word(g), word(h));
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  for (; count != 0; --count, blocks += block_bytes) {
    const __m128i abef_before = abef;
    const __m128i cdgh_before = cdgh;
    __m128i w[4];  // the last sixteen words of the schedule
#pragma GCC unroll 16
    for (std::size_t i = 0; i < 16; ++i) {
      __m128i& next = w[i % 4];
      if (i < 4) {
        next = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(blocks + 16 * i)),
                                swap);
      } else {
        const __m128i seven_before = _mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4);
        next = _mm_add_epi32(_mm_sha256msg1_epu32(next, w[(i + 1) % 4]), seven_before);
        next = _mm_sha256msg2_epu32(next, w[(i + 3) % 4]);
      }
      const __m128i constants =
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(round_constants.data() + 4 * i));
      const __m128i added = _mm_add_epi32(next, constants);
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, added);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(added, 0x0E));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const auto lane = [](int value) { return static_cast<std::uint32_t>(value); };
  state = {lane(_mm_extract_epi32(abef, 3)), lane(_mm_extract_epi32(abef, 2)),
           lane(_mm_extract_epi32(cdgh, 3)), lane(_mm_extract_epi32(cdgh, 2)),
           lane(_mm_extract_epi32(abef, 1)), lane(_mm_extract_epi32(abef, 0)),
           lane(_mm_extract_epi32(cdgh, 1)), lane(_mm_extract_epi32(cdgh, 0))};
}

bool has_instructions() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSE4_1) == 0) return false;
  constexpr unsigned bit_sha = 1U << 29;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_sha) != 0;
}

void add_fastest(State& state, const std::uint8_t* blocks, std::size_t count) {
  static const auto chosen = has_instructions() ? add_blocks_x86 : add_blocks;
  chosen(state, blocks, count);
}

#else

void add_fastest(State& state, const std::uint8_t* blocks, std::size_t count) {
  add_blocks(state, blocks, count);
}

#endif

}  // namespace

void Sha256Hasher::add(std::span<const std::uint8_t> piece) {
  const auto begun = static_cast<std::size_t>(bytes_ % block_bytes);
  bytes_ += piece.size();
  if (begun != 0) {
    const std::size_t count = std::min(piece.size(), block_bytes - begun);
    std::ranges::copy(piece.first(count), begun_.begin() + static_cast<std::ptrdiff_t>(begun));
    piece = piece.subspan(count);
    if (begun + count < block_bytes) return;
    add_fastest(state_, begun_.data(), 1);
  }
  const std::size_t whole = piece.size() / block_bytes;
  add_fastest(state_, piece.data(), whole);
  piece = piece.subspan(whole * block_bytes);
  std::ranges::copy(piece, begun_.begin());
}

void Sha256Hasher::add(std::span<const std::byte> piece) {
  add(std::span(reinterpret_cast<const std::uint8_t*>(piece.data()), piece.size()));
}

Sha256 Sha256Hasher::finish() {
  // Section 5.1.1: a bit 1, zeros, and the length.
  const std::uint64_t bits = bytes_ * 8;
  constexpr std::size_t length_bytes = 8;
  std::array<std::uint8_t, 2 * block_bytes> last{0x80};
  const auto begun = static_cast<std::size_t>(bytes_ % block_bytes);
  const std::size_t end = begun + 1 + length_bytes <= block_bytes ? block_bytes : 2 * block_bytes;
  const std::size_t length_at = end - begun - length_bytes;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    last[length_at + i] = static_cast<std::uint8_t>(bits >> (8 * (length_bytes - 1 - i)));
  }
  add(std::span(last).first(end - begun));

  Sha256 digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) {
    digest[i] = static_cast<std::uint8_t>(state_[i / 4] >> (24 - 8 * (i % 4)));
  }
  return digest;
}

Sha256 sha256(std::span<const std::uint8_t> bytes) {
  Sha256Hasher hasher;
  hasher.add(bytes);
  return hasher.finish();
}

Sha256 sha256(std::span<const std::byte> bytes) {
  Sha256Hasher hasher;
  hasher.add(bytes);
  return hasher.finish();
}

}  // namespace fermata
