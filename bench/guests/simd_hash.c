/* A hash of stripes: 32-bit and 64-bit multiplications of vectors, rotations, exclusive ors, a sum
 * across lanes; and a table looked through by comparisons of hashes. */
#include "checksum.h"
#include "simd.h"

enum { size = 1 << 15, table_size = 1024 };

static uint8_t data[size];
static uint32_t table[table_size];

static uint32_t hash(const uint8_t* from, int length) {
  u32x4 a = {1, 2, 3, 4}, b = {5, 6, 7, 8};
  const u32x4 prime = splat_u32(2654435761u), other = splat_u32(2246822519u);
  for (int i = 0; i < length; i += 32) {
    a += load_u32x4(from + i) * other;
    a = (a << 13 | a >> 19) * prime;
    b += load_u32x4(from + i + 16) * other;
    b = (b << 13 | b >> 19) * prime;
  }
  u32x4 all = (a << 1 | a >> 31) + (b << 7 | b >> 25);
  all ^= all >> 15;
  all *= prime;
  return (all[0] ^ all[1]) + (all[2] ^ all[3]);
}

static uint64_t mix(const uint8_t* from, int length) {
  u64x2 sum = {0x9E3779B97F4A7C15u, 0xC2B2AE3D27D4EB4Fu};
  for (int i = 0; i < length; i += 16) {
    const u64x2 v = load_u64x2(from + i) ^ sum;
    sum += (v & 0xFFFFFFFF) * (v >> 32);
    sum = __builtin_shufflevector(sum, sum, 1, 0);
  }
  return sum[0] ^ sum[1];
}

static int look_up(uint32_t wanted) {
  const u32x4 all = splat_u32(wanted);
  for (int i = 0; i < table_size; i += 8) {
    const u32x4 found =
        (u32x4)(load_u32x4(table + i) == all) | (u32x4)(load_u32x4(table + i + 4) == all);
    if (any_true((u8x16)found)) return i;
  }
  return table_size;
}

int main(void) {
  for (int i = 0; i < size; ++i) data[i] = (uint8_t)random_next();
  for (int i = 0; i < table_size; ++i) table[i] = hash(data + i * 31 % (size - 64), 64);
  for (int round = 0; round < 1250; ++round) {
    checksum_add(hash(data, size));
    checksum_add(mix(data, size));
    uint32_t found = 0;
    for (int i = 0; i < 32; ++i)
      found = found * 31 + (uint32_t)look_up(table[(i * 77 + round) % table_size]);
    checksum_add(found);
    data[random_next() % size] += 1;
  }
  return checksum_print();
}
