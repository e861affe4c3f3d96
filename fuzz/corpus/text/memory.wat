(module
  (import "host" "ask" (func $ask (param i32) (result i32)))
  (memory (export "memory") 1 4) (data (i32.const 8) "text") (data $passive "more")
  (global $g (mut i32) (i32.const 7))
  (func (export "_start")
    (i32.store offset=4 (i32.const 0) (call $ask (i32.load8_s (i32.const 8))))
    (memory.init $passive (i32.const 32) (i32.const 1) (i32.const 2))
    (memory.fill (i32.const 64) (i32.const 1) (i32.const 8))
    (global.set $g (memory.grow (i32.const 1)))))