;; Exceptions that are thrown through ten frames and caught, 1,200,000 times; their values are added
;; up: 0 + 1 + ... + 1,199,999 = 719,999,400,000.
(module
  (tag $number (param i64))
  (memory (export "memory") 1)

  (func $throws (param $value i64) (result i64) (throw $number (local.get $value)))
  (func $frame1 (param $value i64) (result i64)
    (i64.add (call $throws (local.get $value)) (i64.const 1)))
  (func $frame2 (param $value i64) (result i64)
    (i64.add (call $frame1 (local.get $value)) (i64.const 1)))
  (func $frame3 (param $value i64) (result i64)
    (i64.add (call $frame2 (local.get $value)) (i64.const 1)))
  (func $frame4 (param $value i64) (result i64)
    (i64.add (call $frame3 (local.get $value)) (i64.const 1)))
  (func $frame5 (param $value i64) (result i64)
    (i64.add (call $frame4 (local.get $value)) (i64.const 1)))
  (func $frame6 (param $value i64) (result i64)
    (i64.add (call $frame5 (local.get $value)) (i64.const 1)))
  (func $frame7 (param $value i64) (result i64)
    (i64.add (call $frame6 (local.get $value)) (i64.const 1)))
  (func $frame8 (param $value i64) (result i64)
    (i64.add (call $frame7 (local.get $value)) (i64.const 1)))
  (func $frame9 (param $value i64) (result i64)
    (i64.add (call $frame8 (local.get $value)) (i64.const 1)))

  (func $catches (param $value i64) (result i64)
    (block $caught (result i64)
      (try_table (result i64) (catch $number $caught) (call $frame9 (local.get $value)))))

  (func (export "_start")
    (local $i i64) (local $sum i64)
    (loop $rounds
      (local.set $sum (i64.add (local.get $sum) (call $catches (local.get $i))))
      (br_if $rounds
        (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 1))) (i64.const 1200000))))
    (if (i64.ne (local.get $sum) (i64.const 719999400000)) (then unreachable))))
