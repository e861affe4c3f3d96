;; Prints the numbers from 1 to 400, a line of 8 bytes each, and computes for a while before each; ends with
;; the lowest byte of their sum as its exit code: 72.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 4)
  (global $sum (mut i32) (i32.const 0))
  (func $print (param $number i32) (local $at i32)
    (local.set $at (i32.const 107))
    (i32.store8 (local.get $at) (i32.const 10))
    (loop $digit
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at)
        (i32.add (i32.const 48) (i32.rem_u (local.get $number) (i32.const 10))))
      (local.set $number (i32.div_u (local.get $number) (i32.const 10)))
      (br_if $digit (i32.gt_u (local.get $at) (i32.const 100))))
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (i32.const 8))
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))
      (then (unreachable))))
  ;; Leaves its count all over the memory, so that there is something to save.
  (func $compute (param $count i32)
    (loop $again
      (i32.store offset=4096
        (i32.and (i32.mul (local.get $count) (i32.const 1028)) (i32.const 0x1fffc))
        (local.get $count))
      (local.set $count (i32.sub (local.get $count) (i32.const 1)))
      (br_if $again (local.get $count))))
  (func (export "_start") (local $number i32)
    (loop $next
      (local.set $number (i32.add (local.get $number) (i32.const 1)))
      (global.set $sum (i32.add (global.get $sum) (local.get $number)))
      (call $compute (i32.const 60000))
      (call $print (local.get $number))
      (br_if $next (i32.lt_u (local.get $number) (i32.const 400))))
    (call $proc_exit (i32.and (global.get $sum) (i32.const 255)))))
