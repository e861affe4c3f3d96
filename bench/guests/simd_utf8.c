/* Validation of UTF-8 in blocks of 16 bytes: three table look-ups by swizzles find out what two
 * neighbouring bytes may be, shuffles bring in the bytes before a block. */
#include "checksum.h"
#include "simd.h"

/* What may be wrong with two bytes in a row: a bit where their upper and lower nibbles all agree.
 */
enum {
  too_short = 1 << 0, /* a lead byte, and no continuation after it */
  too_long = 1 << 1,  /* ASCII, and a continuation after it */
  over_3 = 1 << 2,    /* E0 and less than A0: needs only two bytes */
  surrogate = 1 << 3, /* ED and A0 or more */
  over_2 = 1 << 4,    /* C0 or C1 */
  too_large = 1 << 5, /* F4 and 90 or more, F5 and more */
  over_4 = 1 << 6,    /* F0 and less than 90; with `too_large` for F5 and more and 80 */
  two_conts = 1 << 7, /* two continuations: an error unless a third or fourth byte is due */
};

static u8x16 table_of(uint8_t (*entry)(int)) {
  u8x16 table;
  for (int i = 0; i < 16; ++i) table[i] = entry(i);
  return table;
}

static uint8_t of_first_high(int nibble) {
  if (nibble < 8) return too_long;
  if (nibble < 12) return two_conts;
  if (nibble == 12) return too_short | over_2;
  if (nibble == 13) return too_short;
  if (nibble == 14) return too_short | over_3 | surrogate;
  return too_short | too_large | over_4;
}
static uint8_t of_first_low(int nibble) {
  const uint8_t always = too_short | too_long | two_conts;
  if (nibble == 0) return always | over_3 | over_2 | over_4;
  if (nibble == 1) return always | over_2;
  if (nibble < 4) return always;
  if (nibble == 4) return always | too_large;
  if (nibble == 13) return always | too_large | over_4 | surrogate;
  return always | too_large | over_4;
}
static uint8_t of_second_high(int nibble) {
  if (nibble < 8 || nibble > 11) return too_short;
  const uint8_t always = too_long | two_conts | over_2;
  if (nibble == 8) return always | over_3 | over_4;
  if (nibble == 9) return always | over_3 | too_large;
  return always | surrogate | too_large;
}

static uint8_t text[65536];
static u8x16 first_high, first_low, second_high;

/* Not zero where a block ends within a character. */
static u8x16 cut_off(u8x16 block) {
  const u8x16 most = {255, 255, 255, 255, 255, 255,  255,  255,
                      255, 255, 255, 255, 255, 0xEF, 0xDF, 0xBF};
  return sub_sat_u8(block, most);
}

static int is_valid(const uint8_t* from, int size) {
  u8x16 error = {}, previous = {};
  for (int i = 0; i < size; i += 16) {
    const u8x16 here = load_u8x16(from + i);
    if (!any_true(here & 0x80)) { /* ASCII: nothing may be due from before */
      error |= cut_off(previous);
      previous = here;
      continue;
    }
    const u8x16 one = __builtin_shufflevector(previous, here, 15, 16, 17, 18, 19, 20, 21, 22, 23,
                                              24, 25, 26, 27, 28, 29, 30);
    const u8x16 two = __builtin_shufflevector(previous, here, 14, 15, 16, 17, 18, 19, 20, 21, 22,
                                              23, 24, 25, 26, 27, 28, 29);
    const u8x16 three = __builtin_shufflevector(previous, here, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                                22, 23, 24, 25, 26, 27, 28);
    const u8x16 special = swizzle(first_high, one >> 4) & swizzle(first_low, one & 15) &
                          swizzle(second_high, here >> 4);
    const u8x16 due =
        sub_sat_u8(two, splat_u8(0xE0 - 0x80)) | sub_sat_u8(three, splat_u8(0xF0 - 0x80));
    error |= (due & 0x80) ^ special;
    previous = here;
  }
  return !any_true(error | cut_off(previous));
}

static int put(uint8_t* to, uint32_t c) {
  if (c < 0x80) return to[0] = (uint8_t)c, 1;
  if (c < 0x800) return to[0] = (uint8_t)(0xC0 | c >> 6), to[1] = (uint8_t)(0x80 | (c & 63)), 2;
  if (c < 0x10000) {
    to[0] = (uint8_t)(0xE0 | c >> 12);
    to[1] = (uint8_t)(0x80 | (c >> 6 & 63));
    to[2] = (uint8_t)(0x80 | (c & 63));
    return 3;
  }
  to[0] = (uint8_t)(0xF0 | c >> 18);
  to[1] = (uint8_t)(0x80 | (c >> 12 & 63));
  to[2] = (uint8_t)(0x80 | (c >> 6 & 63));
  to[3] = (uint8_t)(0x80 | (c & 63));
  return 4;
}

static uint32_t random_character(void) {
  const uint32_t r = random_next();
  switch (r >> 28 & 7) {
    case 0:
      return 0x80 + (r & 0xFFFF) % 0x780;
    case 1:
      return 0x800 + (r & 0xFFFF) % 0xD000;
    case 2:
      return 0x10000 + (r & 0xFFFFFF) % 0x100000;
    default:
      return r & 0x7F;
  }
}

int main(void) {
  first_high = table_of(of_first_high);
  first_low = table_of(of_first_low);
  second_high = table_of(of_second_high);
  int size = 0;
  while (size < (int)sizeof text - 24) {
    size += put(text + size, random_character());
    if ((random_next() & 63) == 0) { /* a line of ASCII */
      for (int i = 0; i < 100 && size < (int)sizeof text - 24; ++i) text[size++] = 'a' + i % 26;
    }
  }
  uint64_t valid = 0;
  for (int round = 0; round < 640; ++round) {
    const uint32_t at = random_next() % (uint32_t)size;
    const uint8_t before = text[at];
    if (round % 4 != 0) text[at] = (uint8_t)random_next();
    valid = valid << 1 ^ valid >> 63 ^ (uint64_t)is_valid(text, sizeof text);
    text[at] = before;
    checksum_add(valid);
  }
  return checksum_print();
}
