// qsort and bsearch: function pointers, structures copied and passed by value.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct record {
  char name[12];
  int age;
  double weight;
  struct {
    uint8_t r, g, b;
  } colour;
};

static uint32_t seed = 12345;
static uint32_t next(void) {
  seed ^= seed << 13;
  seed ^= seed >> 17;
  seed ^= seed << 5;
  return seed;
}

static int by_value(const void* a, const void* b) {
  const int x = *(const int*)a, y = *(const int*)b;
  return (x > y) - (x < y);
}
static int by_name(const void* a, const void* b) {
  return strcmp(((const struct record*)a)->name, ((const struct record*)b)->name);
}
static int by_age_then_name(const void* a, const void* b) {
  const int d = ((const struct record*)a)->age - ((const struct record*)b)->age;
  return d != 0 ? d : by_name(a, b);
}

static struct record make(int i) {
  struct record r = {.age = (int)(next() % 90), .weight = (double)(next() % 1000) / 10};
  snprintf(r.name, sizeof r.name, "n%05u", (unsigned)(next() % 100000));
  r.colour.r = (uint8_t)i;
  r.colour.g = (uint8_t)(i * 2);
  r.colour.b = (uint8_t)(i * 3);
  return r;
}

static struct record older(struct record r, int years) {
  r.age += years;
  return r;
}

static void show(const struct record* r, int count) {
  for (int i = 0; i < count; ++i) {
    printf("%s %d %.1f %02x%02x%02x\n", r[i].name, r[i].age, r[i].weight, r[i].colour.r,
           r[i].colour.g, r[i].colour.b);
  }
}

int main(void) {
  enum { count = 2000 };
  static int numbers[count];
  for (int i = 0; i < count; ++i) numbers[i] = (int)next();
  qsort(numbers, count, sizeof *numbers, by_value);
  int sorted = 1;
  for (int i = 1; i < count; ++i) sorted &= numbers[i - 1] <= numbers[i];
  printf("%d %d %d %d\n", sorted, numbers[0], numbers[count / 2], numbers[count - 1]);
  const int* found = bsearch(&numbers[777], numbers, count, sizeof *numbers, by_value);
  printf("%d\n", found != NULL && *found == numbers[777]);

  struct record people[12];
  for (int i = 0; i < 12; ++i) people[i] = make(i);
  int (*const orders[])(const void*, const void*) = {by_name, by_age_then_name};
  for (int i = 0; i < 2; ++i) {
    qsort(people, 12, sizeof *people, orders[i]);
    show(people, 12);
  }
  const struct record copy = older(people[3], 100);
  show(&copy, 1);
  show(&people[3], 1);
  return 0;
}
