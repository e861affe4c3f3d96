// ticker: prints a line ten times, a hundredth of a second apart.
#include <stdio.h>
#include <time.h>

int main(int argc, char** argv) {
  const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
  for (int tick = 1; tick <= 10; ++tick) {
    nanosleep(&pause, NULL);
    printf("%s: tick %d\n", argc > 1 ? argv[1] : "ticker", tick);
  }
}
