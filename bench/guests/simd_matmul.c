/* A product of f32 matrices in blocks of 4 rows by 8 columns: multiplications and additions of
 * vectors, numbers splatted from memory. */
#include "checksum.h"
#include "simd.h"

enum { n = 192 };

static float a[n][n], b[n][n], c[n][n];

static void multiply_block(int row, int column) {
  f32x4 sums[4][2] = {};
  for (int k = 0; k < n; ++k) {
    const f32x4 left = load_f32x4(&b[k][column]), right = load_f32x4(&b[k][column + 4]);
    for (int i = 0; i < 4; ++i) {
      const f32x4 x = splat_f32(a[row + i][k]);
      sums[i][0] += x * left;
      sums[i][1] += x * right;
    }
  }
  for (int i = 0; i < 4; ++i) {
    store_f32x4(&c[row + i][column], sums[i][0]);
    store_f32x4(&c[row + i][column + 4], sums[i][1]);
  }
}

int main(void) {
  for (int i = 0; i < n * n; ++i) {
    a[i / n][i % n] = (float)(random_next() & 1023) / 512.0f - 1.0f;
    b[i / n][i % n] = (float)(random_next() & 1023) / 512.0f - 1.0f;
  }
  for (int round = 0; round < 48; ++round) {
    for (int row = 0; row < n; row += 4) {
      for (int column = 0; column < n; column += 8) multiply_block(row, column);
    }
    for (int i = 0; i < n; ++i) {
      checksum_add_f64(c[i][(i + round) % n]);
      a[i][round] = c[round][i] * 0.01f;
    }
  }
  return checksum_print();
}
