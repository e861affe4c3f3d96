;; Lists of small numbers, made, reversed, filtered and dropped: allocation without a long life, i31,
;; loops over references. Of 1 to 1000 the even ones are 2 + 4 + ... + 1000 = 250,500.
(module
  (type $cell (struct (field $head (ref null i31)) (field $tail (ref null $cell))))
  (memory (export "memory") 1)

  (func $count_to (param $n i32) (result (ref null $cell))
    (local $list (ref null $cell))
    (loop $more
      (local.set $list (struct.new $cell (ref.i31 (local.get $n)) (local.get $list)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $list))

  (func $reverse (param $list (ref null $cell)) (result (ref null $cell))
    (local $result (ref null $cell))
    (block $done
      (loop $more
        (br_if $done (ref.is_null (local.get $list)))
        (local.set $result
          (struct.new $cell (struct.get $cell $head (local.get $list)) (local.get $result)))
        (local.set $list (struct.get $cell $tail (local.get $list)))
        (br $more)))
    (local.get $result))

  (func $evens (param $list (ref null $cell)) (result (ref null $cell))
    (local $result (ref null $cell)) (local $head (ref null i31))
    (block $done
      (loop $more
        (br_if $done (ref.is_null (local.get $list)))
        (local.set $head (struct.get $cell $head (local.get $list)))
        (local.set $list (struct.get $cell $tail (local.get $list)))
        (br_if $more (i32.and (i31.get_u (local.get $head)) (i32.const 1)))
        (local.set $result (struct.new $cell (local.get $head) (local.get $result)))
        (br $more)))
    (local.get $result))

  (func $sum (param $list (ref null $cell)) (result i32)
    (local $result i32)
    (block $done
      (loop $more
        (br_if $done (ref.is_null (local.get $list)))
        (local.set $result
          (i32.add (local.get $result) (i31.get_u (struct.get $cell $head (local.get $list)))))
        (local.set $list (struct.get $cell $tail (local.get $list)))
        (br $more)))
    (local.get $result))

  (func (export "_start")
    (local $i i32)
    (local.set $i (i32.const 3000))
    (loop $rounds
      (if (i32.ne
            (call $sum (call $evens (call $reverse (call $count_to (i32.const 1000)))))
            (i32.const 250500))
        (then unreachable))
      (br_if $rounds (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))))
