/* What every benchmark guest shares: a seeded generator and a checksum that is printed at the end
 * and must be the same in every engine and in the native build. */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint64_t checksum_state = 0xcbf29ce484222325u;

static inline void checksum_add(uint64_t value) {
  checksum_state = (checksum_state ^ value) * 0x100000001b3u;
  checksum_state ^= checksum_state >> 29;
}

static inline void checksum_add_f64(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  checksum_add(bits);
}

static inline int checksum_print(void) {
  printf("%016llx\n", (unsigned long long)checksum_state);
  return 0;
}

static uint32_t random_state = 12345;

static inline uint32_t random_next(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state;
}

#endif
