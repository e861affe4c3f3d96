// Control flow: recursion, switches dense and sparse, tables of functions, state machines, goto.
#include <stdint.h>
#include <stdio.h>

static unsigned ackermann(unsigned m, unsigned n) {
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, n - 1));
}

static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

static int is_odd(int n);
static int is_even(int n) { return n == 0 ? 1 : is_odd(n - 1); }
static int is_odd(int n) { return n == 0 ? 0 : is_even(n - 1); }

static int dense(int x) {
  switch (x) {
    case 0: return 5;
    case 1: return 3;
    case 2: x += 10;  // falls through
    case 3: return x * 2;
    case 4: return -1;
    case 5: return x << 3;
    case 6: return x ^ 0x55;
    default: return 0;
  }
}

static const char* sparse(int x) {
  switch (x) {
    case -1000000: return "very low";
    case 0: return "zero";
    case 77: return "seventy-seven";
    case 1 << 20: return "a million and a bit";
    default: return "something";
  }
}

typedef double (*operation)(double, double);
static double add(double a, double b) { return a + b; }
static double sub(double a, double b) { return a - b; }
static double mul(double a, double b) { return a * b; }
static double quo(double a, double b) { return a / b; }

static void calculator(void) {
  static const struct {
    const char* name;
    operation run;
  } table[] = {{"+", add}, {"-", sub}, {"*", mul}, {"/", quo}};
  double value = 1;
  for (int i = 0; i < 12; ++i) {
    value = table[i % 4].run(value, i + 2);
    printf("%s%d=%.6f ", table[i % 4].name, i + 2, value);
  }
  puts("");
}

static int queens(int n, unsigned columns, unsigned left, unsigned right) {
  const unsigned all = (1u << n) - 1;
  if (columns == all) return 1;
  int count = 0;
  unsigned free = all & ~(columns | left | right);
  while (free != 0) {
    const unsigned bit = free & -free;
    free ^= bit;
    count += queens(n, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return count;
}

static int collatz(uint64_t n) {
  int steps = 0;
again:
  if (n == 1) goto done;
  n = (n & 1) != 0 ? 3 * n + 1 : n / 2;
  ++steps;
  goto again;
done:
  return steps;
}

static int balanced(const char* text) {
  enum { outside, inside, escaped } state = outside;
  int depth = 0;
  for (; *text != 0; ++text) {
    switch (state) {
      case outside:
        if (*text == '(') ++depth;
        else if (*text == ')' && --depth < 0) return 0;
        else if (*text == '"') state = inside;
        break;
      case inside: state = *text == '"' ? outside : *text == '\\' ? escaped : inside; break;
      case escaped: state = inside; break;
    }
  }
  return depth == 0 && state == outside;
}

int main(void) {
  printf("%u %u %d\n", ackermann(2, 9), ackermann(3, 5), fib(24));
  printf("%d %d\n", is_even(500), is_odd(500));
  for (int i = -1; i < 8; ++i) printf("%d ", dense(i));
  puts("");
  printf("%s, %s, %s, %s, %s\n", sparse(-1000000), sparse(0), sparse(77), sparse(1 << 20), sparse(1));
  calculator();
  for (int n = 4; n <= 9; ++n) printf("%d ", queens(n, 0, 0, 0));
  puts("");
  printf("%d %d %d\n", collatz(27), collatz(837799), collatz(9780657630ull));
  printf("%d %d %d\n", balanced("(a (b) \")\\\"(\" c)"), balanced("(()"), balanced("\"\\"));
  for (int i = 0; i < 4; ++i) {
    for (int j = 0;; ++j) {
      if (j == 5) break;
      if (j == i) continue;
      if (i == 3 && j == 2) goto out;
      printf("%d%d ", i, j);
    }
  }
out:
  puts("out");
  return 0;
}
