// Longer calculations: checksums, a sieve, matrices, a hash, a small interpreter.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t crc32(const uint8_t* bytes, size_t size) {
  uint32_t table[256];
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t c = i;
    for (int k = 0; k < 8; ++k) c = (c & 1) != 0 ? 0xedb88320u ^ c >> 1 : c >> 1;
    table[i] = c;
  }
  uint32_t crc = ~0u;
  for (size_t i = 0; i < size; ++i) crc = table[(crc ^ bytes[i]) & 0xff] ^ crc >> 8;
  return ~crc;
}

static uint64_t fnv(const uint8_t* bytes, size_t size) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < size; ++i) hash = (hash ^ bytes[i]) * 0x100000001b3u;
  return hash;
}

static int primes(int limit) {
  char* composite = calloc(1, (size_t)limit + 1);
  int count = 0;
  for (int i = 2; i <= limit; ++i) {
    if (composite[i]) continue;
    ++count;
    for (long long j = (long long)i * i; j <= limit; j += i) composite[j] = 1;
  }
  free(composite);
  return count;
}

enum { n = 40 };
static double a[n][n], b[n][n], c[n][n];

static double matrices(void) {
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      a[i][j] = (double)(i + 1) / (j + 1);
      b[i][j] = i - j;
    }
  }
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      double sum = 0;
      for (int k = 0; k < n; ++k) sum += a[i][k] * b[k][j];
      c[i][j] = sum;
    }
  }
  double trace = 0;
  for (int i = 0; i < n; ++i) trace += c[i][i];
  return trace;
}

/// A machine of one byte instructions, as interpreters are: a switch in a loop.
static int64_t machine(const char* program, int64_t input) {
  int64_t stack[16];
  int top = 0;
  stack[top] = input;
  for (const char* pc = program; *pc != 0; ++pc) {
    switch (*pc) {
      case 'd': stack[top + 1] = stack[top]; ++top; break;
      case '+': --top; stack[top] += stack[top + 1]; break;
      case '*': --top; stack[top] *= stack[top + 1]; break;
      case '-': --top; stack[top] -= stack[top + 1]; break;
      case 's': { const int64_t t = stack[top]; stack[top] = stack[top - 1]; stack[top - 1] = t; break; }
      default: stack[++top] = *pc - '0';
    }
  }
  return stack[top];
}

int main(void) {
  enum { size = 200000 };
  uint8_t* bytes = malloc(size);
  uint32_t x = 1;
  for (int i = 0; i < size; ++i) bytes[i] = (uint8_t)((x = x * 1103515245u + 12345u) >> 16);
  printf("%08x %016llx\n", crc32(bytes, size), (unsigned long long)fnv(bytes, size));
  printf("%08x\n", crc32((const uint8_t*)"123456789", 9));
  free(bytes);
  printf("%d\n", primes(200000));
  printf("%.12g\n", matrices());
  int64_t sum = 0;
  for (int i = 0; i < 5000; ++i) sum += machine("dd*s3*-7+", i);
  printf("%lld\n", (long long)sum);
  return 0;
}
