(module
  (memory (export "memory") 1 1 shared)
  (func (export "_start")
    (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
    (drop (memory.atomic.wait32 (i32.const 4) (i32.const 1) (i64.const 10)))
    (drop (memory.atomic.notify (i32.const 4) (i32.const 1)))))