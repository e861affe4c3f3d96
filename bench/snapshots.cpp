// What it costs to stop processes, and to copy them: snapshots, deltas, forks, slices,
// interruption.
//
// Uses the public interface only. Figures are the best of several repetitions, but for
// interruption: there the median and the worst.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "fermata/fermata.hpp"
#include "fermata/text.hpp"

namespace {

using fermata::Module;
using fermata::Process;
using fermata::ProcessOptions;
using fermata::Thread;
using fermata::Value;
using Clock = std::chrono::steady_clock;

template <class T>
T or_exit(fermata::Result<T> result) {
  if (!result) {
    fmt::print(stderr, "snapshots: {}\n", to_string(result.error()));
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

double microseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

/// The least of several. `prepare` is not measured.
template <class Prepare, class Work>
double microseconds(Prepare prepare, Work work) {
  constexpr int repetitions = 200;
  double best = 1e12;
  for (int i = 0; i < repetitions; ++i) {
    prepare();
    const auto begin = Clock::now();
    work();
    best = std::min(best, microseconds_since(begin));
  }
  return best;
}

double microseconds(const auto& work) {
  return microseconds([] {}, work);
}

std::optional<std::uint64_t> resolve(const fermata::FunctionImport&) { return 0; }

/// Keeps what it gets, in memory that is there.
struct Buffer final : fermata::SnapshotSink {
  explicit Buffer(std::size_t most) : bytes(most) {}
  fermata::Result<void> write(std::span<const std::byte> piece) override {
    std::ranges::copy(piece, bytes.begin() + static_cast<std::ptrdiff_t>(size));
    size += piece.size();
    return {};
  }
  std::vector<std::byte> bytes;
  std::size_t size = 0;
};

// --- copies --------------------------------------------------------------------------------------

// 64 MiB of memory. Asks how many bytes it is to write, and then where it is to write one.
constexpr std::string_view writer = R"((module
  (import "host" "ask" (func $ask (result i32)))
  (memory (export "memory") 1024)
  (func (export "_start")
    (memory.fill (i32.const 0) (i32.const 7) (call $ask))
    (loop $next
      (call $write (call $ask))
      (br $next)))
  (func $write (param $at i32)
    (i32.store8 (local.get $at) (i32.add (i32.load8_u (local.get $at)) (i32.const 1))))))";

void answer(Process& process, std::int32_t value) {
  or_exit(process.main_thread().run({Value::i32(value)}));
}

Process written(const Module& module, std::int32_t bytes) {
  Process process = or_exit(Process::create(module, resolve));
  or_exit(process.main_thread().run());
  answer(process, bytes);
  return process;
}

void measure_copies(const Module& module, std::int32_t mebibytes) {
  Process process = written(module, mebibytes << 20);
  const auto bytes = or_exit(process.snapshot());
  const double size = static_cast<double>(bytes.size());
  Buffer sink(bytes.size());
  const double saved =
      microseconds([&] { sink.size = 0; }, [&] { or_exit(process.snapshot(sink)); });
  const double restored =
      microseconds([&] { static_cast<void>(or_exit(Process::restore(module, bytes, resolve))); });
  const double forked = microseconds([&] { static_cast<void>(or_exit(process.fork())); });
  fmt::print(
      "{:3} MiB of 64 written: snapshot {:8.1f} us ({:.1f} GB/s), restore {:8.1f} us ({:.1f} "
      "GB/s), "
      "fork {:8.1f} us\n",
      mebibytes, saved, size / saved / 1e3, restored, size / restored / 1e3, forked);
}

void measure_delta(const Module& module) {
  Process process = written(module, 1 << 20);
  Buffer sink(std::size_t{2} << 20);
  auto mark = or_exit(process.marked_snapshot(sink));
  const double us = microseconds(
      [&] {
        answer(process, 77'777);
        sink.size = 0;
      },
      [&] { or_exit(process.delta(mark, sink)); });
  fmt::print("delta after one block of those: {:.1f} us, {} bytes\n", us, sink.size);
}

void measure_size() {
  const auto module = or_exit(fermata::parse_text(R"((module
    (import "host" "print" (func $print (param i32)))
    (memory (export "memory") 2)
    (data (i32.const 1024) "hello, world\n")
    (func (export "_start") (call $print (i32.const 1024)))))"));
  Process process = or_exit(Process::create(module, resolve));
  or_exit(process.main_thread().run());
  fmt::print("a paused hello: {} bytes\n", or_exit(process.snapshot()).size());
}

// --- slices --------------------------------------------------------------------------------------

constexpr std::string_view spinner = R"((module
  (func (export "spin") (param $n i32) (local $x i32)
    (loop $next
      (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 1664525)) (i32.const 1013904223)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $next (local.get $n))))))";

Process spinning(const Module& module, std::int32_t turns) {
  ProcessOptions options;
  options.execution.metering = true;
  options.entry = "spin";
  options.arguments = {Value::i32(turns)};
  return or_exit(Process::create(module, resolve, options));
}

/// All to their ends, each in turn for so much fuel.
double microseconds_for(const Module& module, std::size_t count, std::uint64_t slice) {
  std::vector<Process> guests;
  for (std::size_t i = 0; i < count; ++i) guests.push_back(spinning(module, 300'000));
  const auto begin = Clock::now();
  for (std::size_t left = count; left != 0;) {
    for (Process& guest : guests) {
      if (guest.threads().empty()) continue;
      guest.fuel()->set_left(slice);
      if (!std::holds_alternative<fermata::OutOfFuel>(or_exit(guest.main_thread().run()))) --left;
    }
  }
  return microseconds_since(begin);
}

void measure_slices() {
  const auto module = or_exit(fermata::parse_text(spinner));
  constexpr std::size_t guests = 1000;
  for (const std::uint64_t slice : {10'000, 100'000}) {
    double whole = 1e12;
    double sliced = 1e12;
    for (int i = 0; i < 5; ++i) {  // in turns, as the machine has other things to do
      whole = std::min(whole, microseconds_for(module, guests, std::uint64_t{1} << 40));
      sliced = std::min(sliced, microseconds_for(module, guests, slice));
    }
    fmt::print("{} guests, slices of {} units: {:.1f} % more than one after the other\n", guests,
               slice, (sliced / whole - 1) * 100);
  }
}

// --- interruption --------------------------------------------------------------------------------

void measure_interruption() {
  const auto module = or_exit(fermata::parse_text(spinner));
  std::vector<double> latencies;
  for (int i = 0; i < 200; ++i) {
    Process guest = spinning(module, -1);
    const auto interrupter = guest.fuel()->interrupter();
    Clock::time_point asked;
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      asked = Clock::now();
      interrupter.interrupt();
    });
    or_exit(guest.main_thread().run());
    const auto paused = Clock::now();
    other.join();
    latencies.push_back(std::chrono::duration<double, std::micro>(paused - asked).count());
  }
  std::ranges::sort(latencies);
  fmt::print("from an interruption to the pause: {:.1f} us, at worst {:.1f} us\n",
             latencies[latencies.size() / 2], latencies.back());
}

}  // namespace

int main() {
  const auto module = or_exit(fermata::parse_text(writer));
  for (const std::int32_t mebibytes : {1, 32}) measure_copies(module, mebibytes);
  measure_delta(module);
  measure_size();
  measure_slices();
  measure_interruption();
}
