/* Finds and counts bytes in a text, 16 at a time: comparisons of vectors and the masks of their
 * lanes. */
#include "checksum.h"
#include "simd.h"

enum { size = 1 << 18 };

static uint8_t text[size + 16];

/* Where `wanted` is next, at `from` or behind; `size` when it is nowhere. */
static int find(int from, uint8_t wanted) {
  const u8x16 all = splat_u8(wanted);
  int at = from & ~15;
  uint32_t mask = bitmask_u8((u8x16)(load_u8x16(text + at) == all)) & ~0u << (from & 15);
  while (mask == 0) {
    at += 16;
    if (at >= size) return size;
    mask = bitmask_u8((u8x16)(load_u8x16(text + at) == all));
  }
  return at + __builtin_ctz(mask);
}

/* How many bytes are `wanted`: up to 255 blocks are counted in lanes. */
static uint32_t count(uint8_t wanted) {
  const u8x16 all = splat_u8(wanted);
  uint32_t total = 0;
  for (int at = 0; at < size;) {
    u8x16 counts = {};
    const int end = at + 128 * 16;
    for (; at < end; at += 16) counts -= (u8x16)(load_u8x16(text + at) == all);
    for (int i = 0; i < 16; ++i) total += counts[i];
  }
  return total;
}

int main(void) {
  for (int i = 0; i < size; ++i) {
    const uint32_t r = random_next();
    text[i] = r % 61 == 0 ? '\n' : (uint8_t)(' ' + r % 90);
  }
  text[size - 100] = 0xFF;
  for (int round = 0; round < 500; ++round) {
    uint32_t sum = 0;
    for (int at = find(0, '\n'); at < size; at = find(at + 1, '\n')) sum = sum * 31 + (uint32_t)at;
    sum += (uint32_t)find(round, 0xFF);
    sum = sum * 31 + count((uint8_t)(' ' + round % 90));
    checksum_add(sum);
    text[random_next() % (size - 200)] = '\n';
  }
  return checksum_print();
}
