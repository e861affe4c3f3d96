// How function bodies are shared out; see bodies.hpp.
#include "lib/validate/bodies.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "lib/out_of_memory.hpp"

namespace fermata::validation {
namespace {

/// Defined functions [first, end).
struct Share {
  std::uint32_t first = 0;
  std::uint32_t end = 0;
};

/// Shares of about `bytes` bytes of instructions.
std::vector<Share> share_out(const std::vector<FuncDef>& functions, std::uint64_t bytes) {
  std::vector<Share> shares;
  const auto count = static_cast<std::uint32_t>(functions.size());
  std::uint64_t size = 0;
  std::uint32_t first = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    size += functions[i].body.size();
    if (size < bytes && i + 1 < count) continue;
    shares.push_back({first, i + 1});
    first = i + 1;
    size = 0;
  }
  return shares;
}

/// What those who judge a module's bodies at the same time have in common.
class Bodies {
 public:
  explicit Bodies(Context& context)
      : module_(context.module),
        first_fault_(static_cast<std::uint32_t>(module_.data.functions.size())) {
    module_.max_operand_slots.assign(module_.data.functions.size(), 0);
    module_.caught_slots.clear();
  }

  /// Judges a share, up to its first fault.
  void check(FunctionValidator& functions, Share share) {
    for (std::uint32_t i = share.first; i < share.end; ++i) {
      if (!finds_memory([&] { check(functions, i); })) keep_fault(i, no_memory_left());
      if (has_fault_before(i + 1)) return;
    }
  }
  /// Whether what begins here need not be judged any more.
  [[nodiscard]] bool has_fault_before(std::uint32_t function) const {
    return first_fault_.load(std::memory_order_relaxed) < function;
  }

  /// Of a function, whose error counts unless one before it has one.
  void keep_fault(std::uint32_t i, Error error) {
    const std::lock_guard lock(mutex_);
    if (has_fault_before(i)) return;
    first_fault_.store(i, std::memory_order_relaxed);
    fault_ = std::move(error);
  }

  /// When all have finished.
  [[nodiscard]] Result<void> verdict() {
    if (!fault_) return {};
    return std::unexpected(std::move(*fault_));
  }

 private:
  void check(FunctionValidator& functions, std::uint32_t i) {
    const FuncIdx function{module_.imported_funcs + i};
    auto slots = functions.check_body(function);
    if (!slots) {
      slots.error().function = function;
      return keep_fault(i, std::move(slots.error()));
    }
    module_.max_operand_slots[i] = *slots;
    if (functions.most_caught() == 0) return;
    const std::lock_guard lock(mutex_);
    module_.caught_slots.emplace(i, functions.most_caught());
  }

  ModuleImpl& module_;
  std::mutex mutex_;  // of the fault and of the slots for what is caught
  std::atomic<std::uint32_t> first_fault_;
  std::optional<Error> fault_;
};

/// By so many OS threads at once. Each takes the next share until there is none, so those after a
/// share that takes long don't wait for it.
void check_shares(Context& context, Bodies& bodies, const std::vector<Share>& shares,
                  std::uint32_t workers, const ValidateOptions& options) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&](std::uint32_t) {
    std::optional<FunctionValidator> functions;
    for (std::size_t taken = next++; taken < shares.size(); taken = next++) {
      const Share share = shares[taken];
      if (bodies.has_fault_before(share.first)) return;
      if (!functions && !finds_memory([&] { functions.emplace(context, options); })) {
        return bodies.keep_fault(share.first, no_memory_left());
      }
      bodies.check(*functions, share);
    }
  };
  context.types.prepare();
  options.executor->run(workers, work);
  work(0);  // what is left where the executor has made fewer calls than it was asked for
}

}  // namespace

Result<void> check_bodies(Context& context, FunctionValidator& functions,
                          const ValidateOptions& options) {
  const std::vector<FuncDef>& definitions = context.module.data.functions;
  Bodies bodies(context);
  std::vector<Share> shares;
  if (options.executor != nullptr) shares = share_out(definitions, options.share_bytes);
  // Asked only where there is work for several: it can take a system call.
  const std::size_t workers =
      shares.size() < 2 ? 1 : std::min<std::size_t>(options.executor->concurrency(), shares.size());
  if (workers < 2) {
    bodies.check(functions, {0, static_cast<std::uint32_t>(definitions.size())});
  } else {
    check_shares(context, bodies, shares, static_cast<std::uint32_t>(workers), options);
  }
  return bodies.verdict();
}

}  // namespace fermata::validation
