/* A wave equation and the energy of its state, f64 and f32: neighbours loaded or shuffled together,
 * constants multiplied, minima, cube roots in steps. */
#include "checksum.h"
#include "simd.h"

enum { length = 1024 };

static double now[length + 2], before[length + 2], after[length + 2];
static float samples[length + 4];

static void advance(double speed) {
  const f64x2 factor = splat_f64(speed), twice = splat_f64(2), loss = splat_f64(0.9999);
  for (int i = 1; i < length; i += 2) {
    const f64x2 here = load_f64x2(&now[i]);
    const f64x2 around = load_f64x2(&now[i - 1]) + load_f64x2(&now[i + 1]);
    const f64x2 bend = around - twice * here;
    store_f64x2(&after[i], (twice * here - load_f64x2(&before[i]) + factor * bend) * loss);
  }
  memcpy(before, now, sizeof now);
  memcpy(now, after, sizeof now);
}

/* A filter of four coefficients over the samples. */
static float filter(void) {
  const f32x4 a = splat_f32(0.5f), b = splat_f32(0.25f), c = splat_f32(-0.125f);
  f32x4 sum = {}, least = splat_f32(1e9f), last = load_f32x4(samples);
  for (int i = 0; i < length; i += 4) {
    const f32x4 next = load_f32x4(samples + i + 4);
    const f32x4 one = __builtin_shufflevector(last, next, 1, 2, 3, 4);
    const f32x4 two = __builtin_shufflevector(last, next, 2, 3, 4, 5);
    const f32x4 value = last * a + one * b + two * c;
    const i32x4 less = value < least;
    least = (f32x4)(((i32x4)value & less) | ((i32x4)least & ~less));
    sum += value * value;
    store_f32x4(samples + i, value + last * a);
    last = next;
  }
  return sum[0] + sum[1] + sum[2] + sum[3] + least[0] + least[1] + least[2] + least[3];
}

/* Cube roots by Newton's steps, until both lanes are near enough. */
static double cube_roots(double first, double second) {
  const f64x2 of = {first, second}, third = splat_f64(1.0 / 3), near = splat_f64(1e-10);
  f64x2 root = of * third + third;
  for (int i = 0; i < 60; ++i) {
    const f64x2 square = root * root;
    const f64x2 step = (square * root - of) / square * third;
    root -= step;
    if (!any_true((u8x16)(step * step > near))) break;
  }
  return root[0] + root[1];
}

int main(void) {
  for (int i = 0; i < length; ++i) now[i] = before[i] = i > 100 && i < 200 ? (i - 100) * 0.01 : 0;
  now[0] = before[0] = 0;
  for (int round = 0; round < 4000; ++round) {
    advance(0.4);
    for (int i = round % 7; i < length; i += 97) samples[i] = (float)now[i + 1];
    double roots = 0;
    for (int i = 0; i < 40; ++i) roots += cube_roots(round + i + 1, (i + 2) * 0.75);
    checksum_add_f64(roots);
    checksum_add_f64(filter());
    checksum_add_f64(now[round % length]);
  }
  return checksum_print();
}
