/* ChaCha20, a row of the state in each vector: additions, rotations, exclusive ors, and shuffles
 * that turn rows into diagonals. */
#include "checksum.h"
#include "simd.h"

static uint8_t data[4096];

#define ROTATE_LANES(v, n) \
  __builtin_shufflevector(v, v, (n) % 4, ((n) + 1) % 4, ((n) + 2) % 4, ((n) + 3) % 4)
#define ROTATE_LEFT(v, n) ((v) << (n) | (v) >> (32 - (n)))

static inline void quarter_rounds(u32x4* a, u32x4* b, u32x4* c, u32x4* d) {
  *a += *b;
  *d = ROTATE_LEFT(*d ^ *a, 16);
  *c += *d;
  *b = ROTATE_LEFT(*b ^ *c, 12);
  *a += *b;
  *d = ROTATE_LEFT(*d ^ *a, 8);
  *c += *d;
  *b = ROTATE_LEFT(*b ^ *c, 7);
}

static void encrypt(const u32x4 state[4], uint8_t* block) {
  u32x4 a = state[0], b = state[1], c = state[2], d = state[3];
  for (int round = 0; round < 10; ++round) {
    quarter_rounds(&a, &b, &c, &d);
    b = ROTATE_LANES(b, 1);
    c = ROTATE_LANES(c, 2);
    d = ROTATE_LANES(d, 3);
    quarter_rounds(&a, &b, &c, &d);
    b = ROTATE_LANES(b, 3);
    c = ROTATE_LANES(c, 2);
    d = ROTATE_LANES(d, 1);
  }
  store_u32x4(block, load_u32x4(block) ^ (a + state[0]));
  store_u32x4(block + 16, load_u32x4(block + 16) ^ (b + state[1]));
  store_u32x4(block + 32, load_u32x4(block + 32) ^ (c + state[2]));
  store_u32x4(block + 48, load_u32x4(block + 48) ^ (d + state[3]));
}

int main(void) {
  u32x4 state[4] = {{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574}};
  for (int i = 4; i < 16; ++i) state[i / 4][i % 4] = random_next();
  for (int round = 0; round < 1000; ++round) {
    for (int at = 0; at < (int)sizeof data; at += 64) {
      encrypt(state, data + at);
      state[3][0] += 1;
    }
    uint64_t word;
    memcpy(&word, data + round % 500 * 8, sizeof word);
    checksum_add(word);
  }
  return checksum_print();
}
