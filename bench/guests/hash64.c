/* 64-bit integers: SipHash-2-4 of many short keys, modular powers, and a 64-bit generator. */
#include "checksum.h"

static uint64_t rotate(uint64_t x, int count) { return (x << count) | (x >> (64 - count)); }

struct sip {
  uint64_t a, b, c, d;
};

static void sip_rounds(struct sip* s, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    s->a += s->b, s->b = rotate(s->b, 13) ^ s->a, s->a = rotate(s->a, 32);
    s->c += s->d, s->d = rotate(s->d, 16) ^ s->c;
    s->a += s->d, s->d = rotate(s->d, 21) ^ s->a;
    s->c += s->b, s->b = rotate(s->b, 17) ^ s->c, s->c = rotate(s->c, 32);
  }
}

__attribute__((noinline)) static uint64_t sip_hash(const uint64_t* words, int count, uint64_t k0,
                                                   uint64_t k1) {
  struct sip s = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                  k1 ^ 0x7465646279746573u};
  for (int i = 0; i < count; ++i) {
    s.d ^= words[i];
    sip_rounds(&s, 2);
    s.a ^= words[i];
  }
  s.c ^= 0xff;
  sip_rounds(&s, 4);
  return s.a ^ s.b ^ s.c ^ s.d;
}

static uint64_t power_mod(uint64_t base, uint64_t exponent, uint64_t modulus) {
  uint64_t result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if (exponent & 1) result = result * base % modulus;
    base = base * base % modulus;
  }
  return result;
}

int main(void) {
  uint64_t words[16];
  uint64_t x = 88172645463325252u;
  for (int round = 0; round < 700000; ++round) {
    for (int i = 0; i < 16; ++i) {
      x ^= x << 13, x ^= x >> 7, x ^= x << 17;
      words[i] = x;
    }
    checksum_add(sip_hash(words, round & 15, x, ~x));
    if ((round & 3) == 0) checksum_add(power_mod(x % 4294967291u, x >> 40, 4294967291u));
  }
  return checksum_print();
}
