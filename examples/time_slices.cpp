// time_slices: a thousand guests that never end share one OS thread. Each gets the same fuel in every
// turn, so each gets equally far, whatever the machine.
//
//     time_slices
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fermata/fermata.hpp>
#include <fermata/text.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view guest = R"((module
  (global $rounds (export "rounds") (mut i32) (i32.const 0))
  (func (export "_start")
    (loop $again
      (global.set $rounds (i32.add (global.get $rounds) (i32.const 1)))
      (br $again))))
)";

constexpr int guests = 1000;
constexpr int turns = 10;
constexpr std::uint64_t slice = 5000;  // five units a round

std::optional<std::uint64_t> resolve(const fermata::FunctionImport&) { return {}; }

}  // namespace

int main() {
  const auto module = fermata::parse_text(guest).value();
  fermata::ProcessOptions options;
  options.execution.metering = true;
  std::vector<fermata::Process> processes;
  for (int i = 0; i < guests; ++i) {
    processes.push_back(fermata::Process::create(module, resolve, options).value());
  }
  for (int turn = 0; turn < turns; ++turn) {
    for (fermata::Process& process : processes) {
      process.fuel()->set_left(slice);
      const auto outcome = process.main_thread().run().value();
      if (!std::holds_alternative<fermata::OutOfFuel>(outcome)) return 1;
    }
  }
  const auto rounds = [](const fermata::Process& process) {
    return process.global("rounds").value().as_i32();
  };
  const auto [least, most] = std::ranges::minmax_element(processes, {}, rounds);
  std::printf("%d guests, %d turns each: between %d and %d rounds\n", guests, turns, rounds(*least),
              rounds(*most));
}
