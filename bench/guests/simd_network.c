/* A small network: a layer of f32 weights, a layer of 16-bit ones, sorting of the results by
 * minima and maxima of lanes. */
#include "checksum.h"
#include "simd.h"

enum { inputs = 256, middles = 64, outputs = 64 };

static float weights[middles][inputs], input[inputs], middle[middles];
static int16_t weights_16[outputs][middles], middle_16[middles];
static int32_t output[outputs];

static float dot_f32(const float* a, const float* b) {
  f32x4 sum = {};
  for (int i = 0; i < inputs; i += 4) sum += load_f32x4(a + i) * load_f32x4(b + i);
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static int32_t dot_rows(const int16_t* a, const int16_t* b) {
  i32x4 sum = {};
  for (int i = 0; i < middles; i += 8) sum += dot_i16(load_i16x8(a + i), load_i16x8(b + i));
  return sum[0] + sum[1] + sum[2] + sum[3];
}

static i32x4 least_of(i32x4 a, i32x4 b) {
  const i32x4 less = a < b;
  return (a & less) | (b & ~less);
}
static i32x4 most_of(i32x4 a, i32x4 b) {
  const i32x4 more = a > b;
  return (a & more) | (b & ~more);
}

/* Sorts four columns of 16 by odd and even transpositions. */
static void sort_columns(void) {
  for (int pass = 0; pass < 16; ++pass) {
    for (int i = pass % 2; i + 1 < outputs / 4; i += 2) {
      int32_t* const at = output + 4 * i;
      const i32x4 a = load_i32x4(at), b = load_i32x4(at + 4);
      store_i32x4(at, least_of(a, b));
      store_i32x4(at + 4, most_of(a, b));
    }
  }
}

int main(void) {
  for (int i = 0; i < middles * inputs; ++i)
    weights[i / inputs][i % inputs] = (float)(random_next() & 255) / 256 - 0.5f;
  for (int i = 0; i < outputs * middles; ++i)
    weights_16[i / middles][i % middles] = (int16_t)(random_next() & 0xFFF);
  for (int i = 0; i < inputs; ++i) input[i] = (float)(random_next() & 255) / 256;
  for (int round = 0; round < 7500; ++round) {
    for (int i = 0; i < middles; ++i) middle[i] = dot_f32(weights[i], input);
    for (int i = 0; i < middles; ++i) middle_16[i] = (int16_t)(middle[i] > 0 ? middle[i] * 100 : 0);
    for (int i = 0; i < outputs; ++i) output[i] = dot_rows(weights_16[i], middle_16);
    sort_columns();
    checksum_add((uint64_t)output[0] << 32 ^ (uint32_t)output[round % outputs]);
    input[round % inputs] = (float)(output[5] & 255) / 256;
  }
  return checksum_print();
}
