// Executor: the OS threads that an embedder lends the library.
#pragma once

#include <cstdint>
#include <functional>

namespace fermata {

/// The library starts no OS thread. Where it can use more than the caller's it asks for them here:
/// see `ModuleOptions::executor`.
class Executor {
 public:
  virtual ~Executor() = default;

  /// How many calls may be running at once, at least 1. `run` is never asked for more.
  [[nodiscard]] virtual std::uint32_t concurrency() const = 0;

  /// Calls `work` with each number below `count` once, on any OS threads, the caller's too, and
  /// returns when all of them have returned. The calls throw nothing and don't wait for each other,
  /// so where an OS thread cannot be had they may be made one after the other. `run` itself may throw
  /// only before the first call; that passes through the function that was given the executor.
  /// Loads on several OS threads that share an executor call `run` at the same time.
  virtual void run(std::uint32_t count, const std::function<void(std::uint32_t)>& work) = 0;
};

}  // namespace fermata
