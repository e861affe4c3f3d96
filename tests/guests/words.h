// How the guests that use files say what a call came to: errors have other numbers on each system.
#pragma once

#include <errno.h>
#include <stdio.h>

static inline const char *error_word(int error) {
  switch (error) {
    case 0: return "fine";
    case EACCES: return "EACCES";
    case EBADF: return "EBADF";
    case EEXIST: return "EEXIST";
    case EINVAL: return "EINVAL";
    case EISDIR: return "EISDIR";
    case ELOOP: return "ELOOP";
    case ENAMETOOLONG: return "ENAMETOOLONG";
    case ENOENT: return "ENOENT";
    case ENOTDIR: return "ENOTDIR";
    case ENOTEMPTY: return "ENOTEMPTY";
    case ENOTTY: return "ENOTTY";
    case EPERM: return "EPERM";
    case ESPIPE: return "ESPIPE";
    case EXDEV: return "EXDEV";
    default: return "another error";
  }
}

/// Prints what a call that gives -1 for an error came to, and gives that on.
static inline long said(const char *what, long result) {
  printf("%s: %ld %s\n", what, result, error_word(result < 0 ? errno : 0));
  return result;
}

#define SAY(call) said(#call, (long)(call))
