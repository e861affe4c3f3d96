/* SHA-256 (FIPS 180-4) over a buffer: 32-bit additions, rotations and logic, fully unrollable. */
#include "checksum.h"

/* The fractional parts of the cube roots of the first 64 primes, computed rather than listed. */
static uint32_t k[64];

static uint32_t cube_root_fraction(uint32_t prime) {
  uint64_t root = 0; /* the cube root times 2^32, found bit by bit */
  for (int bit = 34; bit >= 0; --bit) {
    const uint64_t next = root | ((uint64_t)1 << bit);
    const unsigned __int128 square = (unsigned __int128)next * next;
    if ((square >> 32) * next <= (((unsigned __int128)prime << 64))) root = next;
  }
  return (uint32_t)root;
}

static void make_constants(void) {
  int found = 0;
  for (uint32_t n = 2; found < 64; ++n) {
    uint32_t d = 2;
    while (d * d <= n && n % d != 0) ++d;
    if (d * d > n) k[found++] = cube_root_fraction(n);
  }
}

static uint32_t rotate(uint32_t x, int count) { return (x >> count) | (x << (32 - count)); }

static void compress(uint32_t h[8], const uint8_t* block) {
  uint32_t w[64];
  for (int i = 0; i < 16; ++i) {
    w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
           (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
  }
  for (int i = 16; i < 64; ++i) {
    const uint32_t s0 = rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const uint32_t s1 = rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4], f = h[5], g = h[6], last = h[7];
  for (int i = 0; i < 64; ++i) {
    const uint32_t s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const uint32_t t1 = last + s1 + ((e & f) ^ (~e & g)) + k[i] + w[i];
    const uint32_t s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const uint32_t t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    last = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e, h[5] += f, h[6] += g, h[7] += last;
}

int main(void) {
  static uint8_t data[65536];
  uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  make_constants();
  for (size_t i = 0; i < sizeof data; ++i) data[i] = (uint8_t)random_next();
  for (int round = 0; round < 80; ++round) {
    for (size_t i = 0; i < sizeof data; i += 64) compress(h, data + i);
  }
  for (int i = 0; i < 8; ++i) checksum_add(h[i]);
  return checksum_print();
}
