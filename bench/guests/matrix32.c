/* f32: a matrix product, a 5x5 convolution and an activation with comparisons, as small networks
 * do. */
#include <math.h>

#include "checksum.h"

enum { n = 96, image = 160 };

static float a[n][n], b[n][n], c[n][n], in[image][image], out[image][image];

static void product(void) {
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < n; ++k) {
      float sum = 0;
      for (int j = 0; j < n; ++j) sum += a[i][j] * b[j][k];
      c[i][k] = sum;
    }
  }
}

static float activate(float x) {
  if (x < 0.0f) return 0.01f * x;
  return x > 6.0f ? 6.0f : x;
}

static void convolve(const float* kernel) {
  for (int y = 2; y < image - 2; ++y) {
    for (int x = 2; x < image - 2; ++x) {
      float sum = 0;
      for (int j = 0; j < 5; ++j) {
        for (int i = 0; i < 5; ++i) sum += kernel[j * 5 + i] * in[y + j - 2][x + i - 2];
      }
      out[y][x] = activate(sum);
    }
  }
}

static void add_f32(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  checksum_add(bits);
}

int main(void) {
  float kernel[25];
  for (int i = 0; i < n * n; ++i) {
    a[i / n][i % n] = (float)(random_next() & 1023) / 512.0f - 1.0f;
    b[i / n][i % n] = (float)(random_next() & 1023) / 512.0f - 1.0f;
  }
  for (int i = 0; i < image * image; ++i)
    in[i / image][i % image] = (float)(random_next() & 255) / 16.0f;
  for (int i = 0; i < 25; ++i) kernel[i] = (float)(int)(random_next() & 15) / 40.0f - 0.15f;
  for (int round = 0; round < 56; ++round) {
    product();
    for (int i = 0; i < n; ++i)
      a[i][round % n] = sqrtf(fabsf(c[i][i])) * 0.1f, add_f32(c[i][round % n]);
    convolve(kernel);
    for (int i = 2; i < image - 2; i += 13) in[i][i] = out[i][image - i - 1], add_f32(out[i][i]);
  }
  return checksum_print();
}
