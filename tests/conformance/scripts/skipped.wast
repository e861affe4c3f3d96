;; What a module of a later proposal leaves undone, and what it doesn't.
(module $first (memory (export "memory") 1)
  (func (export "load") (result i32) (i32.load8_u (i32.const 0)))
  (func (export "one") (result i32) (i32.const 1)))
(register "first" $first)

(module $shared (memory 1 1 shared) (func (export "one") (result i32) (i32.const 1)))
(invoke "one")
(assert_return (invoke $shared "one") (i32.const 1))
(register "shared")
(module (import "shared" "one" (func (result i32))))
(assert_unlinkable (module (import "shared" "two" (func))) "unknown import")

;; It would have written 7 into the memory of the first.
(module (import "first" "memory" (memory 1)) (data (i32.const 0) "\07") (func (param i31ref)))
(assert_return (invoke $first "load") (i32.const 7))
(assert_return (invoke $first "one") (i32.const 1))

;; A judgement of validity needs no execution.
(assert_invalid (module (memory 1 shared)) "shared memory must have maximum")
(thread $t (shared (module $shared)))
(wait $t)
