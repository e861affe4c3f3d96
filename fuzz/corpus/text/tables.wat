(module
  (type $t (func (result i32)))
  (table $table 4 funcref) (elem (table $table) (i32.const 0) func $one $two)
  (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
  (func (export "_start")
    (drop (call_indirect $table (type $t) (i32.const 1)))
    (table.set $table (i32.const 3) (ref.func $one))
    (drop (call_indirect $table (type $t) (i32.const 2)))))