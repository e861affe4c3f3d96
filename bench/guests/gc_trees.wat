;; Binary trees that are built, counted and dropped, beside one that lives: allocation and marking.
;; The counts are known: a tree of depth d has 2^(d+1) - 1 nodes.
(module
  (type $node (struct (field $left (ref null $node)) (field $right (ref null $node))))
  (memory (export "memory") 1)

  (func $make (param $depth i32) (result (ref $node))
    (if (result (ref $node)) (i32.eqz (local.get $depth))
      (then (struct.new_default $node))
      (else
        (struct.new $node
          (call $make (i32.sub (local.get $depth) (i32.const 1)))
          (call $make (i32.sub (local.get $depth) (i32.const 1)))))))

  (func $count (param $tree (ref $node)) (result i32)
    (local $left (ref null $node))
    (if (ref.is_null (local.tee $left (struct.get $node $left (local.get $tree))))
      (then (return (i32.const 1))))
    (i32.add (i32.const 1)
      (i32.add
        (call $count (ref.as_non_null (local.get $left)))
        (call $count (ref.as_non_null (struct.get $node $right (local.get $tree)))))))

  (func (export "_start")
    (local $long_lived (ref $node)) (local $depth i32) (local $i i32) (local $sum i32)
    (local.set $long_lived (call $make (i32.const 15)))
    (local.set $depth (i32.const 4))
    (loop $depths
      ;; 2^(17 - depth) trees of this depth
      (local.set $i (i32.shl (i32.const 1) (i32.sub (i32.const 17) (local.get $depth))))
      (local.set $sum (i32.const 0))
      (loop $trees
        (local.set $sum (i32.add (local.get $sum) (call $count (call $make (local.get $depth)))))
        (br_if $trees (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      ;; 2^(17 - depth) * (2^(depth + 1) - 1) = 2^18 - 2^(17 - depth)
      (if (i32.ne (local.get $sum)
            (i32.sub (i32.const 0x40000)
              (i32.shl (i32.const 1) (i32.sub (i32.const 17) (local.get $depth)))))
        (then unreachable))
      (br_if $depths
        (i32.le_u (local.tee $depth (i32.add (local.get $depth) (i32.const 1))) (i32.const 14))))
    (if (i32.ne (call $count (local.get $long_lived)) (i32.const 0xFFFF)) (then unreachable))))
