#include "tests/snapshot/samples.hpp"

#include <array>

namespace fermata::test {
namespace {

// Every value type as parameter, local and operand, at every depth of a recursion.
constexpr std::string_view recursion = R"((module
  (import "env" "ask" (func $ask (param i32 i64) (result i64)))
  (func $down (param $n i32) (param $l i64) (param $f f32) (param $d f64) (param $v v128) (result i64)
    (local $i i32) (local $w v128)
    (if (i32.gt_u (local.get $n) (i32.const 20)) (then (return (i64.const -1))))
    (local.set $i (i32.mul (local.get $n) (i32.const -3)))
    (local.set $w (i32x4.splat (local.get $i)))
    (if (i32.eqz (local.get $n))
      (then (return (call $ask (local.get $i) (local.get $l)))))
    (i64.add
      (i64.add (i64.extend_i32_s (local.get $i)) (i64.trunc_sat_f64_s (local.get $d)))
      (i64.add
        (i64x2.extract_lane 1 (v128.xor (local.get $v) (local.get $w)))
        (call $down (i32.sub (local.get $n) (i32.const 1)) (i64.add (local.get $l) (i64.const 1))
          (f32.sqrt (local.get $f)) (f64.div (local.get $d) (f64.const 3))
          (i8x16.add (local.get $v) (local.get $w))))))
  (func (export "_start") (result i64)
    (call $down (i32.const 9) (i64.const 0x123456789abcdef0) (f32.const 2) (f64.const -1e9)
      (v128.const i64x2 -1 77)))))";

// Operands that need not lie in slots of their own: locals, constants, sums of both.
constexpr std::string_view operands = R"((module
  (import "env" "ask" (func $ask (result i32)))
  (memory (export "memory") 1)
  (func $f (param $a i32) (param $b i64) (result i32 i64 f32 i32) (local $c f32)
    (local.set $c (f32.const -0.5))
    (local.get $a) (local.get $b) (local.get $c) (i32.const 7)
    (i32.add (local.get $a) (i32.const 100))
    (f64.const nan:0x123) (i64.const -9) (local.get $b)
    (local.set $a (call $ask))
    (drop) (drop) (drop) (i32.add)
    (i32.store (i32.add (local.get $a) (i32.const 64)) (call $ask))
    (i32.sub (call $ask)))
  (func (export "_start") (result i32 i64 f32 i32)
    (i32.const 5) (call $ask) (drop) (i64.const 6) (call $f))))";

constexpr std::string_view references = R"((module
  (type $unary (func (param i32) (result i32)))
  (import "env" "ask" (func $ask (param funcref externref) (result funcref externref)))
  (import "env" "number" (func $number (type $unary)))
  (table $t (export "__indirect_function_table") 6 20 funcref)
  (table $u 3 externref)
  (global $g (mut externref) (ref.null extern))
  (global $k funcref (ref.func $double))
  (elem (table $t) (i32.const 1) func $double $number $half)
  (elem declare func $pick)
  (func $double (type $unary) (i32.shl (local.get 0) (i32.const 1)))
  (func $half (type $unary) (i32.shr_u (call $number (local.get 0)) (i32.const 1)))
  (func $pick (param $f (ref $unary)) (param $x externref) (result i32)
    (local $y externref) (local $h funcref)
    (local.get $f)
    (local.get $x)
    (call $ask (local.get $f) (local.get $x))
    (local.set $y) (local.set $h)
    (drop) (drop)
    (table.set $u (i32.const 1) (local.get $x))
    (table.set $t (i32.const 5) (local.get $h))
    (global.set $g (local.get $y))
    (drop (table.grow $t (global.get $k) (i32.const 3)))
    (call_ref $unary (i32.const 21) (local.get $f)))
  (func (export "_start") (result i32)
    (i32.add
      (call $pick (ref.func $half) (ref.null extern))
      (call_indirect (type $unary) (i32.const 4) (i32.const 2)))
    (call $pick (ref.func $number) (table.get $u (i32.const 1)))
    (i32.add))))";

