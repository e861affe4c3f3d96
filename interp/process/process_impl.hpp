// ProcessImpl: what stands behind a Process.
#pragma once

#include <memory>
#include <vector>

#include "fermata/process.hpp"
#include "interp/process/thread_group.hpp"
#include "interp/runtime/store.hpp"

namespace fermata {

/// How the main thread begins, or a library; kept by a process that can be reset.
struct MainThread {
  Func* start = nullptr;  ///< the start section's function, or null
  Func* entry = nullptr;  ///< null: there is no main thread
  std::vector<Value> arguments;
};

struct ProcessImpl {
  explicit ProcessImpl(const ExecutionOptions& options)
      : objects(limits_of(options)), threads(objects, options) {}

  StoreObjects objects;
  ThreadGroup threads;
  Instance* instance = nullptr;  // keeps the module alive
  Memory* memory = nullptr;      // the one the embedder sees, or null
  Table* table = nullptr;        // the one the embedder may use, or null
  std::unique_ptr<MainThread> again;
};

}  // namespace fermata
