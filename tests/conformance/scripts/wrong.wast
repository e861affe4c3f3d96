;; Every line that begins with an assertion, an action or a module is wrong and must be reported.
(module $m
  (global (export "answer") i32 (i32.const 42))
  (func (export "one") (result i32) (i32.const 1))
  (func (export "two") (result i32 i64) (i32.const 1) (i64.const 2))
  (func (export "f32") (param i32) (result f32) (f32.reinterpret_i32 (local.get 0)))
  (func (export "f64") (param i64) (result f64) (f64.reinterpret_i64 (local.get 0)))
  (func (export "same") (param externref) (result externref) (local.get 0))
  (func (export "some") (result funcref) (ref.func 0))
  (func (export "trap") unreachable))

(assert_return (invoke "one") (i32.const 2))
(assert_return (invoke "one") (i64.const 1))
(assert_return (invoke "one"))
(assert_return (invoke "two") (i32.const 1))
(assert_return (invoke "two") (i64.const 2) (i32.const 1))
(assert_return (invoke "one") (either (i32.const 2) (i32.const 3)))
(assert_return (get "answer") (i32.const 43))
(assert_return (invoke "trap"))
(invoke "trap")

;; One bit too many, one too few.
(assert_return (invoke "f32" (i32.const 0x7fc00001)) (f32.const nan:canonical))
(assert_return (invoke "f32" (i32.const 0x7fa00000)) (f32.const nan:arithmetic))
(assert_return (invoke "f32" (i32.const 0x7f800000)) (f32.const nan:canonical))
(assert_return (invoke "f32" (i32.const 0x80000000)) (f32.const 0))
(assert_return (invoke "f64" (i64.const 0x7ff8000000000001)) (f64.const nan:canonical))
(assert_return (invoke "f64" (i64.const 0x7ff4000000000000)) (f64.const nan:arithmetic))

(assert_return (invoke "same" (ref.extern 1)) (ref.extern 2))
(assert_return (invoke "same" (ref.null extern)) (ref.extern))
(assert_return (invoke "some") (ref.null))
(assert_return (invoke "some") (ref.extern))

(assert_trap (invoke "one") "unreachable")
(assert_trap (invoke "trap") "integer overflow")
(assert_exhaustion (invoke "trap") "call stack exhausted")
(assert_exception (invoke "one"))

(invoke "missing")
(invoke "answer")
(get "one")
(invoke "f32")
(invoke "f32" (i64.const 1))
(invoke $nowhere "one")
(register "nowhere" $nowhere)
(module instance $nowhere)

(assert_malformed (module binary "\00asm\01\00\00\00") "unexpected end")
(assert_malformed (module (func (result i32))) "type mismatch")
(assert_invalid (module (func)) "type mismatch")
(assert_invalid (module quote "(func") "type mismatch")
(assert_unlinkable (module) "unknown import")
(assert_unlinkable (module (func $f unreachable) (start $f)) "unknown import")
(assert_unlinkable (module (import "spectest" "print" (global i32))) "unknown import")
(assert_trap (module) "unreachable")
(assert_trap (module (import "no" "where" (func))) "unreachable")
(assert_unlinkable (module (func (result i32))) "unknown import")

;; What depends on a module that is wrong is wrong as well.
(module $invalid (func (result i32)))
(invoke "one")
(register "invalid")
(module (import "invalid" "one" (func)))
(module quote "(func (expo\n   rt))")

;; The right one is still there.
(assert_return (invoke $m "one") (i32.const 1))