// Cycles, identity, every way to store, functions in objects, numbers and host references as
// anyref.
constexpr std::string_view objects = R"((module
  (type $node (sub (struct (field $next (mut (ref null $node))) (field $n (mut i32)))))
  (type $big (sub $node (struct (field $next (mut (ref null $node))) (field $n (mut i32))
    (field i8) (field (mut i16)) (field i64) (field f32) (field f64) (field v128) (field $f funcref))))
  (type $bytes (array (mut i8)))
  (type $words (array (mut i64)))
  (type $vectors (array v128))
  (type $any (array (mut anyref)))
  (type $functions (array (mut funcref)))
  (import "env" "ask" (func $ask (param anyref anyref) (result anyref)))
  (import "env" "host" (func $host (result externref)))
  (global $kept (mut (ref null $any)) (ref.null $any))
  (global $made (ref $node) (struct.new $node (ref.null $node) (i32.const 4)))
  (table $t 4 anyref)
  (elem declare func $ask $ring)
  (data $text "some bytes of a text")
  (func $ring (param $n i32) (result (ref $node)) (local $a (ref $node)) (local $b (ref null $node))
    (local.set $b (struct.new $big (ref.null $node) (local.get $n) (i32.const 200) (i32.const -2)
      (i64.const -3) (f32.const 1.5) (f64.const nan:0x77) (v128.const i64x2 5 6) (ref.func $ask)))
    (local.set $a (struct.new $node (local.get $b) (i32.const 2)))
    (struct.set $node $next (local.get $b) (local.get $a))
    (local.get $a))
  (func (export "_start") (result i32) (local $r (ref $node)) (local $all (ref $any)) (local $x anyref)
    (drop (call $ask (ref.null any) (global.get $made)))
    (local.set $r (call $ring (i32.const 1)))
    (local.set $all (array.new $any (ref.null any) (i32.const 9)))
    (array.set $any (local.get $all) (i32.const 0) (local.get $all))
    (array.set $any (local.get $all) (i32.const 1) (local.get $r))
    (array.set $any (local.get $all) (i32.const 2) (ref.i31 (i32.const -5)))
    (array.set $any (local.get $all) (i32.const 3) (any.convert_extern (call $host)))
    (array.set $any (local.get $all) (i32.const 4) (array.new_data $bytes $text (i32.const 5) (i32.const 11)))
    (array.set $any (local.get $all) (i32.const 5) (array.new_fixed $words 3 (i64.const 1) (i64.const -2) (i64.const 3)))
    (array.set $any (local.get $all) (i32.const 6) (array.new $vectors (v128.const i64x2 8 9) (i32.const 2)))
    (array.set $any (local.get $all) (i32.const 7) (array.new $functions (ref.func $ring) (i32.const 2)))
    (array.set $any (local.get $all) (i32.const 8) (global.get $made))
    (global.set $kept (local.get $all))
    (table.set $t (i32.const 2) (local.get $r))
    (drop (array.new $words (i64.const 0) (i32.const 500)))
    (local.set $x (call $ask (local.get $r) (local.get $all)))
    (struct.set $node $n (global.get $made) (i32.const 40))
    (i32.add
      (ref.eq (local.get $r) (struct.get $node $next (struct.get $node $next (local.get $r))))
      (i32.add
        (i32.mul (i32.const 10) (ref.eq (ref.cast (ref eq) (table.get $t (i32.const 2))) (local.get $r)))
        (struct.get $node $n (ref.cast (ref $node) (array.get $any (local.get $all) (i32.const 8)))))))))";

// Objects that constant expressions make: of globals, tables and passive segments.
constexpr std::string_view constants = R"((module
  (type $p (struct (field (mut i32)) (field i32)))
  (type $ps (array (mut (ref null $p))))
  (import "env" "ask" (func $ask (param anyref)))
  (global $one (ref $p) (struct.new $p (i32.const 1) (i32.const 2)))
  (global $two (ref $p) (global.get $one))
  (table $t 3 (ref null $p) (struct.new $p (i32.const 3) (i32.const 4)))
  (table $f 5 (ref func) (ref.func $run))
  (elem $s (ref null $p) (item (struct.new $p (i32.const 5) (i32.const 6))) (item (ref.null $p))
    (item (global.get $one)))
  (elem (table $t) (offset (i32.const 1)) (ref null $p) (item (struct.new $p (i32.const 7) (i32.const 8))))
  (elem (table $f) (i32.const 2) func $other)
  (func $other)
  (func $run (export "_start") (result i32)
    (local $a (ref null $ps)) (local $b (ref null $ps))
    (local.set $a (array.new_elem $ps $s (i32.const 0) (i32.const 3)))
    (struct.set $p 0 (array.get $ps (local.get $a) (i32.const 0)) (i32.const 50))
    (call $ask (local.get $a))
    (local.set $b (array.new_elem $ps $s (i32.const 0) (i32.const 3)))
    (elem.drop $s)
    (call $ask (local.get $b))
    (i32.add
      (i32.add
        (ref.eq (array.get $ps (local.get $a) (i32.const 0)) (array.get $ps (local.get $b) (i32.const 0)))
        (ref.eq (global.get $two) (array.get $ps (local.get $b) (i32.const 2))))
      (i32.add
        (struct.get $p 0 (table.get $t (i32.const 1)))
        (i32.mul (i32.const 100)
          (ref.eq (table.get $t (i32.const 0)) (table.get $t (i32.const 2)))))))))";

