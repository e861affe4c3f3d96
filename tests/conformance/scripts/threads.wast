;; Threads of a script take turns: each goes on until it waits.
(module $memory (memory (export "shared") 1 1 shared))
(register "memory")

;; A thread sees the modules that are shared with it and no others.
(thread $blind
  (assert_unlinkable (module (memory (import "memory" "shared") 1 1 shared)) "unknown import"))
(wait $blind)

;; Two threads wake each other in turns. Each counts.
(thread $ping (shared (module $memory))
  (register "memory" $memory)
  (module
    (memory (import "memory" "shared") 1 1 shared)
    (func (export "play") (result i32) (local $rounds i32)
      (loop $again
        (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))
        (i32.atomic.store (i32.const 0) (i32.const 0))
        (drop (memory.atomic.notify (i32.const 4) (i32.const 1)))
        (br_if $again (i32.lt_u
          (local.tee $rounds (i32.add (local.get $rounds) (i32.const 1))) (i32.const 10))))
      (local.get $rounds)))
  (assert_return (invoke "play") (i32.const 10)))
(thread $pong (shared (module $memory))
  (register "memory" $memory)
  (module
    (memory (import "memory" "shared") 1 1 shared)
    (func (export "play") (result i32) (local $rounds i32)
      (loop $again
        (i32.atomic.store (i32.const 0) (i32.const 1))
        (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))
        (drop (memory.atomic.wait32 (i32.const 4) (i32.const 0) (i64.const -1)))
        (br_if $again (i32.lt_u
          (local.tee $rounds (i32.add (local.get $rounds) (i32.const 1))) (i32.const 10))))
      (local.get $rounds)))
  (assert_return (invoke "play") (i32.const 10)))
(wait $pong)
(wait $ping)

;; A thread starts another; the script waits for the end of a timeout.
(thread $outer (shared (module $memory))
  (thread $inner (shared (module $memory))
    (register "memory" $memory)
    (module (memory (import "memory" "shared") 1 1 shared)
      (func (export "set") (i32.store (i32.const 8) (i32.const 42))))
    (invoke "set"))
  (wait $inner)
  (register "memory" $memory)
  (module (memory (import "memory" "shared") 1 1 shared)
    (func (export "get") (result i32) (i32.load (i32.const 8))))
  (assert_return (invoke "get") (i32.const 42)))
(module (memory (import "memory" "shared") 1 1 shared)
  (func (export "sleep") (result i32)
    (memory.atomic.wait32 (i32.const 16) (i32.const 0) (i64.const 1_000_000_000_000_000))))
(assert_return (invoke "sleep") (i32.const 2))
(wait $outer)

;; Time goes on for all: 100 and 100 end after 150.
(thread $twice (shared (module $memory))
  (register "memory" $memory)
  (module (memory (import "memory" "shared") 1 1 shared)
    (func $sleep (drop (memory.atomic.wait32 (i32.const 32) (i32.const 0) (i64.const 100))))
    (func (export "run") (result i32)
      (call $sleep) (call $sleep) (i32.atomic.load (i32.const 40))))
  (assert_return (invoke "run") (i32.const 1)))
(thread $once (shared (module $memory))
  (register "memory" $memory)
  (module (memory (import "memory" "shared") 1 1 shared)
    (func (export "run")
      (drop (memory.atomic.wait32 (i32.const 32) (i32.const 0) (i64.const 150)))
      (i32.atomic.store (i32.const 40) (i32.const 1))))
  (invoke "run"))
(wait $twice)
(wait $once)
