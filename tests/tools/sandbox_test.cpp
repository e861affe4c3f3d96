// The second sandbox by itself: what is refused once it is entered, and what is not. Each in a
// process of its own, since there is no way back.
#include "tools/fermata/sandbox/sandbox.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "tests/support/catch.hpp"
#include "tools/fermata/checkpoint/safe_file.hpp"
#include "tools/fermata/sandbox/system_calls.hpp"

namespace fermata::test {
namespace {

namespace fs = std::filesystem;
using tool::SandboxNeeds;

constexpr int not_entered = 255;

/// What `asks` gives once this was entered: an `errno`, 0 for none.
int once(const std::function<Result<void>()>& enter, const std::function<int()>& asks) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    const auto entered = enter();
    if (!entered) std::fprintf(stderr, "not entered: %s\n", entered.error().message.c_str());
    ::_exit(entered ? asks() : not_entered);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

int in_sandbox(const SandboxNeeds& needs, const std::function<int()>& asks) {
  return once([&] { return tool::enter_sandbox(needs); }, asks);
}

/// The `errno` of a call that gives -1 when it fails.
int error_of(long result) { return result == -1 ? errno : 0; }

int opened(const fs::path& path, int flags) { return error_of(::open(path.c_str(), flags, 0600)); }

/// False, and a word about it, where the kernel has none.
bool is_there() {
  if (in_sandbox({}, [] { return 0; }) == 0) return true;
  WARN("left out: this kernel has no Landlock or no seccomp");
  return false;
}

/// With a file in it.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "sandbox-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
    std::ofstream(path / "file") << "text";
  }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  fs::path path;
};

}  // namespace

TEST_CASE("in the sandbox a command that needs no files opens none", "[sandbox]") {
  if (!is_there()) return;
  CHECK(in_sandbox({}, [] { return opened("/etc/passwd", O_RDONLY); }) == ENOSYS);
  CHECK(in_sandbox({}, [] { return error_of(::mkdirat(AT_FDCWD, "new", 0700)); }) == ENOSYS);
}

TEST_CASE("in the sandbox files are opened in the folders that are needed, and nowhere else",
          "[sandbox]") {
  if (!is_there()) return;
  const Folder folder;
  const Folder other;
  const SandboxNeeds needs{.folders = {{folder.path.string(), false}}, .replaced = {}};
  CHECK(in_sandbox(needs, [] { return opened("/etc/passwd", O_RDONLY); }) == EACCES);
  CHECK(in_sandbox(needs, [&] { return opened(other.path / "file", O_RDONLY); }) == EACCES);
  CHECK(in_sandbox(needs, [&] { return opened(other.path / "new", O_WRONLY | O_CREAT); }) ==
        EACCES);
  CHECK(in_sandbox(needs, [&] {
          return opened(folder.path / ".." / other.path.filename() / "file", O_RDONLY);
        }) == EACCES);
  CHECK(in_sandbox(needs, [&] { return opened(folder.path / "file", O_RDWR | O_TRUNC); }) == 0);
  CHECK(in_sandbox(needs, [&] { return opened(folder.path / "new", O_WRONLY | O_CREAT); }) == 0);
  CHECK(in_sandbox(needs, [&] { return opened(folder.path, O_RDONLY | O_DIRECTORY); }) == 0);
  const auto move = [&] {
    return error_of(::renameat(AT_FDCWD, (folder.path / "new").c_str(), AT_FDCWD,
                               (folder.path / "moved").c_str()));
  };
  CHECK(in_sandbox(needs, move) == 0);
  CHECK(fs::exists(folder.path / "moved"));
}

TEST_CASE("in the sandbox nothing is changed in a folder that is to be read alone", "[sandbox]") {
  if (!is_there()) return;
  const Folder folder;
  const SandboxNeeds needs{.folders = {{folder.path.string(), true}}, .replaced = {}};
  const fs::path file = folder.path / "file";
  CHECK(in_sandbox(needs, [&] { return opened(file, O_RDONLY); }) == 0);
  CHECK(in_sandbox(needs, [&] { return opened(file, O_WRONLY); }) == EACCES);
  CHECK(in_sandbox(needs, [&] { return opened(folder.path / "new", O_RDONLY | O_CREAT); }) ==
        EACCES);
  CHECK(in_sandbox(needs, [&] { return error_of(::unlinkat(AT_FDCWD, file.c_str(), 0)); }) ==
        EACCES);
  // Whatever version of Landlock it is.
  CHECK(in_sandbox(needs, [&] { return opened(file, O_RDONLY | O_TRUNC); }) != 0);
  CHECK(fs::file_size(file) == 4);
}

