// StoreImpl: what stands behind a Store.
#pragma once

#include <memory>
#include <set>

#include "fermata/store.hpp"
#include "interp/process/thread_group.hpp"
#include "interp/runtime/instantiate.hpp"

namespace fermata {

struct StoreImpl {
  explicit StoreImpl(const ExecutionOptions& with)
      : options(with), objects(limits_of(with)), threads(objects, with) {}

  ExecutionOptions options;
  std::set<std::shared_ptr<const ModuleImpl>> modules;  // whose types the host's definitions have
  StoreObjects objects;
  ThreadGroup threads;
};

}  // namespace fermata
