// StoreImpl: what stands behind a Store.
#pragma once

#include "fermata/store.hpp"
#include "interp/process/thread_group.hpp"
#include "interp/runtime/instantiate.hpp"

namespace fermata {

struct StoreImpl {
  explicit StoreImpl(const ExecutionOptions& with)
      : options(with), objects(limits_of(with)), threads(objects, with) {}

  ExecutionOptions options;
  StoreObjects objects;
  ThreadGroup threads;
};

}  // namespace fermata
