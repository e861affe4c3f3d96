/* Primes by the sieve of Eratosthenes: byte loads and stores in the tightest loops. */
#include "checksum.h"

enum { limit = 4000000 };

static uint8_t composite[limit + 1];

static uint32_t sieve(void) {
  memset(composite, 0, sizeof composite);
  uint32_t count = 0;
  for (uint32_t i = 2; i <= limit; ++i) {
    if (composite[i]) continue;
    ++count;
    if (i > limit / i) continue;
    for (uint32_t k = i * i; k <= limit; k += i) composite[k] = 1;
  }
  return count;
}

int main(void) {
  for (int round = 0; round < 12; ++round) checksum_add(sieve());
  return checksum_print();
}
