// The proposal wasi-threads: a new thread is an instance of its own over the same memory, in which
// the export `wasi_thread_start` is called with the thread's number and what the guest gave.
#include <array>

#include "fermata/limits.hpp"
#include "wasi/functions.hpp"

namespace fermata::wasi {
namespace {

constexpr std::string_view thread_start = "wasi_thread_start";

Reply failed(Errno error) { return Number{-static_cast<std::int32_t>(error)}; }

}  // namespace

// Numbers are not given out twice, so that a guest never takes one thread for another.
Reply thread_spawn(Call& call) {
  std::int32_t& next = call.world.next_thread;
  if (next > limits::thread_number) return failed(Errno::again);
  const std::array arguments{Value::i32(next), call.arguments[0]};
  const auto thread = call.process.spawn_thread(thread_start, arguments);
  if (thread) return Number{next++};
  const ErrorCode code = thread.error().code;
  return failed(code == ErrorCode::out_of_memory ? Errno::again : Errno::nosys);
}

}  // namespace fermata::wasi
