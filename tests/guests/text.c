// The functions of string.h and ctype.h.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int sign(int x) { return (x > 0) - (x < 0); }

static void copying(void) {
  char buffer[32];
  strcpy(buffer, "hello");
  strcat(buffer, ", ");
  strncat(buffer, "world and more", 5);
  puts(buffer);
  memmove(buffer + 2, buffer, 10);
  buffer[12] = 0;
  puts(buffer);
  memmove(buffer, buffer + 2, 10);
  puts(buffer);
  strncpy(buffer, "ab", 6);
  printf("%d %d %d\n", buffer[1], buffer[2], buffer[5]);
}

static void searching(void) {
  const char* text = "the quick brown fox jumps over the lazy dog";
  printf("%s|%s|%s\n", strchr(text, 'q'), strrchr(text, 't'), strstr(text, "fox"));
  printf("%zu %zu %s\n", strspn(text, "eht "), strcspn(text, "xyz"), strpbrk(text, "zj"));
  printf("%d %d\n", strstr(text, "cat") == NULL, memchr(text, 'z', 10) == NULL);
}

static void comparing(void) {
  printf("%d %d %d\n", sign(strcmp("a", "b")), sign(strcmp("b", "a")), strcmp("a", "a"));
  printf("%d %d\n", sign(strncmp("abcd", "abxx", 3)), strncmp("abcd", "abxx", 2));
  printf("%d\n", sign(memcmp("\xff", "\x01", 1)));
}

static void words(void) {
  char list[] = "one,two;;three four";
  char* rest = NULL;
  for (char* w = strtok_r(list, ",; ", &rest); w != NULL; w = strtok_r(NULL, ",; ", &rest)) {
    printf("<%s>", w);
  }
  char* copy = strdup("a duplicate");
  for (char* c = copy; *c != 0; ++c) *c = (char)toupper((unsigned char)*c);
  printf(" %s %zu\n", copy, strlen(copy));
  free(copy);
}

static void classes(void) {
  int counts[5] = {0};
  for (int c = 0; c < 128; ++c) {
    counts[0] += isalpha(c) != 0;
    counts[1] += isdigit(c) != 0;
    counts[2] += isspace(c) != 0;
    counts[3] += ispunct(c) != 0;
    counts[4] += isxdigit(c) != 0;
  }
  for (int i = 0; i < 5; ++i) printf("%d ", counts[i]);
  puts("");
}

static void long_ones(void) {
  enum { size = 100000 };
  char* a = malloc(size + 1);
  memset(a, 'x', size);
  a[size] = 0;
  char* b = strdup(a);
  printf("%zu %d", strlen(a), strcmp(a, b));
  b[size - 1] = 'y';
  printf(" %d %d\n", sign(strcmp(a, b)), sign(memcmp(a, b, size)));
  free(a);
  free(b);
}

int main(void) {
  copying();
  searching();
  comparing();
  words();
  classes();
  long_ones();
  return 0;
}
