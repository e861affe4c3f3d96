// Lines of waiters at many addresses, beside a plain list of what they are.
#include "interp/runtime/wait_queue.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/choices.hpp"

namespace fermata::test {

TEST_CASE("waiters of one address are woken in their order, and of no other") {
  WaitQueue queue;
  Waiter first, second, elsewhere, third;
  queue.enter(first, 8, 1);
  queue.enter(elsewhere, 16, std::nullopt);
  queue.enter(second, 8, std::nullopt);
  queue.enter(third, 8, std::nullopt);
  CHECK(first.address() == 8);
  CHECK(first.timeout() == 1u);
  CHECK(queue.notify(24, 9) == 0);
  CHECK(queue.notify(8, 0) == 0);
  CHECK(queue.notify(8, 2) == 2);
  CHECK(first.take_result() == WaitResult::ok);
  CHECK_FALSE(first.has_result());
  CHECK(second.has_result());
  CHECK(third.is_waiting());
  CHECK(elsewhere.is_waiting());
}

TEST_CASE("a waiter leaves from the begin, the middle and the end of a line") {
  for (std::size_t leaving = 0; leaving < 3; ++leaving) {
    WaitQueue queue;
    std::vector<std::unique_ptr<Waiter>> waiters;
    for (int i = 0; i < 3; ++i) {
      queue.enter(*waiters.emplace_back(std::make_unique<Waiter>()), 8, std::nullopt);
    }
    waiters[leaving] = nullptr;
    Waiter last;
    queue.enter(last, 8, std::nullopt);
    CHECK(queue.notify(8, 2) == 2);
    CHECK(last.is_waiting());
    CHECK(queue.notify(8, 2) == 1);
    CHECK(last.take_result() == WaitResult::ok);
  }
}

TEST_CASE("any order of coming, leaving and waking keeps the lines") {
  constexpr std::size_t count = 1500;
  Choices choices = Choices::from_seed(7);
  WaitQueue queue;
  std::vector<std::unique_ptr<Waiter>> waiters(count);
  for (auto& waiter : waiters) waiter = std::make_unique<Waiter>();
  std::vector<Waiter*> waiting;  // in the order in which they came
  for (int step = 0; step < 40'000; ++step) {
    auto& waiter = waiters[choices.below(count)];
    const std::uint64_t address = 8 * std::uint64_t{choices.below(300)} << choices.below(2) * 40;
    if (!waiter->is_waiting()) {
      if (waiter->has_result()) static_cast<void>(waiter->take_result());
      queue.enter(*waiter, address, std::nullopt);
      waiting.push_back(waiter.get());
      continue;
    }
    if (choices.chance(50)) {
      std::erase(waiting, waiter.get());
      waiter->time_out();
      CHECK(waiter->take_result() == WaitResult::timed_out);
      continue;
    }
    const std::uint32_t most = choices.below(4);
    std::vector<Waiter*> expected;
    for (Waiter* each : waiting) {
      if (each->address() == address && expected.size() < most) expected.push_back(each);
    }
    REQUIRE(queue.notify(address, most) == expected.size());
    for (Waiter* each : expected) {
      CHECK(each->has_result());
      std::erase(waiting, each);
    }
  }
}

}  // namespace fermata::test