constexpr std::string_view exceptions = R"((module
  (type $box (struct (field i32)))
  (import "env" "throw" (func $throw (param exnref) (result i32)))
  (import "env" "ask" (func $ask (param exnref) (result i32)))
  (tag $t (export "t") (param i32 externref v128))
  (tag $u (param (ref null any)))
  (global $last (mut exnref) (ref.null exn))
  (func $raise (param i32)
    (if (local.get 0) (then (throw $t (i32.const 9) (ref.null extern) (v128.const i64x2 1 2))))
    (throw $u (struct.new $box (i32.const 3))))
  (func $catch (param $which i32) (result exnref) (local $e exnref)
    (block $all (result exnref)
      (try_table (catch_all_ref $all) (call $raise (local.get $which)))
      (unreachable))
    (local.tee $e)
    (drop (call $ask (local.get $e))))
  (func (export "_start") (result i32) (local $e exnref) (local $x externref) (local $v v128)
    (local.set $e (call $catch (i32.const 1)))
    (global.set $last (call $catch (i32.const 0)))
    (block $t (result i32 externref v128)
      (block $thrown (result i32 externref v128)
        (try_table (catch $t $thrown) (drop (call $throw (local.get $e))))
        (unreachable))
      (local.set $v) (local.set $x) (drop)
      (try_table (catch $t $t) (throw_ref (local.get $e)))
      (unreachable))
    (local.set $v) (local.set $x)
    (drop (call $ask (global.get $last)))
    (throw_ref (global.get $last)))))";

// As they were before 3.0: what was caught is kept for rethrow.
constexpr std::string_view legacy_exceptions = R"((module
  (import "env" "throw" (func $throw (param i32)))
  (import "env" "ask" (func $ask (result i32)))
  (tag $t (export "t") (param i32))
  (func $inner (param i32) (result i32)
    (try $a (result i32)
      (do (throw $t (i32.const 3)))
      (catch $t
        (try $b (result i32)
          (do (call $throw (i32.const 1)) (i32.const 0))
          (catch_all
            (drop (call $ask))
            (if (local.get 0) (then (rethrow $b)))
            (rethrow $a)))
        (i32.add))))
  (func (export "_start") (result i32)
    (i32.mul
      (try (result i32) (do (call $inner (i32.const 1))) (catch $t (i32.add (call $ask))))
      (try (result i32) (do (call $inner (i32.const 0))) (catch $t (i32.sub (call $ask))))))))";

constexpr std::string_view segments = R"((module
  (import "env" "ask" (func $ask (result i32)))
  (global $at i32 (i32.const 5000))
  (memory (export "memory") 2 5)
  (table $t (export "__indirect_function_table") 4 funcref)
  (data (i32.const 10) "first")
  (data (offset (global.get $at)) "second, which")
  (data (offset (i32.add (global.get $at) (i32.const 8))) "overlaps")
  (data $p "passive")
  (data $q "dropped")
  (elem $e func $f $g)
  (elem $d func $g)
  (elem $x funcref (item (ref.func $f)) (item (ref.null func)))
  (func $f) (func $g)
  (func (export "_start") (result i32)
    (data.drop $q) (elem.drop $d)
    (memory.init $p (i32.const 100) (i32.const 2) (i32.const 3))
    (memory.fill (i32.const 10) (i32.const 0) (i32.const 5))
    (i32.store (i32.const 70000) (call $ask))
    (drop (memory.grow (i32.const 2)))
    (memory.copy (i32.const 250000) (i32.const 5000) (i32.const 12))
    (table.init $t $e (i32.const 1) (i32.const 0) (i32.const 2))
    (elem.drop $e)
    (drop (call $ask))
    (data.drop $p)
    (table.init $t $x (i32.const 2) (i32.const 1) (i32.const 1))
    (drop (call $ask))
    (i32.add (i32.load8_u (i32.const 250000)) (i32.load (i32.const 70000))))))";

