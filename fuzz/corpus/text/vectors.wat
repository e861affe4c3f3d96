(module
  (memory (export "memory") 1)
  (func (export "_start")
    (v128.store (i32.const 0) (i32x4.add (v128.const i32x4 1 2 3 4) (i32x4.splat (i32.const 1))))
    (drop (f64x2.extract_lane 1 (f64x2.sqrt (v128.load (i32.const 0)))))))