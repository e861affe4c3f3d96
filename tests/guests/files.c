// Files: opened in every way, read, written, sought, cut off, appended to, timed.
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "words.h"

static void show(const char *path) {
  char bytes[64];
  int fd = open(path, O_RDONLY);
  long count = fd < 0 ? -1 : (long)read(fd, bytes, sizeof bytes);
  printf("%s has %ld:", path, count);
  for (long i = 0; i < count; ++i) printf(bytes[i] ? " %c" : " 0", bytes[i]);
  printf("\n");
  if (fd >= 0) close(fd);
}

static void opening(void) {
  SAY(open("missing", O_RDONLY));
  SAY(open("missing/file", O_CREAT | O_WRONLY, 0644));
  int fd = open("file", O_CREAT | O_EXCL | O_WRONLY, 0644);
  SAY(write(fd, "hello", 5));
  SAY(read(fd, &(char){0}, 1));
  close(fd);
  SAY(open("file", O_CREAT | O_EXCL | O_WRONLY, 0644));
  SAY(open("file/", O_RDONLY));
  SAY(open("file/more", O_RDONLY));
  SAY(open("file", O_RDONLY | O_DIRECTORY));
  SAY(open(".", O_WRONLY));
  fd = open("file", O_RDONLY);
  SAY(write(fd, "x", 1));
  close(fd);
  SAY(close(fd));
  show("file");
  close(open("file", O_WRONLY | O_TRUNC));
  show("file");
}

static void seeking(void) {
  int fd = open("sought", O_CREAT | O_RDWR, 0644);
  SAY(write(fd, "0123456789", 10));
  SAY(lseek(fd, 3, SEEK_SET));
  SAY(write(fd, "abc", 3));
  SAY(lseek(fd, -1, SEEK_CUR));
  SAY(lseek(fd, -20, SEEK_CUR));
  SAY(lseek(fd, -2, SEEK_END));
  SAY(lseek(fd, 4, SEEK_END));
  SAY(write(fd, "end", 3));
  SAY(pwrite(fd, "PP", 2, 1));
  char bytes[8] = {0};
  SAY(pread(fd, bytes, 4, 0));
  printf("%s\n", bytes);
  SAY(lseek(fd, 0, SEEK_CUR));
  struct iovec vectors[] = {{"one", 3}, {"", 0}, {"two", 3}};
  SAY(writev(fd, vectors, 3));
  char a[2], b[3];
  struct iovec into[] = {{a, 2}, {b, 3}};
  SAY(lseek(fd, 0, SEEK_SET));
  SAY(readv(fd, into, 2));
  printf("%.2s %.3s\n", a, b);
  close(fd);
  show("sought");
}

static void sizes(void) {
  int fd = open("sized", O_CREAT | O_RDWR, 0644);
  SAY(write(fd, "0123456789", 10));
  SAY(ftruncate(fd, 4));
  SAY(ftruncate(fd, 6));
  SAY(ftruncate(fd, -1));
  struct stat s;
  SAY(fstat(fd, &s));
  printf("size %lld, a file %d\n", (long long)s.st_size, S_ISREG(s.st_mode));
  printf("allocate: %s\n", error_word(posix_fallocate(fd, 2, 10)));
  SAY(fstat(fd, &s));
  printf("size %lld\n", (long long)s.st_size);
  SAY(fsync(fd));
  SAY(fdatasync(fd));
  close(fd);
  show("sized");
}

static void appending(void) {
  int fd = open("appended", O_CREAT | O_RDWR | O_APPEND, 0644);
  SAY(write(fd, "abc", 3));
  SAY(lseek(fd, 0, SEEK_SET));
  SAY(write(fd, "def", 3));
  SAY(lseek(fd, 0, SEEK_CUR));
  int flags = fcntl(fd, F_GETFL);
  printf("append %d\n", (flags & O_APPEND) != 0);
  SAY(fcntl(fd, F_SETFL, flags & ~O_APPEND));
  SAY(lseek(fd, 1, SEEK_SET));
  SAY(write(fd, "X", 1));
  close(fd);
  show("appended");
}

static void streams(void) {
  FILE *f = fopen("lines", "w+");
  for (int i = 0; i < 2000; ++i) fprintf(f, "line %d of many\n", i);
  printf("at %ld\n", ftell(f));
  fseek(f, 17, SEEK_SET);
  char line[80];
  fgets(line, sizeof line, f);
  printf("%s", line);
  fseek(f, -16, SEEK_END);
  fgets(line, sizeof line, f);
  printf("%s%d", line, fgets(line, sizeof line, f) == NULL);
  fclose(f);
  f = fopen("lines", "a");
  fputs("appended\n", f);
  fclose(f);
  f = fopen("lines", "r+");
  fputs("LINE", f);
  fclose(f);
  printf(" %d\n", fopen("missing", "r") == NULL);
}

static void times(void) {
  struct timespec both[2] = {{1000000000, 123456789}, {1100000000, 987654321}};
  SAY(utimensat(AT_FDCWD, "file", both, 0));
  struct stat s;
  SAY(stat("file", &s));
  printf("%lld.%09ld %lld.%09ld\n", (long long)s.st_atim.tv_sec, s.st_atim.tv_nsec,
         (long long)s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
  int fd = open("file", O_RDWR);
  both[0].tv_nsec = UTIME_OMIT;
  both[1].tv_sec = 1;
  SAY(futimens(fd, both));
  SAY(fstat(fd, &s));
  printf("%lld %lld\n", (long long)s.st_atim.tv_sec, (long long)s.st_mtim.tv_sec);
  close(fd);
  fd = open("file", O_RDWR);
  SAY(write(fd, "now", 3));
  SAY(fstat(fd, &s));
  printf("%d\n", s.st_mtim.tv_sec > 1600000000);
  close(fd);
  SAY(utimensat(AT_FDCWD, "missing", both, 0));
}

static void removed(void) {
  int fd = open("removed", O_CREAT | O_RDWR, 0644);
  SAY(unlink("removed"));
  SAY(unlink("removed"));
  SAY(write(fd, "still", 5));
  struct stat s;
  SAY(fstat(fd, &s));
  printf("%lld bytes, %d names\n", (long long)s.st_size, (int)s.st_nlink);
  close(fd);
}

int main(void) {
  opening();
  seeking();
  sizes();
  appending();
  streams();
  times();
  removed();
  printf("a terminal: %d\n", isatty(open("file", O_RDONLY)));
  return 0;
}
