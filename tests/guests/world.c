// Arguments, environment, standard streams, clocks, randomness; ends with exit and a code of its own.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

static void goodbye(void) { puts("goodbye"); }

static void echo(void) {
  char line[64];
  int number = 0;
  while (fgets(line, sizeof line, stdin) != NULL) {
    const size_t length = strcspn(line, "\n");
    printf("%d: %.*s%s\n", ++number, (int)length, line, line[length] == 0 ? " (no end)" : "");
  }
  printf("%d lines, eof %d, error %d\n", number, feof(stdin) != 0, ferror(stdin) != 0);
}

static void clocks(void) {
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  const struct timespec little = {.tv_sec = 0, .tv_nsec = 20000000};
  printf("slept: %d\n", nanosleep(&little, NULL));
  clock_gettime(CLOCK_MONOTONIC, &b);
  const double seconds = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
  printf("at least 20 ms: %d\n", seconds >= 0.02);
  printf("after 2020: %d\n", time(NULL) > 1577836800);
}

static void randomness(void) {
  unsigned char bytes[64] = {0};
  int different = 0;
  printf("random: %d", getentropy(bytes, sizeof bytes));
  for (int i = 1; i < 64; ++i) different += bytes[i] != bytes[0];
  printf(" %d\n", different > 32);
}

int main(int argc, char** argv) {
  atexit(goodbye);
  for (int i = 1; i < argc; ++i) printf("argument %d: %s\n", i, argv[i]);
  printf("last one null: %d\n", argv[argc] == NULL);
  for (char** e = environ; *e != NULL; ++e) printf("%s\n", *e);
  printf("%s %d\n", getenv("GUEST"), getenv("NOT_THERE") == NULL);
  echo();
  fprintf(stderr, "on stderr\n");
  clocks();
  randomness();
  printf("closed: %d", close(2));
  printf(" %d\n", write(2, "x", 1) < 0);
  exit(57);
}
