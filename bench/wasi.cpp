// What WASI costs: a thousand programs in one OS thread, each waiting at its own socket, and a
// large file copied through a program.
//
// Uses the public interface only. Beside each figure stands the same done without a guest.
//
//     wasi [DIRECTORY]        where the file of 1 GiB is made and copied; else it is left out
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "fermata/fermata.hpp"

namespace {

using fermata::HostCall;
using fermata::Module;
using fermata::Process;
namespace wasi = fermata::wasi;

template <class T>
T or_exit(fermata::Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "wasi: {}\n", to_string(result.error()));
  std::exit(1);
}

int checked(long result, const char* what) {
  if (result >= 0) return static_cast<int>(result);
  std::perror(what);
  std::exit(1);
}

double seconds(const auto& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Copies from descriptor `from` to `to`, `size` bytes at a time, until the end.
std::string copy_loop(int from, int to, int size) {
  return fmt::format(R"(
    (loop $again
      (i32.store (i32.const 4) (i32.const {2}))
      (drop (call $read (i32.const {0}) (i32.const 0) (i32.const 1) (i32.const 8)))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (if (i32.load (i32.const 8)) (then
        (drop (call $write (i32.const {1}) (i32.const 0) (i32.const 1) (i32.const 12)))
        (br $again)))))",
                     from, to, size);
}

/// The vector at 0 is the buffer behind the first page; the names are at 16 and 24.
Module copier(const std::string& body) {
  return or_exit(fermata::parse_text(fmt::format(R"((module
    (import "wasi_snapshot_preview1" "path_open"
      (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 2)
    (data (i32.const 0) "\00\00\01\00")
    (data (i32.const 16) "from") (data (i32.const 24) "to")
    (func (export "_start") {})))",
                                                 body)));
}

// --- a thousand programs
// --------------------------------------------------------------------------

constexpr std::size_t message_bytes = 64;

/// A program that gives back what it gets, and our end of its socket.
struct Echo {
  wasi::Wasi world;
  Process process;
  int ours;
  int its;
};

Echo make_echo(const Module& module) {
  std::array<int, 2> ends{};
  checked(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), "socketpair");
  const auto stream = wasi::host_descriptor(ends[1]);
  return {or_exit(wasi::Wasi::create({.in = stream, .out = stream})),
          or_exit(Process::create(module, wasi::Wasi::resolve)), ends[0], ends[1]};
}

/// Runs it until it waits.
void run_on(Echo& echo) {
  auto thread = echo.process.main_thread();
  for (;;) {
    const auto answer = echo.world.handle(echo.process, or_exit(thread.pending_host_call()));
    const auto* resume = std::get_if<wasi::Resume>(&answer);
    if (resume == nullptr) return;
    or_exit(thread.run({resume->result}));
  }
}

void echo_natively(int fd) {
  std::array<char, 65536> bytes;
  const auto count =
      static_cast<std::size_t>(checked(::read(fd, bytes.data(), bytes.size()), "read"));
  checked(::write(fd, bytes.data(), count), "write");
}

