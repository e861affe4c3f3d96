/* Vectors for the simd_ guests: the compiler's vector types, and where those have no operator, the
 * instruction of WebAssembly or, in the native build, the same in a loop. */
#ifndef SIMD_H
#define SIMD_H

#include <stdint.h>
#include <string.h>

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

typedef int8_t i8x16 __attribute__((vector_size(16)));
typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef int16_t i16x8 __attribute__((vector_size(16)));
typedef uint16_t u16x8 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef uint32_t u32x4 __attribute__((vector_size(16)));
typedef int64_t i64x2 __attribute__((vector_size(16)));
typedef uint64_t u64x2 __attribute__((vector_size(16)));
typedef float f32x4 __attribute__((vector_size(16)));
typedef double f64x2 __attribute__((vector_size(16)));

/* A type of vectors of which there is only one that `x` is converted to: bits stay. */
#define BITS(type, x) ((type)(x))

#define DEFINE_ACCESS(type)                          \
  static inline type load_##type(const void* from) { \
    type v;                                          \
    memcpy(&v, from, sizeof v);                      \
    return v;                                        \
  }                                                  \
  static inline void store_##type(void* to, type v) { memcpy(to, &v, sizeof v); }
DEFINE_ACCESS(i8x16)
DEFINE_ACCESS(u8x16)
DEFINE_ACCESS(i16x8)
DEFINE_ACCESS(u16x8)
DEFINE_ACCESS(i32x4)
DEFINE_ACCESS(u32x4)
DEFINE_ACCESS(u64x2)
DEFINE_ACCESS(f32x4)
DEFINE_ACCESS(f64x2)
#undef DEFINE_ACCESS

static inline u8x16 splat_u8(uint8_t x) { return (u8x16){} + x; }
static inline u16x8 splat_u16(uint16_t x) { return (u16x8){} + x; }
static inline u32x4 splat_u32(uint32_t x) { return (u32x4){} + x; }
static inline i32x4 splat_i32(int32_t x) { return (i32x4){} + x; }
static inline f32x4 splat_f32(float x) { return (f32x4){x, x, x, x}; }
static inline f64x2 splat_f64(double x) { return (f64x2){x, x}; }

/* Bit i is the highest of lane i. */
static inline uint32_t bitmask_u8(u8x16 v) {
#ifdef __wasm_simd128__
  return (uint32_t)wasm_i8x16_bitmask((v128_t)v);
#else
  uint32_t bits = 0;
  for (int i = 0; i < 16; ++i) bits |= (uint32_t)(v[i] >> 7) << i;
  return bits;
#endif
}

static inline int any_true(u8x16 v) {
#ifdef __wasm_simd128__
  return wasm_v128_any_true((v128_t)v);
#else
  const u64x2 halves = (u64x2)v;
  return (halves[0] | halves[1]) != 0;
#endif
}

/* Byte at[i] of v, 0 where there is none. */
static inline u8x16 swizzle(u8x16 v, u8x16 at) {
#ifdef __wasm_simd128__
  return (u8x16)wasm_i8x16_swizzle((v128_t)v, (v128_t)at);
#else
  u8x16 picked;
  for (int i = 0; i < 16; ++i) picked[i] = at[i] < 16 ? v[at[i]] : 0;
  return picked;
#endif
}

/* a - b, at least 0. */
static inline u8x16 sub_sat_u8(u8x16 a, u8x16 b) {
#ifdef __wasm_simd128__
  return (u8x16)wasm_u8x16_sub_sat((v128_t)a, (v128_t)b);
#else
  return (a - b) & (u8x16)(a >= b);
#endif
}

/* Products of neighbours added up: a[0] * b[0] + a[1] * b[1] and so on. */
static inline i32x4 dot_i16(i16x8 a, i16x8 b) {
#ifdef __wasm_simd128__
  return (i32x4)wasm_i32x4_dot_i16x8((v128_t)a, (v128_t)b);
#else
  i32x4 sums;
  for (int i = 0; i < 4; ++i) sums[i] = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
  return sums;
#endif
}

/* Eight bytes as 16-bit lanes. */
static inline i16x8 low_i8(i8x16 v) {
#ifdef __wasm_simd128__
  return (i16x8)wasm_i16x8_extend_low_i8x16((v128_t)v);
#else
  i16x8 wide;
  for (int i = 0; i < 8; ++i) wide[i] = v[i];
  return wide;
#endif
}
static inline i16x8 high_i8(i8x16 v) {
#ifdef __wasm_simd128__
  return (i16x8)wasm_i16x8_extend_high_i8x16((v128_t)v);
#else
  i16x8 wide;
  for (int i = 0; i < 8; ++i) wide[i] = v[i + 8];
  return wide;
#endif
}
static inline u16x8 low_u8(u8x16 v) {
#ifdef __wasm_simd128__
  return (u16x8)wasm_u16x8_extend_low_u8x16((v128_t)v);
#else
  u16x8 wide;
  for (int i = 0; i < 8; ++i) wide[i] = v[i];
  return wide;
#endif
}
static inline u16x8 high_u8(u8x16 v) {
#ifdef __wasm_simd128__
  return (u16x8)wasm_u16x8_extend_high_u8x16((v128_t)v);
#else
  u16x8 wide;
  for (int i = 0; i < 8; ++i) wide[i] = v[i + 8];
  return wide;
#endif
}

/* 16-bit lanes as signed numbers, each at the nearest of 0 to 255. */
static inline u8x16 narrow_u8(i16x8 a, i16x8 b) {
#ifdef __wasm_simd128__
  return (u8x16)wasm_u8x16_narrow_i16x8((v128_t)a, (v128_t)b);
#else
  u8x16 bytes;
  for (int i = 0; i < 16; ++i) {
    const int16_t x = i < 8 ? a[i] : b[i - 8];
    bytes[i] = (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x);
  }
  return bytes;
#endif
}

#define ROTATE_RIGHT_U32(v, n) ((v) >> (n) | (v) << (32 - (n)))

#endif
