(module
  (type $node (struct (field $value (mut i32)) (field $next (ref null $node))))
  (type $row (array (mut i16)))
  (func (export "_start") (local $n (ref null $node))
    (local.set $n (struct.new $node (i32.const 1) (struct.new_default $node)))
    (struct.set $node $value (local.get $n) (i32.const 5))
    (drop (array.get_s $row (array.new $row (i32.const -1) (i32.const 3)) (i32.const 2)))
    (drop (ref.test (ref i31) (ref.i31 (i32.const 4))))))