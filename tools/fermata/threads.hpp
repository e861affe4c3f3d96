// Threads: an OS thread for each processor that the command may use, 16 at most, while a module is
// loaded.
#pragma once

#include "fermata/executor.hpp"

namespace fermata::tool {

/// Starts them when there is work, and ends them with it: none is there while a guest runs.
class Threads final : public Executor {
 public:
  [[nodiscard]] std::uint32_t concurrency() const override;
  void run(std::uint32_t count, const std::function<void(std::uint32_t)>& work) override;
};

}  // namespace fermata::tool
