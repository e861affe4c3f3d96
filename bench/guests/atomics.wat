;; A lock that is taken and released, counters of three widths, and loads of them: what programs with
;; threads do all the time, here in one thread. The sums are known.
(module
  (memory (export "memory") 1 1 shared)

  (func $lock
    (loop $again
      (br_if $again (i32.atomic.rmw.cmpxchg (i32.const 64) (i32.const 0) (i32.const 1)))))
  (func $unlock (i32.atomic.store (i32.const 64) (i32.const 0)))

  (func (export "_start") (local $i i32) (local $sum i64)
    (local.set $i (i32.const 4000000))
    (loop $rounds
      (call $lock)
      (drop (i32.atomic.rmw.add (i32.const 0) (local.get $i)))
      (local.set $sum
        (i64.add (local.get $sum) (i64.atomic.rmw.add (i32.const 8) (i64.const 3))))
      (drop (i32.atomic.rmw8.xor_u (i32.const 16) (local.get $i)))
      (call $unlock)
      (local.set $sum
        (i64.add (local.get $sum) (i64.extend_i32_u (i32.atomic.load (i32.const 64)))))
      (br_if $rounds (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    ;; 4,000,000 * 4,000,001 / 2 modulo 2^32, and three times 0 + 1 + ... + 3,999,999.
    (if (i32.ne (i32.load (i32.const 0)) (i32.const 2772894848)) (then unreachable))
    (if (i64.ne (i64.load (i32.const 8)) (i64.const 12_000_000)) (then unreachable))
    (if (i64.ne (local.get $sum) (i64.const 23_999_994_000_000)) (then unreachable))))
