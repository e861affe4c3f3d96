// Threads: a bounded queue between producers and consumers, and rounds that begin together. What is
// printed does not depend on the order in which threads run.
//
// For WebAssembly this brings the little of a thread library that it needs, on wasi-threads and the
// atomic instructions; elsewhere it is POSIX's.
#include <stdint.h>

typedef void (*work)(int number);

#ifdef __wasm__

// --- WASI ---
__attribute__((import_module("wasi"), import_name("thread-spawn"))) int thread_spawn(void* start);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("fd_write"))) int fd_write(
    int fd, const void* vectors, int count, int* written);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("proc_exit"))) _Noreturn void
proc_exit(int code);

static void put(const char* text, int length) {
  struct {
    const char* text;
    int length;
  } vector = {text, length};
  int written;
  fd_write(1, &vector, 1, &written);
}

// --- threads ---
struct start {
  char* stack;  // its end; read before there is one
  work run;
  int number;
  int is_done;
};

static void wait_while(int* at, int value) { __builtin_wasm_memory_atomic_wait32(at, value, -1); }
static void wake(int* at, int count) { __builtin_wasm_memory_atomic_notify(at, (unsigned)count); }

__attribute__((used)) void run_thread(int id, struct start* start) {
  (void)id;
  start->run(start->number);
  __atomic_store_n(&start->is_done, 1, __ATOMIC_SEQ_CST);
  wake(&start->is_done, 1);
}

// The stack pointer is a global of each instance, so a thread begins by setting it: a naked function
// needs none before.
__attribute__((naked, export_name("wasi_thread_start"))) void wasi_thread_start(
    int id, struct start* start) {
  __asm__(
      ".globaltype __stack_pointer, i32\n"
      "local.get 1\n"
      "i32.load 0\n"
      "global.set __stack_pointer\n"
      "local.get 0\n"
      "local.get 1\n"
      "call run_thread\n"
      "return\n");
}

enum { most_threads = 8, stack_size = 16384 };
static char stacks[most_threads][stack_size] __attribute__((aligned(16)));
static struct start starts[most_threads];

static void begin(int thread, work run, int number) {
  starts[thread] = (struct start){stacks[thread] + stack_size, run, number, 0};
  if (thread_spawn(&starts[thread]) < 0) __builtin_trap();
}
static void join(int thread) {
  int* const is_done = &starts[thread].is_done;
  while (!__atomic_load_n(is_done, __ATOMIC_SEQ_CST)) wait_while(is_done, 0);
}

// --- a mutex (0 free, 1 taken, 2 taken and waited for) and a condition (how often it was told) ---
typedef int mutex;
typedef int condition;

