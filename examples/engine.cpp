// engine: two modules that call each other's functions and share a memory, in one Store.
//
// A Store is the whole engine below the rules of a Process: any kind of import, many instances.
// What runs in it pauses just the same: the inner module's host call pauses the outer one as well.
#include <cstdio>
#include <fermata/fermata.hpp>
#include <fermata/text.hpp>

// Counts in a global of its own, after asking the host by how much.
const char counter_source[] = R"((module
  (import "host" "step" (func $step (param i32) (result i32)))
  (memory (export "memory") 1)
  (global $count (export "count") (mut i32) (i32.const 0))
  (func (export "count_up") (result i32)
    (global.set $count (i32.add (global.get $count) (call $step (global.get $count))))
    (global.get $count))))";

// Counts up twice and writes what it got to the counter's memory.
const char user_source[] = R"((module
  (import "counter" "count_up" (func $count_up (result i32)))
  (import "counter" "memory" (memory 1))
  (func (export "run")
    (i32.store8 (i32.const 0) (call $count_up))
    (i32.store8 (i32.const 1) (call $count_up)))))";

int main() {
  const auto counter_module = fermata::parse_text(counter_source).value();
  const auto user_module = fermata::parse_text(user_source).value();

  fermata::Store store;
  fermata::Linker linker;
  linker.define("host", "step", store.make_function({{fermata::i32}, {fermata::i32}}, 1).value());
  const auto counter = linker.instantiate(store, counter_module).value();
  linker.define_instance("counter", counter);
  const auto user = linker.instantiate(store, user_module).value();

  auto thread = store.start_thread(user.function("run").value()).value();
  auto outcome = thread.run();
  while (const auto* call = std::get_if<fermata::HostCall>(&outcome.value())) {
    std::printf("step after %d? I am in", call->arguments[0].as_i32());
    const auto trace = thread.backtrace(fermata::all_frames).value();
    for (const auto& frame : trace) {
      std::printf(" %.*s", int(frame.function_name.size()), frame.function_name.data());
    }
    std::printf("\n");
    outcome = thread.run({fermata::Value::i32(10)});
  }
  const auto memory = counter.memory("memory").value();
  const auto bytes = memory.view(0, 2).value();
  std::printf("memory: %d %d\n", int(bytes[0]), int(bytes[1]));
  std::printf("count: %d\n", counter.global("count").value().get().as_i32());
}
