/* Pictures: a blend of two with weights, a 3x3 blur in 16 bits, brightness as a maximum: bytes
 * extended, multiplied, shifted and narrowed. */
#include "checksum.h"
#include "simd.h"

enum { width = 256, height = 128 };

static uint8_t first[height][width], second[height][width], out[height][width + 16];

static u8x16 blend(u8x16 a, u8x16 b, uint16_t weight) {
  const u16x8 of_a = splat_u16((uint16_t)(256 - weight)), of_b = splat_u16(weight);
  const u16x8 low = (low_u8(a) * of_a + low_u8(b) * of_b) >> 8;
  const u16x8 high = (high_u8(a) * of_a + high_u8(b) * of_b) >> 8;
  return narrow_u8((i16x8)low, (i16x8)high);
}

static void blend_all(uint16_t weight) {
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; x += 16)
      store_u8x16(&out[y][x], blend(load_u8x16(&first[y][x]), load_u8x16(&second[y][x]), weight));
  }
}

static void blur(void) {
  for (int y = 1; y < height - 1; ++y) {
    for (int x = 16; x < width - 16; x += 8) {
      u16x8 sum = {};
      for (int j = -1; j <= 1; ++j) {
        const u16x8 left = low_u8(load_u8x16(&out[y + j][x - 1]));
        const u16x8 middle = low_u8(load_u8x16(&out[y + j][x]));
        const u16x8 right = low_u8(load_u8x16(&out[y + j][x + 1]));
        const u16x8 row = left + middle + middle + right;
        sum += row;
        if (j == 0) sum += row;
      }
      const u8x16 result = narrow_u8((i16x8)(sum >> 4), (i16x8)(sum >> 4));
      memcpy(&second[y][x], &result, 8);
    }
  }
}

static uint32_t brightest(void) {
  u8x16 most = {};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; x += 16) {
      const u8x16 v = load_u8x16(&second[y][x]);
      const u8x16 more = (u8x16)(v > most);
      most = (v & more) | (most & ~more);
    }
  }
  uint32_t result = 0;
  for (int i = 0; i < 16; ++i) result = result > most[i] ? result : most[i];
  return result;
}

int main(void) {
  for (int i = 0; i < width * height; ++i) {
    first[i / width][i % width] = (uint8_t)(random_next() >> 8);
    second[i / width][i % width] = (uint8_t)(i / 64);
  }
  for (int round = 0; round < 360; ++round) {
    blend_all((uint16_t)(round * 3 % 257));
    blur();
    checksum_add(brightest());
    uint64_t word;
    memcpy(&word, &second[round % 100 + 1][round / 16 * 8], sizeof word);
    checksum_add(word);
  }
  return checksum_print();
}