TEST_CASE("where Landlock does not see truncation, the filter of system calls refuses it",
          "[sandbox]") {
  if (!is_there()) return;
  const Folder folder;
  const fs::path file = folder.path / "file";
  const auto opened_with = [&](int flags) {
    return once([] { return tool::restrict_system_calls({.paths = true}); },
                [&] { return opened(file, flags); });
  };
  CHECK(opened_with(O_RDONLY | O_TRUNC) == ENOSYS);
  CHECK(opened_with(O_ACCMODE | O_TRUNC) == ENOSYS);  // neither to be read nor to be written
  CHECK(fs::file_size(file) == 4);
  CHECK(opened_with(O_RDONLY) == 0);
  CHECK(opened_with(O_RDWR) == 0);
  CHECK(opened_with(O_RDWR | O_TRUNC) == 0);
  CHECK(opened_with(O_WRONLY | O_TRUNC) == 0);
  CHECK(fs::file_size(file) == 0);
}

TEST_CASE("in the sandbox a file is replaced, and what is beside it is not read", "[sandbox]") {
  if (!is_there()) return;
  const Folder folder;
  const std::string file = (folder.path / "state").string();
  const SandboxNeeds needs{.folders = {}, .replaced = file};
  const auto replace = [&] {
    const auto done = tool::replace_file(
        file, [](SnapshotSink& sink) { return sink.write(std::as_bytes(std::span("new", 3))); });
    return done ? 0 : 1;
  };
  CHECK(in_sandbox(needs, replace) == 0);
  CHECK(fs::file_size(file) == 3);
  CHECK(in_sandbox(needs, replace) == 0);  // one that is there
  CHECK(in_sandbox(needs, [&] { return opened(folder.path / "file", O_RDONLY); }) == EACCES);
  CHECK(in_sandbox({.folders = {}, .replaced = "/no/such/state"}, replace) == not_entered);
}

TEST_CASE("in the sandbox no program is started, no socket made and no process touched",
          "[sandbox]") {
  if (!is_there()) return;
  CHECK(in_sandbox({}, [] { return error_of(::socket(AF_INET, SOCK_STREAM, 0)); }) == ENOSYS);
  CHECK(in_sandbox({}, [] { return error_of(::socket(AF_UNIX, SOCK_STREAM, 0)); }) == ENOSYS);
  CHECK(in_sandbox({}, [] {
          char name[] = "/bin/true";
          char* const words[] = {name, nullptr};
          return error_of(::execve(name, words, nullptr));
        }) == ENOSYS);
  CHECK(in_sandbox({}, [] { return error_of(::fork()); }) == ENOSYS);
  CHECK(in_sandbox({}, [] { return error_of(::syscall(SYS_clone3, nullptr, 0)); }) == ENOSYS);
  CHECK(in_sandbox({}, [] { return error_of(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); }) ==
        ENOSYS);
  CHECK(in_sandbox({}, [] { return error_of(::kill(::getppid(), 0)); }) == ENOSYS);
  CHECK(in_sandbox({}, [] { return error_of(::unshare(CLONE_NEWUSER)); }) == ENOSYS);
  CHECK(in_sandbox({}, [] { return error_of(::chmod("/", 0700)); }) == ENOSYS);
}

TEST_CASE("in the sandbox no memory becomes executable", "[sandbox]") {
  if (!is_there()) return;
  constexpr std::size_t size = 1 << 16;
  const auto mapped = [](int protection) {
    return ::mmap(nullptr, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  };
  CHECK(in_sandbox({}, [&] { return mapped(PROT_READ | PROT_WRITE) == MAP_FAILED ? 1 : 0; }) == 0);
#ifndef __s390x__  // where no filter sees it
  CHECK(in_sandbox({}, [&] { return mapped(PROT_READ | PROT_EXEC) == MAP_FAILED ? errno : 0; }) ==
        EPERM);
#endif
  CHECK(in_sandbox({}, [&] {
          void* const memory = mapped(PROT_READ | PROT_WRITE);
          return error_of(::mprotect(memory, size, PROT_READ | PROT_EXEC));
        }) == EPERM);
}

TEST_CASE("in the sandbox OS threads run, and are in it as well", "[sandbox]") {
  if (!is_there()) return;
  const auto of_thread = [] {
    int found = 0;
    std::thread([&] { found = error_of(::socket(AF_INET, SOCK_STREAM, 0)); }).join();
    return found;
  };
  CHECK(in_sandbox({}, of_thread) == ENOSYS);
}

}  // namespace fermata::test
