/* BLAKE3's compression of four chunks side by side: 32-bit additions, rotations and exclusive ors
 * of vectors, two rotations as shuffles of bytes, messages transposed by shuffles. */
#include "checksum.h"
#include "simd.h"

enum { lanes = 4, chunk = 1024, block = 64, blocks = chunk / block };
enum { chunk_start = 1, chunk_end = 2 };

static const uint32_t start[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                  0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};

static uint8_t input[lanes * chunk];

static u32x4 rotate_16(u32x4 v) {
  return (u32x4)__builtin_shufflevector((u8x16)v, (u8x16)v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9,
                                        14, 15, 12, 13);
}
static u32x4 rotate_8(u32x4 v) {
  return (u32x4)__builtin_shufflevector((u8x16)v, (u8x16)v, 1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8,
                                        13, 14, 15, 12);
}

#define MIX(a, b, c, d, x, y)      \
  a += b + x;                      \
  d = rotate_16(d ^ a);            \
  c += d;                          \
  b = ROTATE_RIGHT_U32(b ^ c, 12); \
  a += b + y;                      \
  d = rotate_8(d ^ a);             \
  c += d;                          \
  b = ROTATE_RIGHT_U32(b ^ c, 7);

static void transpose(u32x4 v[4]) {
  const u32x4 ab_low = __builtin_shufflevector(v[0], v[1], 0, 4, 1, 5);
  const u32x4 ab_high = __builtin_shufflevector(v[0], v[1], 2, 6, 3, 7);
  const u32x4 cd_low = __builtin_shufflevector(v[2], v[3], 0, 4, 1, 5);
  const u32x4 cd_high = __builtin_shufflevector(v[2], v[3], 2, 6, 3, 7);
  v[0] = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  v[1] = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  v[2] = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  v[3] = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

static void load_messages(u32x4 m[16], const uint8_t* from) {
  for (int group = 0; group < 4; ++group) {
    for (int lane = 0; lane < lanes; ++lane)
      m[4 * group + lane] = load_u32x4(from + lane * chunk + 16 * group);
    transpose(m + 4 * group);
  }
}

/* Where each of a round's words stands among the round before's. */
static void permute(u32x4 m[16]) {
  static const uint8_t from[16] = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};
  u32x4 before[16];
  memcpy(before, m, sizeof before);
  for (int i = 0; i < 16; ++i) m[i] = before[from[i]];
}

static void compress(u32x4 h[8], u32x4 m[16], u32x4 counter, uint32_t flags) {
  u32x4 v0 = h[0], v1 = h[1], v2 = h[2], v3 = h[3], v4 = h[4], v5 = h[5], v6 = h[6], v7 = h[7];
  u32x4 v8 = splat_u32(start[0]), v9 = splat_u32(start[1]), v10 = splat_u32(start[2]),
        v11 = splat_u32(start[3]), v12 = counter, v13 = splat_u32(0), v14 = splat_u32(block),
        v15 = splat_u32(flags);
  for (int round = 0; round < 7; ++round) {
    MIX(v0, v4, v8, v12, m[0], m[1])
    MIX(v1, v5, v9, v13, m[2], m[3])
    MIX(v2, v6, v10, v14, m[4], m[5])
    MIX(v3, v7, v11, v15, m[6], m[7])
    MIX(v0, v5, v10, v15, m[8], m[9])
    MIX(v1, v6, v11, v12, m[10], m[11])
    MIX(v2, v7, v8, v13, m[12], m[13])
    MIX(v3, v4, v9, v14, m[14], m[15])
    permute(m);
  }
  h[0] = v0 ^ v8;
  h[1] = v1 ^ v9;
  h[2] = v2 ^ v10;
  h[3] = v3 ^ v11;
  h[4] = v4 ^ v12;
  h[5] = v5 ^ v13;
  h[6] = v6 ^ v14;
  h[7] = v7 ^ v15;
}

int main(void) {
  for (int i = 0; i < lanes * chunk; ++i) input[i] = (uint8_t)random_next();
  for (int round = 0; round < 2400; ++round) {
    u32x4 h[8];
    for (int i = 0; i < 8; ++i) h[i] = splat_u32(start[i]);
    const u32x4 counter = splat_u32((uint32_t)round * lanes) + (u32x4){0, 1, 2, 3};
    for (int i = 0; i < blocks; ++i) {
      u32x4 m[16];
      load_messages(m, input + i * block);
      compress(h, m, counter, (i == 0 ? chunk_start : 0) | (i == blocks - 1 ? chunk_end : 0));
    }
    for (int i = 0; i < 8; ++i) {
      for (int lane = 0; lane < lanes; ++lane) checksum_add(h[i][lane]);
      store_u32x4(input + (round % 32) * 128 + 16 * i, h[i]);
    }
  }
  return checksum_print();
}
