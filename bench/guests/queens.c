/* Queens on boards of bits, and games of bit counting: shifts, masks, ctz, popcount, recursion. */
#include "checksum.h"

static uint32_t place(uint32_t all, uint32_t columns, uint32_t left, uint32_t right) {
  if (columns == all) return 1;
  uint32_t count = 0;
  for (uint32_t free = all & ~(columns | left | right); free != 0; free &= free - 1) {
    const uint32_t bit = free & -free;
    count += place(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return count;
}

static uint64_t bit_games(void) {
  uint64_t board = 0x123456789abcdef0u, sum = 0;
  for (int i = 0; i < 4000000; ++i) {
    board = board * 6364136223846793005u + 1442695040888963407u;
    sum +=
        (uint64_t)__builtin_popcountll(board) * (uint64_t)(__builtin_ctzll(board | 1u << 31) + 1);
    sum ^= (uint64_t)__builtin_clz((uint32_t)board | 1) << (i & 31);
  }
  return sum;
}

int main(void) {
  for (uint32_t n = 4; n <= 13; ++n) checksum_add(place((1u << n) - 1, 0, 0, 0));
  checksum_add(bit_games());
  return checksum_print();
}
