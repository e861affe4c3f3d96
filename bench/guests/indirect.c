/* Calls through function pointers: a table of small functions, called in an order that the data
 * decides, and state machines whose states are functions. */
#include "checksum.h"

typedef uint32_t (*step_fn)(uint32_t, uint32_t);

static uint32_t step_add(uint32_t a, uint32_t b) { return a + b; }
static uint32_t step_sub(uint32_t a, uint32_t b) { return a - b; }
static uint32_t step_xor(uint32_t a, uint32_t b) { return a ^ b; }
static uint32_t step_mul(uint32_t a, uint32_t b) { return a * (b | 1); }
static uint32_t step_shift(uint32_t a, uint32_t b) { return a << (b & 7) | b >> 3; }
static uint32_t step_swap(uint32_t a, uint32_t b) { return b >> 16 | a << 16; }
static uint32_t step_max(uint32_t a, uint32_t b) { return a > b ? a : b + 1; }
static uint32_t step_fold(uint32_t a, uint32_t b) { return (a ^ (a >> 15)) + b; }

static step_fn volatile steps[8] = {step_add,   step_sub,  step_xor, step_mul,
                                    step_shift, step_swap, step_max, step_fold};

struct machine;
typedef void (*state_fn)(struct machine*, uint8_t);
struct machine {
  state_fn state;
  uint32_t words, digits, others;
};

static void in_word(struct machine* m, uint8_t c);
static void in_number(struct machine* m, uint8_t c);

static void between(struct machine* m, uint8_t c) {
  if (c >= 'a')
    m->state = in_word, ++m->words;
  else if (c >= '0')
    m->state = in_number, ++m->digits;
  else
    ++m->others;
}
static void in_word(struct machine* m, uint8_t c) {
  if (c < 'a') m->state = between, between(m, c);
}
static void in_number(struct machine* m, uint8_t c) {
  if (c < '0' || c >= 'a') m->state = between, between(m, c);
}

int main(void) {
  step_fn table[8];
  for (int i = 0; i < 8; ++i) table[i] = steps[i];
  uint32_t a = 1, b = 2;
  for (int i = 0; i < 12000000; ++i) {
    const uint32_t next = table[(a ^ (uint32_t)i) & 7](a, b);
    b = a, a = next;
  }
  checksum_add(a);
  struct machine m = {between, 0, 0, 0};
  for (int i = 0; i < 6000000; ++i) m.state(&m, (uint8_t)(' ' + random_next() % 90));
  checksum_add(m.words), checksum_add(m.digits), checksum_add(m.others);
  return checksum_print();
}
