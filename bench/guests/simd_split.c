/* Splits lines into fields: blocks of 64 bytes compared with separators, the bits gathered in one
 * 64-bit mask, which says where fields begin; digits become numbers. */
#include "checksum.h"
#include "simd.h"

enum { size = 1 << 16 };

static uint8_t text[size];
static uint32_t starts[size];

static uint64_t separators(const uint8_t* block) {
  uint64_t mask = 0;
  for (int i = 0; i < 64; i += 16) {
    const u8x16 v = load_u8x16(block + i);
    const u8x16 found = (u8x16)(v == ',') | (u8x16)(v == '\n') | (u8x16)(v < 32);
    mask |= (uint64_t)bitmask_u8(found) << i;
  }
  return mask;
}

static int split(void) {
  int count = 0;
  for (int at = 0; at < size; at += 64) {
    for (uint64_t mask = separators(text + at); mask != 0; mask &= mask - 1)
      starts[count++] = (uint32_t)(at + __builtin_ctzll(mask) + 1);
  }
  return count;
}

static uint32_t number(const uint8_t* from) {
  uint32_t value = 0;
  while (*from >= '0' && *from <= '9') value = value * 10 + (*from++ - '0');
  return value;
}

/* The text in upper case, of letters alone. */
static void raise(void) {
  for (int at = 0; at < size; at += 16) {
    const u8x16 v = load_u8x16(text + at);
    const u8x16 letters = (u8x16)(v >= 'a') & (u8x16)(v <= 'z');
    store_u8x16(text + at, v ^ (letters & 0x20));
  }
}

int main(void) {
  for (int round = 0; round < 480; ++round) {
    if (round % 20 == 0) {
      for (int i = 0; i < size; ++i) {
        const uint32_t r = random_next();
        text[i] = (uint8_t)(r % 9 == 0    ? ','
                            : r % 31 == 0 ? '\n'
                            : r % 3       ? '0' + (r >> 8) % 10
                                          : 'a' + (r >> 8) % 26);
      }
      text[size - 1] = '\n';
    }
    const int count = split();
    uint32_t sum = 0;
    for (int i = 0; i + 1 < count; ++i) sum = sum * 31 + number(text + starts[i]);
    checksum_add(sum);
    checksum_add((uint64_t)count);
    raise();
    text[random_next() % (size - 1)] = ',';
  }
  return checksum_print();
}
