;; Ten million tail calls: three functions that call each other in turn and add up how many are
;; left, 10,000,000 + 9,999,999 + ... + 1 = 50,000,005,000,000.
(module
  (type $step (func (param i32 i64) (result i64)))
  (memory (export "memory") 1)

  (func $first (type $step) (param $left i32) (param $sum i64) (result i64)
    (if (i32.eqz (local.get $left)) (then (return (local.get $sum))))
    (return_call $second
      (i32.sub (local.get $left) (i32.const 1))
      (i64.add (local.get $sum) (i64.extend_i32_u (local.get $left)))))

  (func $second (type $step) (param $left i32) (param $sum i64) (result i64)
    (if (i32.eqz (local.get $left)) (then (return (local.get $sum))))
    (return_call $third
      (i32.sub (local.get $left) (i32.const 1))
      (i64.add (local.get $sum) (i64.extend_i32_u (local.get $left)))))

  (func $third (type $step) (param $left i32) (param $sum i64) (result i64)
    (if (i32.eqz (local.get $left)) (then (return (local.get $sum))))
    (return_call $first
      (i32.sub (local.get $left) (i32.const 1))
      (i64.add (local.get $sum) (i64.extend_i32_u (local.get $left)))))

  (func (export "_start")
    (if (i64.ne
          (call $first (i32.const 10000000) (i64.const 0))
          (i64.const 50000005000000))
      (then unreachable))))
