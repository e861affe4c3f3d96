/* Particles that attract each other, four distances at a time: f32 multiplications, square roots
 * and divisions, and a search for one within reach that ends by a comparison of all lanes. */
#include <math.h>

#include "checksum.h"
#include "simd.h"

enum { count = 128 };

static float x[count], y[count], z[count], speed_x[count], speed_y[count], speed_z[count];

static f32x4 square_root(f32x4 v) {
#ifdef __wasm_simd128__
  return (f32x4)wasm_f32x4_sqrt((v128_t)v);
#else
  for (int i = 0; i < 4; ++i) v[i] = sqrtf(v[i]);
  return v;
#endif
}

static float sum_of(f32x4 v) { return (v[0] + v[1]) + (v[2] + v[3]); }

static void attract(int i) {
  const f32x4 x_i = splat_f32(x[i]), y_i = splat_f32(y[i]), z_i = splat_f32(z[i]);
  f32x4 sum_x = {}, sum_y = {}, sum_z = {};
  for (int j = 0; j < count; j += 4) {
    const f32x4 dx = load_f32x4(x + j) - x_i, dy = load_f32x4(y + j) - y_i,
                dz = load_f32x4(z + j) - z_i;
    const f32x4 square = dx * dx + dy * dy + dz * dz + splat_f32(0.01f);
    const f32x4 force = splat_f32(0.0001f) / (square * square_root(square));
    sum_x += dx * force;
    sum_y += dy * force;
    sum_z += dz * force;
  }
  speed_x[i] += sum_of(sum_x);
  speed_y[i] += sum_of(sum_y);
  speed_z[i] += sum_of(sum_z);
}

/* The first group of four of which one is nearer to a point than that. */
static int within(float x_i, float y_i, float distance) {
  const f32x4 most = splat_f32(distance * distance);
  for (int j = 0; j < count; j += 4) {
    const f32x4 dx = load_f32x4(x + j) - splat_f32(x_i), dy = load_f32x4(y + j) - splat_f32(y_i);
    if (any_true((u8x16)(dx * dx + dy * dy < most))) return j;
  }
  return count;
}

static void move(float* at, const float* speed) {
  for (int j = 0; j < count; j += 4)
    store_f32x4(at + j, load_f32x4(at + j) + load_f32x4(speed + j));
}

int main(void) {
  for (int i = 0; i < count; ++i) {
    x[i] = (float)(random_next() & 1023) / 512;
    y[i] = (float)(random_next() & 1023) / 512;
    z[i] = (float)(random_next() & 1023) / 512;
  }
  for (int round = 0; round < 700; ++round) {
    for (int i = 0; i < count; ++i) attract(i);
    move(x, speed_x);
    move(y, speed_y);
    move(z, speed_z);
    uint32_t found = 0;
    for (int i = 0; i < 256; ++i)
      found = found * 31 + (uint32_t)within((float)(i % 16) / 8, (float)i / 128, 0.1f);
    checksum_add(found);
    checksum_add_f64(x[round % count]);
  }
  return checksum_print();
}
