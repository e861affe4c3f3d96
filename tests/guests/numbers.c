// Arithmetic at its edges: 64-bit products and quotients, shifts, conversions, roundings, bit counts.
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

static volatile int64_t wide[] = {0, 1, -1, 7, -7, 1000000007, INT64_MAX, INT64_MIN, 0x123456789abcdef};
static volatile int32_t narrow[] = {0, 1, -1, 7, -7, 1000, INT32_MAX, INT32_MIN};
static volatile double reals[] = {0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 1e9, -1e9, 4503599627370497.5, 1e300};

enum { wides = sizeof wide / sizeof *wide, narrows = sizeof narrow / sizeof *narrow,
       reals_count = sizeof reals / sizeof *reals };

static void integers(void) {
  for (int i = 0; i < wides; ++i) {
    for (int j = 0; j < wides; ++j) {
      const int64_t a = wide[i], b = wide[j];
      const uint64_t p = (uint64_t)a * (uint64_t)b;
      printf("%llx ", (unsigned long long)p);
      if (b == 0 || (a == INT64_MIN && b == -1)) continue;
      printf("%lld %lld %llu\n", (long long)(a / b), (long long)(a % b),
             (unsigned long long)((uint64_t)a / (uint64_t)b));
    }
  }
  for (int i = 0; i < narrows; ++i) {
    for (int j = 0; j < narrows; ++j) {
      const int32_t a = narrow[i], b = narrow[j];
      printf("%u %u %d ", (unsigned)a * (unsigned)b, (unsigned)a - (unsigned)b, a < b);
      if (b != 0 && !(a == INT32_MIN && b == -1)) printf("%d %d", a / b, a % b);
      puts("");
    }
  }
}

static uint32_t rotate(uint32_t x, unsigned n) { return x << (n & 31) | x >> (-n & 31); }

static void bits(void) {
  for (int i = 0; i < wides; ++i) {
    const uint64_t x = (uint64_t)wide[i];
    printf("%d %x %x ", __builtin_popcountll(x), rotate((uint32_t)x, 7), rotate((uint32_t)x, 32));
    if (x != 0) printf("%d %d", __builtin_clzll(x), __builtin_ctzll(x));
    printf(" %lld %llx %d %d\n", (long long)((int64_t)x >> 13), (unsigned long long)(x >> 13),
           (int)(int8_t)x, (int)(int16_t)x);
  }
}

static void floats(void) {
  for (int i = 0; i < reals_count; ++i) {
    const double x = reals[i];
    printf("%g %g %g %g %g %g ", floor(x), ceil(x), trunc(x), nearbyint(x), round(x), fabs(x));
    printf("%.17g %.9g %d\n", sqrt(fabs(x)), (double)(float)x, signbit(x) != 0);
    if (fabs(x) < 1e18) printf("%lld %llu ", (long long)x, (unsigned long long)fabs(x));
    if (fabs(x) < 2e9) printf("%d %u", (int)x, (unsigned)fabs(x));
    for (int j = 0; j < reals_count; ++j) {
      const double y = reals[j];
      printf(" %d%d%d %g %g %g", x < y, x == y, x >= y, fmin(x, y) + 0.0, copysign(x, y), x * y);
    }
    puts("");
  }
  for (int i = 0; i < wides; ++i) {
    printf("%.17g %.17g %.9g\n", (double)wide[i], (double)(uint64_t)wide[i], (double)(float)wide[i]);
  }
}

static void functions(void) {
  for (double x = -3; x <= 3; x += 0.75) {
    printf("%.9f %.9f %.9f %.9f %.9f\n", sin(x), cos(x), exp(x), atan2(x, 2), tanh(x));
  }
  printf("%.9f %.9f %.9f %g\n", pow(2, 0.5), log(10), log2(8), fmod(17.5, 4));
  int exponent;
  const double fraction = frexp(48.0, &exponent);
  printf("%g %d %g %g\n", fraction, exponent, ldexp(0.75, 5), hypot(3, 4));
}

int main(void) {
  integers();
  bits();
  floats();
  functions();
  return 0;
}
