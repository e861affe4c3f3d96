/* Base64: bytes spread by swizzles, shifted within 16-bit lanes, turned into characters by
 * comparisons and a table; and back. */
#include "checksum.h"
#include "simd.h"

enum { size = 12 * 1024 };

static uint8_t bytes[size + 16], characters[size / 3 * 4 + 16], back[size + 16];

static u8x16 spread(u8x16 v) {
  const u8x16 at = {1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10};
  const u32x4 in = (u32x4)swizzle(v, at);
  const u32x4 first = in >> 10 & 0x3F, second = in << 4 & 0x3F00;
  const u32x4 third = in >> 6 & 0x3F0000, fourth = in << 8 & 0x3F000000;
  return (u8x16)(first | second | third | fourth);
}

static u8x16 to_characters(u8x16 v) {
  /* What is added by kind: 13 for A to Z, 0 for a to z, 1 to 10 for digits, 11 and 12. */
  const u8x16 offsets = {'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                         '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62,
                         '/' - 63, 'A',      0,        0};
  u8x16 kind = sub_sat_u8(v, splat_u8(51));
  kind |= (u8x16)(v < 26) & 13;
  return v + swizzle(offsets, kind);
}

static u8x16 from_characters(u8x16 c) {
  const u8x16 upper = (u8x16)(c >= 'A') & (u8x16)(c <= 'Z'),
              lower = (u8x16)(c >= 'a') & (u8x16)(c <= 'z');
  const u8x16 digit = (u8x16)(c >= '0') & (u8x16)(c <= '9');
  return (upper & (c - 'A')) | (lower & (c - ('a' - 26))) | (digit & (c + (52 - '0'))) |
         ((u8x16)(c == '+') & 62) | ((u8x16)(c == '/') & 63);
}

static u8x16 gather(u8x16 v) {
  const u8x16 at = {2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 255, 255, 255, 255};
  const u32x4 in = (u32x4)v;
  return swizzle((u8x16)((in & 0x3F) << 18 | (in & 0x3F00) << 4 | (in & 0x3F0000) >> 10 | in >> 24),
                 at);
}

int main(void) {
  for (int i = 0; i < size; ++i) bytes[i] = (uint8_t)random_next();
  for (int round = 0; round < 1200; ++round) {
    for (int i = 0, j = 0; i < size; i += 12, j += 16)
      store_u8x16(characters + j, to_characters(spread(load_u8x16(bytes + i))));
    for (int i = 0, j = 0; i < size; i += 12, j += 16)
      store_u8x16(back + i, gather(from_characters(load_u8x16(characters + j))));
    if (memcmp(bytes, back, size) != 0) return 1;
    uint64_t word;
    memcpy(&word, characters + round % 1000 * 8, sizeof word);
    checksum_add(word);
    bytes[random_next() % size] += 1;
  }
  return checksum_print();
}