/// Each gets a message and gives it back; one call of poll() tells who has something to do.
void round_trip(std::vector<Echo>& echoes, std::vector<pollfd>& polled, bool natively) {
  std::array<char, message_bytes> message{};
  for (const Echo& echo : echoes)
    checked(::write(echo.ours, message.data(), message.size()), "write");
  checked(::poll(polled.data(), static_cast<nfds_t>(polled.size()), -1), "poll");
  for (std::size_t i = 0; i < echoes.size(); ++i) {
    if ((polled[i].revents & POLLIN) == 0) continue;
    if (natively) {
      echo_natively(echoes[i].its);
    } else {
      run_on(echoes[i]);
    }
  }
  for (const Echo& echo : echoes)
    checked(::read(echo.ours, message.data(), message.size()), "read");
}

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t pages = 0;
  file >> pages >> pages;
  return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void measure_many(std::size_t count) {
  rlimit files{};
  checked(::getrlimit(RLIMIT_NOFILE, &files), "getrlimit");
  files.rlim_cur = files.rlim_max;
  checked(::setrlimit(RLIMIT_NOFILE, &files), "setrlimit");
  const Module module = copier(copy_loop(0, 1, 4096));
  std::vector<Echo> echoes;
  std::vector<pollfd> polled;
  echoes.reserve(count);
  const std::uint64_t before = resident_bytes();
  for (std::size_t i = 0; i < count; ++i) {
    Echo& echo = echoes.emplace_back(make_echo(module));
    or_exit(echo.process.main_thread().run());
    run_on(echo);
    polled.push_back({echo.its, POLLIN, 0});
  }
  round_trip(echoes, polled, false);
  fmt::print("{} programs that wait: {:.1f} KiB each\n", count,
             static_cast<double>(resident_bytes() - before) / 1024 / static_cast<double>(count));
  std::array best{1e9, 1e9};
  for (int repetition = 0; repetition < 50; ++repetition) {
    for (const bool natively : {false, true}) {
      const double time = seconds([&] { round_trip(echoes, polled, natively); });
      best[natively ? 1 : 0] = std::min(best[natively ? 1 : 0], time);
    }
  }
  fmt::print("{:.0f} messages a second; {:.0f} without guests\n",
             static_cast<double>(count) / best[0], static_cast<double>(count) / best[1]);
}

// --- a large file
// ---------------------------------------------------------------------------------

constexpr std::uint64_t file_bytes = std::uint64_t{1} << 30;
constexpr std::size_t buffer_bytes = 65536;

void make_file(const std::string& path) {
  const std::vector<char> bytes(1 << 20, 'x');
  std::ofstream file(path, std::ios::binary);
  for (std::uint64_t made = 0; made < file_bytes; made += bytes.size()) {
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
}

void copy_by_guest(const std::string& directory) {
  const Module module = copier(
      "(drop (call $open (i32.const 3) (i32.const 0) (i32.const 16) (i32.const 4) (i32.const 0)"
      " (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32)))"
      "(drop (call $open (i32.const 3) (i32.const 0) (i32.const 24) (i32.const 2) (i32.const 9)"
      " (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 32)))" +
      copy_loop(4, 5, buffer_bytes));
  auto world = or_exit(wasi::Wasi::create({.directories = {{directory, "/"}}}));
  auto process = or_exit(Process::create(module, wasi::Wasi::resolve));
  auto outcome = or_exit(process.main_thread().run());
  while (const auto* call = std::get_if<HostCall>(&outcome)) {
    const auto answer = world.handle(process, *call);
    outcome = or_exit(process.main_thread().run({std::get<wasi::Resume>(answer).result}));
  }
}

void copy_natively(const std::string& directory) {
  std::vector<char> buffer(buffer_bytes);
  const int from = checked(::open((directory + "/from").c_str(), O_RDONLY), "open");
  const int to =
      checked(::open((directory + "/to").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), "open");
  for (;;) {
    const int count = checked(::read(from, buffer.data(), buffer.size()), "read");
    if (count == 0) break;
    checked(::write(to, buffer.data(), static_cast<std::size_t>(count)), "write");
  }
  ::close(from);
  ::close(to);
}

void measure_file(const std::string& directory) {
  make_file(directory + "/from");
  std::array best{1e9, 1e9, 1e9};
  for (int repetition = 0; repetition < 5; ++repetition) {
    best[0] = std::min(best[0], seconds([&] { copy_by_guest(directory); }));
    best[1] = std::min(best[1], seconds([&] { copy_natively(directory); }));
    const std::string cp = fmt::format("cp '{0}/from' '{0}/to'", directory);
    best[2] = std::min(best[2], seconds([&] { checked(std::system(cp.c_str()), "cp"); }));
  }
  fmt::print("1 GiB copied, 64 KiB at a time: {:.2f} GB/s; natively {:.2f}, by cp {:.2f}\n",
             1.073741824 / best[0], 1.073741824 / best[1], 1.073741824 / best[2]);
  ::unlink((directory + "/from").c_str());
  ::unlink((directory + "/to").c_str());
}

}  // namespace

int main(int argc, char** argv) {
  measure_many(1000);
  if (argc > 1) measure_file(argv[1]);
}
