// See system_calls.hpp.
//
// Refused calls fail rather than end the command: a C library that asks for a newer call first then
// takes the older one, and a program that is run is not lost with its checkpoint.
#include "tools/fermata/sandbox/system_calls.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <initializer_list>
#include <system_error>

#include "tools/fermata/host.hpp"

namespace fermata::tool {
namespace {

// Names that a machine does not have are left out: those with 64 in them are of 32-bit machines.

/// Whatever the arguments: nothing here opens a file by its path, starts a program or talks to
/// another.
constexpr const char* always[] = {
    // open files
    "read", "readv", "write", "writev", "pread64", "pwrite64", "close", "lseek", "_llseek", "fstat",
    "fstat64", "newfstatat", "fstatat64", "statx", "ftruncate", "ftruncate64", "fallocate",
    "fadvise64", "fadvise64_64", "arm_fadvise64_64", "fsync", "fdatasync", "getdents64",
    // waiting, and clocks
    "poll", "ppoll", "ppoll_time64", "clock_gettime", "clock_gettime64", "clock_getres",
    "clock_getres_time64", "clock_nanosleep", "clock_nanosleep_time64", "nanosleep", "gettimeofday",
    "time",
    // memory that is there, and of which there is how much
    "munmap", "mremap", "madvise", "mincore", "brk", "sysinfo", "getrandom",
    // OS threads
    "futex", "futex_time64", "set_robust_list", "rseq", "sched_yield", "sched_getaffinity",
    "gettid", "getpid", "exit", "exit_group",
    // signals that come
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigreturn", "sigaltstack",
    "restart_syscall"};

/// By path: Landlock says which, but of links that are read and times that are set.
constexpr const char* by_path[] = {"readlinkat", "mkdirat",   "symlinkat",        "unlinkat",
                                   "unlink",     "rename",    "renameat",         "renameat2",
                                   "linkat",     "utimensat", "utimensat_time64", "getcwd"};

/// One filter in the making, and what was wrong with it first.
class Filter {
 public:
  Filter() : filter_(seccomp_init(SCMP_ACT_ERRNO(ENOSYS))) {
    if (filter_ == nullptr) {
      failure_ = ENOMEM;
    } else {
      failure_ =
          -seccomp_attr_set(filter_, SCMP_FLTATR_API_SYSRAWRC, 1);  // the kernel's own errors
    }
  }
  ~Filter() {
    if (filter_ != nullptr) seccomp_release(filter_);
  }
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  /// Where all of these hold of its arguments.
  void allow(const char* name, std::initializer_list<scmp_arg_cmp> arguments = {}) {
    add(SCMP_ACT_ALLOW, name, arguments);
  }
  void forbid(const char* name, std::initializer_list<scmp_arg_cmp> arguments) {
    add(SCMP_ACT_ERRNO(EPERM), name, arguments);
  }
  /// 0, or the number of an error.
  [[nodiscard]] int load() {
    if (failure_ == 0) failure_ = -seccomp_load(filter_);
    return failure_;
  }

 private:
  void add(std::uint32_t action, const char* name, std::initializer_list<scmp_arg_cmp> arguments) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number < 0 || failure_ != 0) return;  // negative: not on this machine
    failure_ = -seccomp_rule_add_array(filter_, action, number,
                                       static_cast<unsigned>(arguments.size()), arguments.begin());
  }

  scmp_filter_ctx filter_;
  int failure_ = 0;
};

/// The bits of an argument that the mask has are these.
constexpr scmp_arg_cmp masked(unsigned argument, std::uint64_t mask, std::uint64_t bits) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, bits};
}
constexpr scmp_arg_cmp is(unsigned argument, std::uint64_t value) {
  return {argument, SCMP_CMP_EQ, value, 0};
}

bool exists(const char* name) { return seccomp_syscall_resolve_name(name) >= 0; }

/// No memory becomes executable. S/390 passes what is asked of `mmap` in memory, where no filter
/// looks; what is mapped there can be executed.
void add_memory(Filter& filter) {
  const bool is_seen = seccomp_arch_native() != SCMP_ARCH_S390X;
  const char* const map = exists("mmap2") ? "mmap2" : "mmap";  // the older one likewise
  if (!is_seen) filter.allow(map);
  for (const char* const name : {map, "mprotect"}) {
    if (!is_seen && name == map) continue;
    filter.allow(name, {masked(2, PROT_EXEC, 0)});
    filter.forbid(name, {masked(2, PROT_EXEC, PROT_EXEC)});
  }
}

/// OS threads of this process alone. `clone3` has its flags in memory: the C library does without.
void add_threads(Filter& filter) {
  constexpr std::uint64_t thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
  constexpr std::uint64_t never = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                  CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_PTRACE;
  const unsigned flags = seccomp_arch_native() == SCMP_ARCH_S390X ? 1 : 0;
  filter.allow("clone", {masked(flags, thread | never, thread)});
  // To end itself, for `abort`.
  filter.allow("tgkill", {is(0, static_cast<std::uint64_t>(::getpid()))});
}

/// Questions among calls that can do more.
void add_questions(Filter& filter) {
  for (const char* const name : {"fcntl", "fcntl64"}) {
    for (const int command : {F_GETFD, F_SETFD, F_GETFL, F_SETFL}) {
      filter.allow(name, {is(1, static_cast<std::uint64_t>(command))});
    }
  }
  // isatty, as the C libraries ask it; TCGETS2 is 0x802c542a where it is newer than the headers.
  for (const std::uint64_t question :
       {std::uint64_t{TCGETS}, std::uint64_t{TIOCGWINSZ}, std::uint64_t{0x802c'542a}}) {
    filter.allow("ioctl", {is(1, question)});
  }
  // Of an open file: without a path.
  for (const char* const name : {"utimensat", "utimensat_time64"}) filter.allow(name, {is(1, 0)});
  filter.allow("prlimit64", {is(0, 0), is(2, 0)});
  filter.allow("ugetrlimit");
  filter.allow("getrlimit");
}

/// Without the second, what is opened to be read, or for nothing, must not be truncated: Landlock
/// would not look. What openat2 is asked for is in memory; WASI does without it.
void add_paths(Filter& filter, const SystemCallNeeds& needs) {
  if (!needs.paths) return;
  for (const char* const name : by_path) filter.allow(name);
  if (needs.sees_truncation) {
    filter.allow("openat");
    filter.allow("openat2");
    return;
  }
  filter.allow("openat", {masked(2, O_TRUNC, 0)});
  for (const int mode : {O_WRONLY, O_RDWR}) {
    filter.allow("openat", {masked(2, O_ACCMODE, static_cast<std::uint64_t>(mode))});
  }
}

}  // namespace

Result<void> restrict_system_calls(const SystemCallNeeds& needs) {
  Filter filter;
  for (const char* const name : always) filter.allow(name);
  add_memory(filter);
  add_threads(filter);
  add_questions(filter);
  add_paths(filter, needs);
  const int failure = filter.load();
  if (failure == 0) return {};
  return io_error(fmt::format("the kernel takes no filter of system calls (seccomp): {}",
                              std::generic_category().message(failure)));
}

}  // namespace fermata::tool
