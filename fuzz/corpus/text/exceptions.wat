(module
  (tag $error (export "error") (param i32))
  (func $fail (param i32) (throw $error (local.get 0)))
  (func (export "_start")
    (block $caught (result i32) (try_table (catch $error $caught) (call $fail (i32.const 3))) (i32.const 0))
    drop))