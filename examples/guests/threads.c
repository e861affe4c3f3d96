// Two threads of one process share its memory: `_start` puts numbers into a box, `worker` takes
// them out. Neither is ever interrupted: they change places where they call `yield_`.
//
// These functions keep everything in locals. C code that needs the stack in linear memory must have
// one for each thread: the embedder sets the global __stack_pointer when it changes threads.
__attribute__((import_module("host"), import_name("yield"))) void yield_(void);
__attribute__((import_module("host"), import_name("say"))) void say(int thread, int number);

static volatile int box;  // 0: empty

void _start(void) {
  for (int number = 1; number <= 3; ++number) {
    box = number;
    say(0, number);
    while (box != 0) yield_();
  }
}

__attribute__((export_name("worker"))) int worker(int rounds) {
  int sum = 0;
  while (rounds-- > 0) {
    while (box == 0) yield_();
    say(1, box);
    sum += box;
    box = 0;
  }
  return sum;
}
