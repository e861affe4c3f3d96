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

  /// How many calls may be running at once, at least 1. More work than this is not handed out.
  [[nodiscard]] virtual std::uint32_t concurrency() const = 0;

  /// Calls `work` with each number below `count` once, on any OS threads, the caller's too, and
  /// returns when all of them have returned. The calls throw nothing and don't wait for each other,
  /// so they may also be made one after the other. `work` is valid until `run` returns.
  virtual void run(std::uint32_t count, const std::function<void(std::uint32_t)>& work) = 0;
};

}  // namespace fermata