constexpr std::string_view memory64 = R"((module
  (import "env" "ask" (func $ask (param i64) (result i64)))
  (memory (export "memory") i64 1 100)
  (data (i64.const 65530) "end")
  (func (export "_start") (result i64) (local $p i64)
    (local.set $p (i64.mul (memory.grow (i64.const 3)) (i64.const 0x10000)))
    (i64.store offset=16 (local.get $p) (call $ask (local.get $p)))
    (drop (call $ask (i64.load offset=16 (local.get $p))))
    (i64.load8_u (i64.const 65531)))))";

constexpr std::string_view small_pages = R"((module
  (import "env" "ask" (func $ask (param i32)))
  (memory (export "memory") 5000 9000 (pagesize 1))
  (data (i32.const 4990) "0123456789")
  (func (export "_start") (result i32)
    (drop (memory.grow (i32.const 321)))
    (call $ask (memory.size))
    (i32.store8 (i32.const 5320) (i32.const 77))
    (i32.store8 (i32.const 4094) (i32.const 78))
    (call $ask (i32.load8_u (i32.const 4999)))
    (i32.load8_u (i32.const 5321)))))";

constexpr std::string_view trap = R"((module
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (func $div (param i32 i32) (result i32) (local i64)
    (local.set 2 (i64.const 5))
    (i32.const 1)
    (i32.div_u (local.get 0) (local.get 1))
    (i32.add))
  (func (export "_start") (result i32)
    (i32.const 4)
    (call $div (call $ask (i32.const 3)) (i32.const 2))
    (call $div (i32.const 5) (i32.const 0))
    (i32.add) (i32.add))))";

constexpr std::string_view exhausted = R"((module
  (import "env" "ask" (func $ask))
  (func $deeper (param i64) (result i64)
    (i64.add (local.get 0) (call $deeper (i64.add (local.get 0) (i64.const 1)))))
  (func (export "_start") (result i64) (call $ask) (call $deeper (i64.const 0)))))";

constexpr std::string_view start_section = R"((module
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (global $g (mut i32) (i32.const 0))
  (func $begin (local i32)
    (local.set 0 (call $ask (i32.const 1)))
    (global.set $g (i32.add (local.get 0) (call $ask (i32.const 2)))))
  (start $begin)
  (func (export "_start") (result i32)
    (i32.add (call $ask (i32.const 3)) (global.get $g)))))";

constexpr std::string_view host_entry = R"((module
  (import "env" "ask" (func $ask (result i32 v128 f32)))
  (import "env" "begin" (func $begin))
  (start $begin)
  (export "_start" (func $ask))))";

// Threads that wait in two lines, and one that notifies.
constexpr std::string_view waiting = R"((module
  (import "env" "memory" (memory 1 2 shared))
  (import "env" "start" (func $start (param i32)))
  (import "env" "ask" (func $ask (param i32)))
  (export "memory" (memory 0))
  (func (export "work") (param $n i32) (result i32)
    (i32.const 1000)
    (memory.atomic.wait32
      (i32.mul (i32.const 8) (i32.and (local.get $n) (i32.const 1))) (i32.const 0) (i64.const -1))
    (memory.atomic.wait64 (i32.const 16) (i64.const 0)
      (i64.add (i64.const 50) (i64.extend_i32_u (local.get $n))))
    (i32.mul (i32.const 10))
    (i32.add) (i32.add))
  (func (export "_start") (result i32)
    (call $start (i32.const 0)) (call $start (i32.const 1)) (call $start (i32.const 2))
    (call $start (i32.const 3)) (call $start (i32.const 4))
    (call $ask (memory.atomic.notify (i32.const 0) (i32.const 1)))
    (call $ask (memory.atomic.notify (i32.const 8) (i32.const 2)))
    (call $ask (memory.atomic.notify (i32.const 16) (i32.const 1)))
    (call $ask (i32.const 7)) (call $ask (i32.const 7)) (call $ask (i32.const 7))
    (memory.atomic.notify (i32.const 0) (i32.const 9)))))";

