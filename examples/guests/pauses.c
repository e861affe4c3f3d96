// An ordinary C program for WASI with one more import: it asks its host for a number, sorts and
// prints, and with the argument `crash` runs into a trap.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((import_module("host"), import_name("how_many"))) int how_many(int at_most);

static int compare(const void *a, const void *b) {
  return *(const int *)a - *(const int *)b;
}

__attribute__((noinline)) static int median(int at_most) {
  int numbers[16];
  int count = how_many(at_most);
  for (int i = 0; i < count; ++i) numbers[i] = (i * 37 + 11) % 50;
  qsort(numbers, (size_t)count, sizeof numbers[0], compare);
  return numbers[count / 2];
}

__attribute__((noinline)) static int divide(int number, int by) { return number / by; }

int main(int argc, char **argv) {
  printf("the median is %d\n", median(16));
  if (argc > 1 && strcmp(argv[1], "crash") == 0) printf("%d\n", divide(argc, argc - 2));
  return 0;
}
