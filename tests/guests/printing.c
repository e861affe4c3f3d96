// printf and its relatives: every kind of conversion, widths, precisions, variable arguments.
#include <float.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void integers(void) {
  printf("%d %i %u %x %X %o %c %%\n", -42, 42, 42u, 0xbeefu, 0xbeefu, 8u, 'c');
  printf("[%5d] [%-5d] [%05d] [%+d] [% d] [%#x] [%.3d]\n", 7, 7, 7, 7, 7, 7, 7);
  printf("%d %d %u\n", INT_MIN, INT_MAX, UINT_MAX);
  printf("%lld %lld %llu\n", LLONG_MIN, LLONG_MAX, ULLONG_MAX);
  printf("%hhd %hd %jd %zu\n", (signed char)-1, (short)-2, (intmax_t)-3, sizeof(int));
  printf("%*d %-*d|\n", 6, 1, 6, 2);
}

static void floats(void) {
  const double values[] = {0.0,     -0.0,    1.0,     -1.5,    3.141592653589793, 1e10, 1e-10, 1e100,
                           DBL_MAX, DBL_MIN, DBL_EPSILON, 4.9e-324, 0.1, 2.5, 123456789.987654321};
  for (size_t i = 0; i < sizeof values / sizeof *values; ++i) {
    printf("%f %e %g %.17g %.0f %10.3f\n", values[i] > 1e50 ? 0.0 : values[i], values[i], values[i],
           values[i], values[i] > 1e50 ? 0.0 : values[i], values[i] > 1e50 ? 0.0 : values[i]);
  }
  printf("%f %F %g\n", 1.0 / 0.0, -1.0 / 0.0, 1e308 * 10);
  printf("%.60f\n", 0.1);
  const float f = 16777216.0f;
  printf("%.1f %.9g %.9g\n", f + 1.0f, 0.1f, 1.0f / 3.0f);
}

static void strings(void) {
  printf("[%s] [%10s] [%-10s] [%.3s] [%10.3s]\n", "text", "text", "text", "text", "text");
  char small[8];
  const int wanted = snprintf(small, sizeof small, "%s-%d", "overflowing", 12345);
  printf("%d %s %zu\n", wanted, small, strlen(small));
}

static int sum(int count, ...) {
  va_list list;
  va_start(list, count);
  int total = 0;
  for (int i = 0; i < count; ++i) total += va_arg(list, int);
  va_end(list);
  return total;
}

static void format(char* out, size_t size, const char* pattern, ...) {
  va_list list, again;
  va_start(list, pattern);
  va_copy(again, list);
  const int length = vsnprintf(NULL, 0, pattern, list);
  vsnprintf(out, size, pattern, again);
  va_end(again);
  va_end(list);
  printf("%d: %s\n", length, out);
}

static void scanning(void) {
  int a = 0, n = 0;
  unsigned b = 0;
  double d = 0;
  char word[16] = "";
  n = sscanf("12 ff 3.5e2 word rest", "%d %x %lf %15s", &a, &b, &d, word);
  printf("%d: %d %u %g %s\n", n, a, b, d, word);
  char* end;
  printf("%g ", strtod("1.25e3xyz", &end));
  printf("%s\n", end);
  printf("%lld %lld\n", strtoll("-9223372036854775808", NULL, 10), strtoll("7fffffffffffffff", NULL, 16));
  printf("%d %.17g\n", atoi("  -37abc"), atof("2.2250738585072014e-308"));
}

int main(void) {
  integers();
  floats();
  strings();
  printf("%d %d\n", sum(0), sum(5, 1, 2, 3, 4, 5));
  char out[64];
  format(out, sizeof out, "%d %s %lld %.3f %c", 1, "two", 3LL, 4.0, '5');
  scanning();
  puts("the end");
  return 0;
}