// Threads with instances of their own; some end, and their instances are idle or serve again. What
// they show the host of their functions others call: calls between instances.
constexpr std::string_view spawned = R"((module
  (type $unary (func (param i32) (result i32)))
  (import "env" "memory" (memory 1 2 shared))
  (import "env" "spawn" (func $spawn (param i32)))
  (import "env" "show" (func $show (param funcref) (result funcref)))
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (export "memory" (memory 0))
  (global $count (export "count") (mut i32) (i32.const 10))
  (table $t (export "__indirect_function_table") 3 funcref)
  (elem (table $t) (i32.const 0) func $mine)
  (elem declare func $call)
  (data $d "xyz")
  (func $begin (global.set $count (i32.add (global.get $count) (i32.const 100))))
  (start $begin)
  (func $mine (type $unary)
    (global.set $count (i32.add (global.get $count) (local.get 0)))
    (i32.add (global.get $count) (call $ask (global.get $count))))
  (func $call (param $f funcref) (result i32)
    (if (result i32) (ref.test (ref $unary) (local.get $f))
      (then (call_ref $unary (i32.const 3) (ref.cast (ref $unary) (local.get $f))))
      (else (i32.const -1))))
  (func (export "work") (param $n i32) (result i32)
    (data.drop $d)
    (table.set $t (i32.const 1) (ref.func $call))
    (drop (call $show (ref.func $mine)))
    (if (i32.and (local.get $n) (i32.const 1)) (then (drop (call $ask (global.get $count)))))
    (global.get $count))
  (func (export "_start") (result i32)
    (call $spawn (i32.const 0)) (call $spawn (i32.const 1)) (call $spawn (i32.const 3))
    (drop (call $ask (i32.const 1)))
    (drop (call $call (call $show (ref.null func))))
    (call $spawn (i32.const 5))
    (drop (call $ask (i32.const 1)))
    (call $call (call $show (ref.null func))))))";

// A function of a thread that has ended, called after that: its instance is idle, and changes.
constexpr std::string_view retired = R"((module
  (type $unary (func (param i32) (result i32)))
  (import "env" "memory" (memory 1 2 shared))
  (import "env" "spawn" (func $spawn (param i32)))
  (import "env" "show" (func $show (param funcref) (result funcref)))
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (export "memory" (memory 0))
  (global $sum (mut i32) (i32.const 10))
  (global $self (ref func) (ref.func $mine))
  (table $t (export "__indirect_function_table") 3 funcref)
  (table $own 2 5 funcref)
  (elem (table $own) (i32.const 0) func $mine)
  (elem $e func $mine)
  (func $mine (type $unary)
    (global.set $sum (i32.add (global.get $sum) (local.get 0)))
    (drop (table.grow $own (ref.func $mine) (i32.const 1)))
    (drop (call $ask (table.size $own)))
    (i32.add (i32.mul (i32.const 100) (ref.is_null (table.get $own (i32.const 0))))
      (i32.add (i32.mul (i32.const 10) (ref.is_null (global.get $self))) (global.get $sum))))
  (func (export "work") (param i32) (result i32)
    (drop (call $show (ref.func $mine))) (local.get 0))
  (func $call (param $n i32) (result i32)
    (call $ask (call_ref $unary (local.get $n)
      (ref.cast (ref $unary) (call $show (ref.null func))))))
  (func (export "_start") (result i32)
    (call $spawn (i32.const 5))
    (drop (call $ask (i32.const 1)))
    (drop (call $ask (i32.const 1)))
    (drop (call $ask (i32.const 1)))
    (drop (call $call (i32.const 3)))
    (drop (call $call (i32.const 4)))
    (call $spawn (i32.const 6))
    (call $call (i32.const 5)))))";

constexpr std::string_view tail_calls = R"((module
  (type $unary (func (param i32) (result i32)))
  (import "env" "ask" (func $ask (type $unary)))
  (table $t funcref (elem $ask $last))
  (func $last (type $unary) (return_call $ask (i32.add (local.get 0) (i32.const 1))))
  (func $next (param i32 i64) (result i32) (local f32 f32 f32)
    (return_call_indirect (type $unary) (local.get 0) (i32.wrap_i64 (local.get 1))))
  (func $first (param i32) (result i32)
    (return_call $next (local.get 0) (i64.const 1)))
  (func (export "_start") (result i32)
    (i32.const 3)
    (call $first (i32.const 4))
    (call_ref $unary (call $next (i32.const 9) (i64.const 0)) (ref.func $last))
    (i32.add) (i32.add))))";

