// Counts the words on standard input and prints the most frequent ones.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
  char text[32];
  int count;
};

static struct word words[4096];
static int word_count;

static struct word *find(const char *text) {
  for (int i = 0; i < word_count; ++i) {
    if (strcmp(words[i].text, text) == 0) return &words[i];
  }
  return word_count < 4096 ? strcpy(words[word_count].text, text), &words[word_count++] : NULL;
}

static int more_frequent_first(const void *a, const void *b) {
  const struct word *left = a, *right = b;
  if (left->count != right->count) return right->count - left->count;
  return strcmp(left->text, right->text);
}

int main(int argc, char **argv) {
  const int shown = argc > 1 ? atoi(argv[1]) : 5;
  char text[32] = "";
  while (scanf(" %31[a-zA-Z]", text) == 1 || scanf("%*c") != EOF) {
    struct word *word = text[0] ? find(text) : NULL;
    if (word) ++word->count;
    text[0] = 0;
  }
  qsort(words, (size_t)word_count, sizeof words[0], more_frequent_first);
  for (int i = 0; i < shown && i < word_count; ++i) {
    printf("%4d %s\n", words[i].count, words[i].text);
  }
  return 0;
}
