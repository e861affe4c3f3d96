/* The Mandelbrot set, two points at a time: f64 arithmetic of vectors, comparisons whose masks are
 * counted and tested. */
#include "checksum.h"
#include "simd.h"

enum { size = 320, most = 100 };

static i64x2 escape_times(f64x2 cr, f64x2 ci) {
  f64x2 zr = {}, zi = {};
  i64x2 times = {};
  for (int i = 0; i < most; ++i) {
    const f64x2 rr = zr * zr, ii = zi * zi;
    const i64x2 inside = rr + ii <= splat_f64(4);
    if (!any_true((u8x16)inside)) break;
    times -= inside;
    zi = splat_f64(2) * zr * zi + ci;
    zr = rr - ii + cr;
  }
  return times;
}

int main(void) {
  for (int round = 0; round < 16; ++round) {
    const double step = 3.0 / size - round * 0.0001;
    for (int y = 0; y < size; ++y) {
      uint64_t row = 0;
      for (int x = 0; x < size; x += 2) {
        const i64x2 times =
            escape_times((f64x2){x * step - 2.2, (x + 1) * step - 2.2}, splat_f64(y * step - 1.5));
        row = row * 31 + (uint64_t)times[0] * 7 + (uint64_t)times[1];
      }
      checksum_add(row);
    }
  }
  return checksum_print();
}
