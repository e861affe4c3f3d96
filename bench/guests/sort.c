/* Sorting: a merge sort through a comparison pointer, a quicksort and a heap sort without one. */
#include <stdlib.h>

#include "checksum.h"

enum { count = 120000 };

typedef int (*compare_fn)(const uint32_t*, const uint32_t*);

static int by_value(const uint32_t* a, const uint32_t* b) { return (*a > *b) - (*a < *b); }
static int by_low_bits(const uint32_t* a, const uint32_t* b) {
  return (int)(*a & 0xffff) - (int)(*b & 0xffff);
}

static void merge_sort(uint32_t* v, uint32_t* spare, int n, compare_fn compare) {
  if (n < 2) return;
  const int half = n / 2;
  merge_sort(v, spare, half, compare);
  merge_sort(v + half, spare, n - half, compare);
  memcpy(spare, v, sizeof *v * (size_t)half);
  int a = 0, b = half, out = 0;
  while (a < half && b < n) v[out++] = compare(&v[b], &spare[a]) < 0 ? v[b++] : spare[a++];
  while (a < half) v[out++] = spare[a++];
}

static void quicksort(uint32_t* v, int low, int high) {
  while (low < high) {
    const uint32_t pivot = v[low + (high - low) / 2];
    int i = low, k = high;
    while (i <= k) {
      while (v[i] < pivot) ++i;
      while (v[k] > pivot) --k;
      if (i > k) break;
      const uint32_t swapped = v[i];
      v[i++] = v[k], v[k--] = swapped;
    }
    quicksort(v, low, k);
    low = i;
  }
}

static void sift_down(uint32_t* v, int root, int n) {
  const uint32_t value = v[root];
  for (int child = 2 * root + 1; child < n; child = 2 * root + 1) {
    if (child + 1 < n && v[child + 1] > v[child]) ++child;
    if (v[child] <= value) break;
    v[root] = v[child];
    root = child;
  }
  v[root] = value;
}

static void heap_sort(uint32_t* v, int n) {
  for (int i = n / 2 - 1; i >= 0; --i) sift_down(v, i, n);
  for (int i = n - 1; i > 0; --i) {
    const uint32_t top = v[0];
    v[0] = v[i], v[i] = top;
    sift_down(v, 0, i);
  }
}

static uint32_t values[count], spare[count];

static void fill(void) {
  for (int i = 0; i < count; ++i) values[i] = random_next();
}

static void add_values(void) {
  for (int i = 0; i < count; i += 97) checksum_add(values[i]);
}

int main(void) {
  for (int round = 0; round < 3; ++round) {
    fill();
    merge_sort(values, spare, count, by_low_bits);
    add_values();
    merge_sort(values, spare, count, by_value);
    add_values();
    fill();
    quicksort(values, 0, count - 1);
    add_values();
    fill();
    heap_sort(values, count);
    add_values();
  }
  return checksum_print();
}
