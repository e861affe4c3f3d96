(module
  (func $factorial (export "factorial") (param i64) (result i64)
    (if (result i64) (i64.eqz (local.get 0)) (then (i64.const 1))
      (else (i64.mul (local.get 0) (call $factorial (i64.sub (local.get 0) (i64.const 1)))))))
  (func (export "_start") (local $i i32)
    (block $done (loop $again
      (br_table $done $again $done (local.tee $i (i32.add (local.get $i) (i32.const 1))))))
    (drop (call $factorial (i64.const 5)))))