// Locals that have no value yet, or no more.
constexpr std::string_view unset_locals = R"((module
  (type $s (struct (field i32)))
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (func (export "_start") (result i32) (local $a (ref $s)) (local $f (ref func)) (local $n i32)
    (local.set $n (call $ask (i32.const 1)))
    (block
      (local.set $f (ref.func $other))
      (local.set $n (call $ask (i32.const 2)))
      (drop (local.get $f)))
    (local.set $n (call $ask (i32.const 3)))
    (local.set $a (struct.new $s (i32.const 6)))
    (if (call $ask (i32.const 4)) (then (local.set $f (ref.func $other))))
    (i32.add (call $ask (local.get $n)) (struct.get $s 0 (local.get $a))))
  (elem declare func $other)
  (func $other)))";

// Threads that have not begun, with arguments of every kind, when the main thread ends.
constexpr std::string_view not_begun = R"((module
  (import "env" "start" (func $start (param i64 v128 funcref externref)))
  (import "env" "ask" (func $ask (param f64)))
  (elem declare func $work)
  (func $work (export "work") (param i64 v128 funcref externref) (call $ask (f64.const 1)))
  (func (export "_start") (result i64)
    (call $start (i64.const -4) (v128.const i64x2 3 4) (ref.func $work) (ref.null extern))
    (call $start (i64.const 8) (v128.const i64x2 5 6) (ref.null func) (ref.null extern))
    (i64.const 12))))";

// A loop's operand, of a subtype when the loop begins, and of another when it goes round.
constexpr std::string_view loop_types = R"((module
  (type $a (sub (struct (field i32))))
  (type $b (sub $a (struct (field i32) (field i64))))
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (elem declare func $one $other)
  (func $one)
  (func $other (param i32))
  (func (export "_start") (result i32) (local $n i32)
    (struct.new $b (i32.const 4) (i64.const 5))
    (ref.func $one)
    (loop $again (param (ref $a) funcref) (result i32)
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (drop (call $ask (local.get $n)))
      (drop) (drop)
      (struct.new $a (i32.const 9))
      (ref.func $other)
      (br_if $again (i32.lt_u (local.get $n) (i32.const 3)))
      (drop)
      (struct.get $a 0)))))";

// Enough garbage for collections, at the same instructions in a process that was restored.
constexpr std::string_view garbage = R"((module
  (type $block (array (mut i64)))
  (type $list (struct (field (ref null $list)) (field (ref $block))))
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (global $all (mut (ref null $list)) (ref.null $list))
  (func $work (param $n i32)
    (if (i32.gt_u (local.get $n) (i32.const 60)) (then (return)))
    (if (i32.eqz (local.get $n)) (then (return)))
    (drop (array.new $block (i64.const 1) (i32.const 400)))
    (global.set $all
      (struct.new $list (global.get $all) (array.new $block (i64.const 2) (i32.const 40))))
    (call $work (i32.sub (local.get $n) (i32.const 1))))
  (func $rounds (param $n i32)
    (if (i32.gt_u (local.get $n) (i32.const 9)) (then (return)))
    (if (i32.eqz (local.get $n)) (then (return)))
    (call $work (i32.const 30))
    (drop (call $ask (local.get $n)))
    (call $rounds (i32.sub (local.get $n) (i32.const 1))))
  (func (export "_start") (call $rounds (i32.const 9)))))";

constexpr std::array all{
    Sample{"recursion", recursion},
    Sample{"operands", operands},
    Sample{"references", references},
    Sample{"objects", objects},
    Sample{"constants", constants},
    Sample{"exceptions", exceptions},
    Sample{"legacy_exceptions", legacy_exceptions},
    Sample{"segments", segments},
    Sample{"memory64", memory64},
    Sample{"small_pages", small_pages},
    Sample{"trap", trap},
    Sample{"exhausted", exhausted},
    Sample{"start_section", start_section},
    Sample{"host_entry", host_entry},
    Sample{"waiting", waiting},
    Sample{"spawned", spawned},
    Sample{"retired", retired},
    Sample{"tail_calls", tail_calls},
    Sample{"unset_locals", unset_locals},
    Sample{"not_begun", not_begun},
    Sample{"loop_types", loop_types},
    Sample{"garbage", garbage},
};

}  // namespace

std::span<const Sample> samples() { return all; }

}  // namespace fermata::test
