/* Direct calls and recursion with little work in between: Fibonacci, Takeuchi, Ackermann. */
#include "checksum.h"

__attribute__((noinline)) static uint32_t fib(uint32_t n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

__attribute__((noinline)) static int tak(int x, int y, int z) {
  if (y >= x) return z;
  return tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}

__attribute__((noinline)) static uint32_t ackermann(uint32_t m, uint32_t n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

int main(void) {
  checksum_add(fib(36));
  checksum_add((uint64_t)tak(20, 12, 6));
  for (int i = 0; i < 8; ++i) checksum_add(ackermann(2, 500 + i));
  return checksum_print();
}
