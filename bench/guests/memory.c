/* Memory: a list chased through a shuffled pool, a transposition, copies and fills of all sizes. */
#include "checksum.h"

enum { nodes = 1 << 16, side = 256 };

struct node {
  uint32_t value;
  struct node* next;
};

static struct node pool[nodes];
static uint32_t order[nodes], matrix[side][side], turned[side][side];
static uint8_t source[1 << 16], target[1 << 16];

static void link_shuffled(void) {
  for (uint32_t i = 0; i < nodes; ++i) order[i] = i;
  for (uint32_t i = nodes - 1; i > 0; --i) {
    const uint32_t k = random_next() % (i + 1);
    const uint32_t swapped = order[i];
    order[i] = order[k], order[k] = swapped;
  }
  for (uint32_t i = 0; i < nodes; ++i) {
    pool[order[i]].value = i * 7;
    pool[order[i]].next = &pool[order[(i + 1) % nodes]];
  }
}

static void chase(void) {
  uint32_t sum = 0;
  const struct node* at = &pool[0];
  for (int i = 0; i < 6000000; ++i) sum = sum * 3 + at->value, at = at->next;
  checksum_add(sum);
}

static void transpose(void) {
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) turned[x][y] = matrix[y][x] + (uint32_t)x;
  }
  memcpy(matrix, turned, sizeof matrix);
}

static void copy_and_fill(void) {
  for (uint32_t n = 1; n < 3000; n += 7) {
    memcpy(target + n, source + (n * 13 & 0x7fff), n);
    memset(source + (n * 29 & 0x7fff), (int)n, n / 2);
    memmove(target + n / 3, target, n);
  }
}

int main(void) {
  link_shuffled();
  chase();
  for (int i = 0; i < side * side; ++i) matrix[i / side][i % side] = random_next();
  for (int round = 0; round < 300; ++round) transpose();
  for (int i = 0; i < side; ++i) checksum_add(matrix[i][(i * 7) % side]);
  for (size_t i = 0; i < sizeof source; ++i) source[i] = (uint8_t)random_next();
  for (int round = 0; round < 60; ++round) copy_and_fill();
  for (size_t i = 0; i < sizeof target; i += 101) checksum_add(target[i]);
  return checksum_print();
}
