// The guest stack's memory.
#include "interp/exec/guest_thread.hpp"

#include <algorithm>
#include <cstdlib>

#include "interp/exec/bootstrap.hpp"

namespace fermata {

namespace {
constexpr std::uint32_t initial_slots = 64;
}

void GuestThread::Free::operator()(Slot* p) const noexcept { std::free(p); }

GuestThread::GuestThread(Func* start_function, Func* function_to_run,
                         std::span<const Slot> arguments, std::size_t max_stack_bytes)
    : pc(bootstrap_code),
      start(start_function),
      function(function_to_run),
      argument_slots(static_cast<std::uint32_t>(arguments.size())),
      max_slots_(static_cast<std::uint32_t>(
          std::min<std::size_t>(max_stack_bytes / sizeof(Slot), UINT32_MAX))) {
  std::uint64_t results = 1;  // never an empty stack
  for (const ValType type : function_to_run->signature->results) results += type.slots();
  // A host function may be the thread's function: its results need a place as well.
  if (reserve(std::max<std::uint64_t>(arguments.size(), results))) {
    std::ranges::copy(arguments, stack());
  }
  if (start != nullptr) arguments_after_start_.assign(arguments.begin(), arguments.end());
}

void GuestThread::restore_arguments() noexcept {
  std::ranges::copy(arguments_after_start_, stack());
}

bool GuestThread::begun() const noexcept { return pc != bootstrap_code; }

bool GuestThread::reserve(std::uint64_t slots) noexcept {
  if (slots <= capacity_) return true;
  if (slots > max_slots_) return false;
  const std::uint64_t grown =
      std::max<std::uint64_t>({slots, std::uint64_t{capacity_} * 2, initial_slots});
  const auto capacity = static_cast<std::uint32_t>(std::min<std::uint64_t>(grown, max_slots_));
  auto* moved = static_cast<Slot*>(std::realloc(stack_.get(), capacity * sizeof(Slot)));
  if (moved == nullptr) return false;
  static_cast<void>(stack_.release());
  stack_.reset(moved);
  capacity_ = capacity;
  limit_ = moved + capacity;
  return true;
}

}  // namespace fermata