static void lock(mutex* m) {
  int expected = 0;
  if (__atomic_compare_exchange_n(m, &expected, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) return;
  while (__atomic_exchange_n(m, 2, __ATOMIC_SEQ_CST) != 0) wait_while(m, 2);
}
static void unlock(mutex* m) {
  if (__atomic_exchange_n(m, 0, __ATOMIC_SEQ_CST) == 2) wake(m, 1);
}
static void await(condition* c, mutex* m) {
  const int told = __atomic_load_n(c, __ATOMIC_SEQ_CST);
  unlock(m);
  wait_while(c, told);
  lock(m);
}
static void tell_all(condition* c) {
  __atomic_fetch_add(c, 1, __ATOMIC_SEQ_CST);
  wake(c, -1);
}

#else

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { most_threads = 8 };
struct start {
  pthread_t thread;
  work run;
  int number;
};
static struct start starts[most_threads];

static void put(const char* text, int length) {
  if (write(1, text, (size_t)length) != length) abort();
}
static void* run_thread(void* start) {
  ((struct start*)start)->run(((struct start*)start)->number);
  return NULL;
}
static void begin(int thread, work run, int number) {
  starts[thread].run = run;
  starts[thread].number = number;
  if (pthread_create(&starts[thread].thread, NULL, run_thread, &starts[thread]) != 0) abort();
}
static void join(int thread) { pthread_join(starts[thread].thread, NULL); }

typedef pthread_mutex_t mutex;
typedef pthread_cond_t condition;
#define lock pthread_mutex_lock
#define unlock pthread_mutex_unlock
#define await pthread_cond_wait
#define tell_all pthread_cond_broadcast

#endif

static void print(const char* what, uint64_t number) {
  char line[64];
  int length = 0;
  while (*what != 0) line[length++] = *what++;
  char digits[20];
  int count = 0;
  do digits[count++] = (char)('0' + number % 10);
  while ((number /= 10) != 0);
  while (count > 0) line[length++] = digits[--count];
  line[length++] = '\n';
  put(line, length);
}

// --- a queue: producers wait while it is full, consumers while it is empty ---

enum { producers = 2, consumers = 3, each_makes = 500, places = 7 };

static mutex queue_mutex;
static condition queue_changed;
static uint64_t queue[places];
static int queue_count, queue_first, producing = producers;
static uint64_t sum_of_squares;
static int taken;

static void produce(int number) {
  for (int i = 0; i < each_makes; ++i) {
    lock(&queue_mutex);
    while (queue_count == places) await(&queue_changed, &queue_mutex);
    queue[(queue_first + queue_count++) % places] = (uint64_t)(number * each_makes + i);
    tell_all(&queue_changed);
    unlock(&queue_mutex);
  }
  lock(&queue_mutex);
  --producing;
  tell_all(&queue_changed);
  unlock(&queue_mutex);
}

static void consume(int number) {
  (void)number;
  for (;;) {
    lock(&queue_mutex);
    while (queue_count == 0 && producing > 0) await(&queue_changed, &queue_mutex);
    if (queue_count == 0) break;
    const uint64_t value = queue[queue_first];
    queue_first = (queue_first + 1) % places;
    --queue_count;
    ++taken;
    sum_of_squares += value * value;
    tell_all(&queue_changed);
    unlock(&queue_mutex);
  }
  unlock(&queue_mutex);
}

// --- rounds: nobody begins one before all have ended the one before ---

enum { workers = 4, rounds = 40, cells = 64 };

static mutex round_mutex;
static condition round_ended;
static int arrived, current_round;
static uint32_t old_cells[cells], new_cells[cells];

static void end_round(void) {
  lock(&round_mutex);
  const int mine = current_round;
  if (++arrived == workers) {
    arrived = 0;
    ++current_round;
    for (int i = 0; i < cells; ++i) old_cells[i] = new_cells[i];
    tell_all(&round_ended);
  }
  while (current_round == mine) await(&round_ended, &round_mutex);
  unlock(&round_mutex);
}

static void work_in_rounds(int number) {
  for (int round = 0; round < rounds; ++round) {
    for (int i = number; i < cells; i += workers) {
      const uint32_t left = old_cells[(i + cells - 1) % cells];
      const uint32_t right = old_cells[(i + 1) % cells];
      new_cells[i] = old_cells[i] * 3 + (left ^ right) + (uint32_t)round;
    }
    end_round();
  }
}

static int run(void) {
  for (int i = 0; i < consumers; ++i) begin(i, consume, i);
  for (int i = 0; i < producers; ++i) begin(consumers + i, produce, i);
  for (int i = 0; i < consumers + producers; ++i) join(i);
  print("taken: ", (uint64_t)taken);
  print("sum of squares: ", sum_of_squares);

  for (int i = 0; i < cells; ++i) old_cells[i] = (uint32_t)(i * i);
  for (int i = 0; i < workers; ++i) begin(i, work_in_rounds, i);
  for (int i = 0; i < workers; ++i) join(i);
  uint64_t sum = 0;
  for (int i = 0; i < cells; ++i) sum = sum * 31 + old_cells[i];
  print("cells: ", sum);
  return 7;
}

#ifdef __wasm__
void _start(void) { proc_exit(run()); }
#else
int main(void) { return run(); }
#endif
