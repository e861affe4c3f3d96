// explore: a guest that asks its host for a choice is forked for every answer, and so finds the way out
// of a maze without knowing that it ever went wrong.
//
//     explore
#include <cstdint>
#include <cstdio>
#include <deque>
#include <fermata/fermata.hpp>
#include <fermata/text.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace {

// The guest walks from @ to $ and asks at every step which way to go: 0 up, 1 right, 2 down, 3 left. It
// marks its way in its memory, and traps when it would go through a wall, or in a circle.
constexpr std::string_view guest = R"((module
  (import "host" "choose" (func $choose (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0)
    "###########\n"
    "#@  #     #\n"
    "### # ### #\n"
    "#   #   # #\n"
    "# ##### # #\n"
    "#       #$#\n"
    "###########\n")
  (data (i32.const 256) "\f4\ff\ff\ff\01\00\00\00\0c\00\00\00\ff\ff\ff\ff")
  (func (export "_start") (local $at i32) (local $field i32)
    (local.set $at (i32.const 13))
    (loop $step
      (i32.store8 (local.get $at) (i32.const 0x2E))
      (local.set $at (i32.add (local.get $at)
        (i32.load (i32.add (i32.const 256) (i32.shl (call $choose) (i32.const 2))))))
      (local.set $field (i32.load8_u (local.get $at)))
      (br_if $step (i32.eq (local.get $field) (i32.const 0x20)))
      (if (i32.ne (local.get $field) (i32.const 0x24)) (then unreachable))))))";

constexpr std::int32_t directions = 4;

std::optional<std::uint64_t> resolve(const fermata::FunctionImport&) { return 1; }

}  // namespace

int main() {
  const auto module = fermata::parse_text(guest).value();
  std::deque<fermata::Process> waiting;  // for a choice, those first that have made the fewest
  waiting.push_back(fermata::Process::create(module, resolve).value());
  static_cast<void>(waiting.front().main_thread().run());
  int tried = 0;
  for (; !waiting.empty(); waiting.pop_front()) {
    for (std::int32_t direction = 0; direction < directions; ++direction) {
      ++tried;
      fermata::Process process = waiting.front().fork().value();
      const auto outcome = process.main_thread().run({fermata::Value::i32(direction)}).value();
      if (std::holds_alternative<fermata::Finished>(outcome)) {
        std::string maze(84, ' ');
        static_cast<void>(process.memory()->read(0, std::as_writable_bytes(std::span(maze))));
        std::printf("found after %d choices:\n%s", tried, maze.c_str());
        return 0;
      }
      if (std::holds_alternative<fermata::HostCall>(outcome)) waiting.push_back(std::move(process));
    }
  }
  std::printf("there is no way out\n");
  return 1;
}
