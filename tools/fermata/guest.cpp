// The loop around Thread::run. See guest.hpp.
#include "tools/fermata/guest.hpp"

#include <thread>

namespace fermata::tool {
namespace {

/// Answers the call and runs the thread on, unless the guest ended itself.
Result<std::variant<Outcome, wasi::Exited>> answer(Process& process, Thread thread,
                                                   const HostCall& call, wasi::Wasi& wasi) {
  for (;;) {
    const auto reply = wasi.handle(process, call);
    if (const auto* exited = std::get_if<wasi::Exited>(&reply)) return *exited;
    const auto* resume = std::get_if<wasi::Resume>(&reply);
    if (resume == nullptr) continue;  // Blocked: the host's own descriptors wait in `handle`
    if (resume->delay.count() > 0) std::this_thread::sleep_for(resume->delay);
    auto outcome = thread.run({resume->result});
    if (!outcome) return std::unexpected(std::move(outcome.error()));
    return *outcome;
  }
}

}  // namespace

Result<Ending> run_to_end(Process& process, Thread thread, wasi::Wasi& wasi) {
  auto outcome = thread.run();
  while (outcome) {
    if (const auto* finished = std::get_if<Finished>(&*outcome)) {
      return Returned{{finished->results.begin(), finished->results.end()}};
    }
    if (const auto* trap = std::get_if<Trapped>(&*outcome)) return TrappedAt{trap->trap, thread};
    if (std::holds_alternative<Threw>(*outcome)) {
      return TrappedAt{Trap::uncaught_exception, thread};
    }
    auto next = answer(process, thread, std::get<HostCall>(*outcome), wasi);
    if (!next) return std::unexpected(std::move(next.error()));
    if (const auto* exited = std::get_if<wasi::Exited>(&*next)) return *exited;
    outcome = std::get<Outcome>(*next);
  }
  return std::unexpected(std::move(outcome.error()));
}

}  // namespace fermata::tool
