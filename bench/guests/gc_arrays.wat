;; An array of 32,768 references to points, of which random ones are replaced by new ones, and arrays of bytes
;; that are dropped: objects that live for a while, stores of references, casts. What is stored is kept
;; in the linear memory as well, and both must agree at the end.
(module
  (type $object (sub (struct)))
  (type $point (sub final $object (struct (field $x (mut i32)) (field $y i64))))
  (type $text (array (mut i8)))
  (type $objects (array (mut (ref null struct))))
  (memory (export "memory") 2)

  (func (export "_start")
    (local $all (ref $objects)) (local $random i32) (local $at i32) (local $i i32) (local $sum i32)
    (local $text (ref $text))
    (local.set $all (array.new_default $objects (i32.const 32768)))
    (local.set $random (i32.const 12345))
    (local.set $i (i32.const 4000000))
    (loop $rounds
      (local.set $random (i32.xor (local.get $random) (i32.shl (local.get $random) (i32.const 13))))
      (local.set $random (i32.xor (local.get $random) (i32.shr_u (local.get $random) (i32.const 17))))
      (local.set $random (i32.xor (local.get $random) (i32.shl (local.get $random) (i32.const 5))))
      (local.set $at (i32.and (local.get $random) (i32.const 32767)))
      (array.set $objects (local.get $all) (local.get $at)
        (struct.new $point (local.get $random) (i64.extend_i32_u (local.get $i))))
      (i32.store (i32.shl (local.get $at) (i32.const 2)) (local.get $random))
      (if (i32.eqz (i32.and (local.get $i) (i32.const 15)))
        (then
          (local.set $text (array.new $text (local.get $i) (i32.const 40)))
          (array.set $text (local.get $text) (i32.and (local.get $random) (i32.const 31))
            (local.get $at))
          (local.set $sum
            (i32.add (local.get $sum)
              (array.get_u $text (local.get $text) (i32.and (local.get $random) (i32.const 31)))))
          (local.set $sum (i32.sub (local.get $sum) (i32.and (local.get $at) (i32.const 255))))))
      (br_if $rounds (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
    (if (local.get $sum) (then unreachable))
    (loop $each
      (block $next
        (br_if $next (ref.is_null (array.get $objects (local.get $all) (local.get $i))))
        (if (i32.ne
              (struct.get $point $x
                (ref.cast (ref $point) (array.get $objects (local.get $all) (local.get $i))))
              (i32.load (i32.shl (local.get $i) (i32.const 2))))
          (then unreachable)))
      (br_if $each
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 32768))))))
