/* The largest singular value of an infinite matrix, by the power method: f64 with integer index
 * arithmetic, conversions and a small function called for every element. */
#include <math.h>

#include "checksum.h"

enum { n = 500 };

__attribute__((noinline)) static double element(int i, int k) {
  return 1.0 / ((i + k) * (i + k + 1) / 2 + i + 1);
}

static void multiply(const double* v, double* out, int transposed) {
  for (int i = 0; i < n; ++i) {
    double sum = 0;
    for (int k = 0; k < n; ++k) sum += (transposed ? element(k, i) : element(i, k)) * v[k];
    out[i] = sum;
  }
}

int main(void) {
  static double u[n], v[n], t[n];
  for (int i = 0; i < n; ++i) u[i] = 1;
  for (int round = 0; round < 30; ++round) {
    multiply(u, t, 0);
    multiply(t, v, 1);
    multiply(v, t, 0);
    multiply(t, u, 1);
  }
  double uv = 0, vv = 0;
  for (int i = 0; i < n; ++i) uv += u[i] * v[i], vv += v[i] * v[i];
  checksum_add_f64(sqrt(uv / vv));
  return checksum_print();
}
