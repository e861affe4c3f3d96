// What memories cost: processes that come and go on one OS thread and on two, and growth.
//
// Uses the public interface only. Each guest writes to eight places of its memory, as a small
// program does. Figures are the best of several repetitions; those of one and two OS threads take
// turns.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "fermata/fermata.hpp"
#include "fermata/text.hpp"

namespace {

using fermata::Module;
using fermata::Process;

constexpr int repetitions = 7;

template <class T>
T or_exit(fermata::Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "memories: {}\n", to_string(result.error()));
  std::exit(1);
}

double seconds(const auto& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Writes to the first four 4096 bytes, and to four times as much below the end.
Module writing(std::uint32_t pages) {
  std::string stores;
  const std::uint32_t size = pages * 65536;
  for (std::uint32_t i = 0; i < 4; ++i) {
    for (const std::uint32_t address : {4096 * i + 64, size - 4096 * i - 64}) {
      stores += fmt::format("(i64.store (i32.const {}) (i64.const -1))", address);
    }
  }
  return or_exit(fermata::parse_text(fmt::format(
      "(module (memory (export \"memory\") {}) (func (export \"_start\") {}))", pages, stores)));
}

void create_and_run(const Module& module, int count) {
  for (int i = 0; i < count; ++i) {
    Process process = or_exit(Process::create(module, fermata::no_imports));
    if (!process.main_thread().run()) std::exit(1);
  }
}

/// Microseconds for each process on one OS thread, and how much more two of them do.
void measure_processes(std::uint32_t pages) {
  constexpr int count = 4000;
  const Module module = writing(pages);
  double one = 1e9;
  double two = 1e9;
  for (int i = 0; i < repetitions; ++i) {
    one = std::min(one, seconds([&] { create_and_run(module, count); }));
    two = std::min(two, seconds([&] {
                     std::thread other([&] { create_and_run(module, count); });
                     create_and_run(module, count);
                     other.join();
                   }));
  }
  fmt::print("{:>6}{:>24.2f}{:>24.2f}\n", pages, one / count * 1e6, 2 * one / two);
}

/// Nanoseconds for each page of a memory that grows by single pages and writes to each.
void measure_growth(std::uint32_t pages, bool writes) {
  const Module module = or_exit(fermata::parse_text(fmt::format(
      "(module (memory 1) (func (export \"_start\") (local $page i32)"
      " (loop (local.set $page (memory.grow (i32.const 1))) {}"
      "  (br_if 0 (i32.lt_u (local.get $page) (i32.const {}))))))",
      writes ? "(i32.store (i32.shl (local.get $page) (i32.const 16)) (i32.const 1))" : "",
      pages - 1)));
  double best = 1e9;
  for (int i = 0; i < repetitions; ++i) {
    Process process = or_exit(Process::create(module, fermata::no_imports));
    best = std::min(best, seconds([&] {
                      if (!process.main_thread().run()) std::exit(1);
                    }));
  }
  fmt::print("{:>6}{:>24}{:>24.1f}\n", pages, writes ? "yes" : "no", best / pages * 1e9);
}

}  // namespace

int main() {
  fmt::print("{:>6}{:>24}{:>24}\n", "pages", "one OS thread, us each", "two OS threads, times");
  for (const std::uint32_t pages : {1, 2, 9, 17, 32, 33, 64, 256}) measure_processes(pages);
  fmt::print("\n{:>6}{:>24}{:>24}\n", "pages", "written to", "growth, ns a page");
  for (const std::uint32_t pages : {16, 64, 1024, 32768}) {
    measure_growth(pages, false);
    measure_growth(pages, true);
  }
}
