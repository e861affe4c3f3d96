// hello: a guest asks its host a question and gets the answer. This file is in the README, too.
#include <cstdint>
#include <cstdio>
#include <fermata/fermata.hpp>

// (module
//   (import "host" "ask" (func $ask (param i32) (result i32)))
//   (func (export "_start") (result i32) (i32.add (call $ask (i32.const 20)) (i32.const 2))))
const std::uint8_t guest[] = {
    0,  'a', 's', 'm',  1,   0,    0,   0,                                     //
    1,  10,  2,   0x60, 1,   0x7f, 1,   0x7f, 0x60, 0,    1,   0x7f,           // types
    2,  12,  1,   4,    'h', 'o',  's', 't',  3,    'a',  's', 'k',  0,    0,  // imports
    3,  2,   1,   1,                                                           // functions
    7,  10,  1,   6,    '_', 's',  't', 'a',  'r',  't',  0,   1,              // exports
    10, 11,  1,   9,    0,   0x41, 20,  0x10, 0,    0x41, 2,   0x6a, 0x0b,     // code
};

int main() {
  const auto module = fermata::Module::load(guest).value();
  auto process = fermata::Process::create(module, [](const auto&) { return 9876; }).value();
  auto outcome = process.main_thread().run();  // until now nothing of the guest has run
  while (const auto* call = std::get_if<fermata::HostCall>(&outcome.value())) {
    std::printf("host call %d: ask(%d)\n", int(call->number), call->arguments[0].as_i32());
    outcome = process.main_thread().run({fermata::Value::i32(40)});  // or next year
  }
  const auto& finished = std::get<fermata::Finished>(outcome.value());
  std::printf("_start returned %d\n", finished.results[0].as_i32());
}
