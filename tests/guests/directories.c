// Directories: made, listed, renamed, linked and removed.
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "words.h"

static void make(const char *path, const char *bytes) {
  int fd = open(path, O_CREAT | O_WRONLY, 0644);
  if (write(fd, bytes, strlen(bytes)) < 0) printf("%s: not written\n", path);
  close(fd);
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *path) {
  char *names[400];
  size_t count = 0;
  DIR *d = opendir(path);
  printf("%s:", path);
  if (d == NULL) {
    printf(" %s\n", error_word(errno));
    return;
  }
  for (struct dirent *e; (e = readdir(d)) != NULL && count < 400;) names[count++] = strdup(e->d_name);
  closedir(d);
  qsort(names, count, sizeof names[0], by_name);
  for (size_t i = 0; i < count; ++i) {
    printf(" %s", names[i]);
    free(names[i]);
  }
  printf("\n");
}

static void kind(const char *path) {
  struct stat s;
  if (lstat(path, &s) != 0) {
    printf("%s: %s\n", path, error_word(errno));
    return;
  }
  const char *type = S_ISDIR(s.st_mode) ? "directory" : S_ISLNK(s.st_mode) ? "link" : "file";
  printf("%s: a %s", path, type);
  if (S_ISREG(s.st_mode)) printf(" of %lld with %d names", (long long)s.st_size, (int)s.st_nlink);
  if (S_ISLNK(s.st_mode)) printf(" of %lld", (long long)s.st_size);
  printf("\n");
}

static void making(void) {
  SAY(mkdir("a", 0755));
  SAY(mkdir("a", 0755));
  SAY(mkdir("a/b/", 0755));
  SAY(mkdir("missing/b", 0755));
  make("a/file", "bytes");
  make("a/b/deep", "deep");
  list(".");
  list("a");
  list("a/b/..");
  list("a/file");
  list("missing");
  SAY(rmdir("a"));
  SAY(rmdir("a/file"));
  SAY(rmdir("missing"));
  SAY(unlink("a/file/"));
  SAY(access("a/file", R_OK));
  SAY(access("missing", F_OK));
}

static void renaming(void) {
  SAY(rename("a/file", "moved"));
  SAY(rename("missing", "x"));
  SAY(rename("a", "a/b/c"));
  SAY(rename("moved", "a"));
  SAY(rename("a", "moved"));
  SAY(mkdir("empty", 0755));
  SAY(rename("a", "empty"));
  SAY(rename("moved", "empty/b/deep"));
  SAY(rename("empty/b", "b/"));
  list(".");
  list("b");
  kind("b/deep");
}

static void linking(void) {
  char target[64] = {0};
  SAY(symlink("b/deep", "link"));
  SAY(symlink("b", "to-b"));
  SAY(symlink("nowhere", "dangling"));
  SAY(symlink("circle", "circle"));
  SAY(symlink("x", "link"));
  SAY(readlink("link", target, sizeof target));
  printf("%s\n", target);
  SAY(readlink("link", target, 3));
  SAY(readlink("b", target, sizeof target));
  kind("link");
  kind("to-b/deep");
  kind("dangling");
  struct stat s;
  SAY(stat("link", &s));
  printf("%lld\n", (long long)s.st_size);
  SAY(stat("dangling", &s));
  SAY(stat("circle", &s));
  SAY(open("link", O_RDONLY | O_NOFOLLOW));
  list("to-b");
  SAY(link("b/deep", "second"));
  SAY(link("b/deep", "second"));
  SAY(link("missing", "third"));
  SAY(link("b", "third"));
  kind("second");
  SAY(unlink("b/deep"));
  kind("second");
  kind("link");
  SAY(unlink("b"));
  make("dangling", "through a link");
  kind("nowhere");
}

static void relative(void) {
  int fd = open("b", O_RDONLY | O_DIRECTORY);
  SAY(mkdirat(fd, "inner", 0755));
  int file = openat(fd, "inner/file", O_CREAT | O_WRONLY, 0644);
  SAY(write(file, "inner", 5));
  close(file);
  struct stat s;
  SAY(fstatat(fd, "inner/file", &s, 0));
  SAY(renameat(fd, "inner/file", fd, "outer"));
  SAY(unlinkat(fd, "inner", AT_REMOVEDIR));
  SAY(linkat(fd, "outer", fd, "other", 0));
  SAY(symlinkat("outer", fd, "symbolic"));
  SAY(fstat(fd, &s));
  printf("a directory: %d\n", S_ISDIR(s.st_mode));
  close(fd);
  list("b");
}

static void many(void) {
  char name[32];
  SAY(mkdir("many", 0755));
  for (int i = 0; i < 300; ++i) {
    snprintf(name, sizeof name, "many/file%d", i);
    make(name, "");
  }
  DIR *d = opendir("many");
  int count = 0, again = 0;
  while (readdir(d) != NULL) ++count;
  rewinddir(d);
  while (readdir(d) != NULL) ++again;
  printf("%d entries, %d again\n", count, again);
  closedir(d);
}

int main(void) {
  making();
  renaming();
  linking();
  relative();
  many();
  list(".");
  return 0;
}
