/* Dot products of signed bytes, as quantized networks do: bytes extended to 16 bits, products added
 * in pairs to 32, a sum across lanes at the end. */
#include "checksum.h"
#include "simd.h"

enum { length = 1024, rows = 256 };

static int8_t weights[rows][length], input[length];
static int32_t output[rows];

static int32_t dot(const int8_t* x, const int8_t* y) {
  i32x4 first = {}, second = {};
  for (int i = 0; i < length; i += 16) {
    const i8x16 p = load_i8x16(x + i), q = load_i8x16(y + i);
    first += dot_i16(low_i8(p), low_i8(q));
    second += dot_i16(high_i8(p), high_i8(q));
  }
  const i32x4 sum = first + second;
  return sum[0] + sum[1] + sum[2] + sum[3];
}

int main(void) {
  for (int i = 0; i < rows * length; ++i) weights[i / length][i % length] = (int8_t)random_next();
  for (int i = 0; i < length; ++i) input[i] = (int8_t)random_next();
  for (int round = 0; round < 1200; ++round) {
    for (int row = 0; row < rows; ++row) output[row] = dot(weights[row], input);
    uint32_t sum = 0;
    for (int row = 0; row < rows; ++row) sum = sum * 31 + (uint32_t)output[row];
    checksum_add(sum);
    for (int i = 0; i < length; ++i) input[i] = (int8_t)(output[i % rows] >> (7 + i / rows));
  }
  return checksum_print();
}
