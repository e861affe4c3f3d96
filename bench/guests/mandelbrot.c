/* The Mandelbrot set: f64 arithmetic with a data-dependent loop exit. */
#include "checksum.h"

enum { size = 400, most = 100 };

static int escape_time(double cr, double ci) {
  double zr = 0, zi = 0;
  for (int i = 0; i < most; ++i) {
    const double rr = zr * zr;
    const double ii = zi * zi;
    if (rr + ii > 4.0) return i;
    zi = 2.0 * zr * zi + ci;
    zr = rr - ii + cr;
  }
  return most;
}

int main(void) {
  for (int round = 0; round < 11; ++round) {
    for (int y = 0; y < size; ++y) {
      uint32_t row = 0;
      for (int x = 0; x < size; ++x) {
        row = row * 31 + (uint32_t)escape_time(x * (3.0 / size) - 2.2, y * (3.0 / size) - 1.5);
      }
      checksum_add(row);
    }
  }
  return checksum_print();
}
