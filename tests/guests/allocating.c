// malloc, calloc, realloc and free in many sizes; every block is checked for what was put into it.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { slots = 200 };
static unsigned char* blocks[slots];
static size_t sizes[slots];

static uint32_t state = 1;
static uint32_t next(uint32_t below) {
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % below;
}

static void fill(int i) {
  for (size_t k = 0; k < sizes[i]; ++k) blocks[i][k] = (unsigned char)(i + k);
}

static int check(int i, size_t size) {
  for (size_t k = 0; k < size; ++k) {
    if (blocks[i][k] != (unsigned char)(i + k)) return 0;
  }
  return 1;
}

static void step(int* good) {
  const int i = (int)next(slots);
  const size_t size = 1 + next(next(10) == 0 ? 20000 : 300);
  if (blocks[i] == NULL) {
    blocks[i] = malloc(size);
    sizes[i] = size;
    fill(i);
  } else if (next(2) == 0) {
    *good += check(i, sizes[i]);
    free(blocks[i]);
    blocks[i] = NULL;
  } else {
    blocks[i] = realloc(blocks[i], size);
    *good += check(i, size < sizes[i] ? size : sizes[i]);
    sizes[i] = size;
    fill(i);
  }
}

struct node {
  struct node *left, *right;
  int key;
};

static struct node* insert(struct node* tree, int key) {
  if (tree == NULL) {
    struct node* n = calloc(1, sizeof *n);
    n->key = key;
    return n;
  }
  if (key < tree->key) tree->left = insert(tree->left, key);
  else if (key > tree->key) tree->right = insert(tree->right, key);
  return tree;
}

static int depth(const struct node* tree) {
  if (tree == NULL) return 0;
  const int l = depth(tree->left), r = depth(tree->right);
  return 1 + (l > r ? l : r);
}

static long long drop(struct node* tree) {
  if (tree == NULL) return 0;
  const long long sum = tree->key + drop(tree->left) + drop(tree->right);
  free(tree);
  return sum;
}

int main(void) {
  int good = 0;
  for (int i = 0; i < 1000; ++i) step(&good);
  printf("%d blocks were right\n", good);

  struct node* tree = NULL;
  for (int i = 0; i < 3000; ++i) tree = insert(tree, (int)next(100000));
  printf("depth %d", depth(tree));
  printf(", sum %lld\n", drop(tree));

  unsigned char* big = calloc(1, 1000000);  // the memory has to grow for this
  size_t zeros = 0;
  for (size_t i = 0; i < 1000000; ++i) zeros += big[i] == 0;
  printf("%zu zeros\n", zeros);
  big = realloc(big, 2000000);
  memset(big, 1, 2000000);
  printf("%d %d\n", big[0], big[1999999]);
  free(big);
  volatile size_t too_much = (size_t)-1 - 100;
  void* volatile nothing = malloc(too_much);
  printf("%d\n", nothing == NULL);
  return 0;
}
