// Executors for tests: those that a program would have, and those that nobody should.
#pragma once

#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "fermata/executor.hpp"

namespace fermata::test {

using Work = std::function<void(std::uint32_t)>;

/// An OS thread for each call.
class OsThreads final : public Executor {
 public:
  [[nodiscard]] std::uint32_t concurrency() const override { return 3; }
  void run(std::uint32_t count, const Work& work) override {
    calls += count;
    std::vector<std::thread> threads;
    for (std::uint32_t i = 0; i < count; ++i) threads.emplace_back(work, i);
    for (std::thread& thread : threads) thread.join();
  }
  std::uint32_t calls = 0;
};

/// The caller's OS thread alone, the last call first.
class Backwards final : public Executor {
 public:
  [[nodiscard]] std::uint32_t concurrency() const override { return 3; }
  void run(std::uint32_t count, const Work& work) override {
    while (count-- > 0) work(count);
  }
};

/// Breaks its contract: makes no call.
class Lazy final : public Executor {
 public:
  [[nodiscard]] std::uint32_t concurrency() const override { return 3; }
  void run(std::uint32_t /*count*/, const Work& /*work*/) override {}
};

}  // namespace fermata::test
