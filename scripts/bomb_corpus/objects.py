"""Bombs of the heap and of exceptions, in the text format."""
from bomb_corpus.pieces import SIZE, Corpus
from bomb_corpus.text import text

BOMBS = Corpus(".wat")
bomb = BOMBS.bomb

# A function that calls another and itself in turns until `local 0` is 0, each frame behind another call.
SWAP = "(if (i32.eqz (local.get 0)) (then (throw $a))) (call {} (i32.sub (local.get 0) (i32.const 1)))"
# What catches at last.
START = ('(func (export "_start") (block $caught (try_table (catch $a $caught) '
         "(call $f (i32.const 8000)))))")
LITTER = ("(loop $l (drop (struct.new $box (i32.const 1))) "
          "(br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))")


def thrown_through(opening, closing):
    """Two functions of that shape, which call each other, and an exception from the innermost."""
    count = SIZE // 2 // (len(opening) + len(closing))
    functions = "".join(f"(func {mine} (param i32) block {opening * count} {SWAP.format(other)} {closing * count} end)"
                        for mine, other in (("$f", "$g"), ("$g", "$f")))
    return text(f"(module (tag $a) (tag $b) {functions} {START})")


@bomb()
def throws_through_tries():
    """thousands of frames inside of thousands of try_tables that do not catch what is thrown"""
    return thrown_through("(block (try_table (catch $b 0) ", "))")


@bomb()
def throws_through_delegates():
    """the same with tries that delegate past the one around them"""
    return thrown_through("try ", " delegate 1")


@bomb()
def throws_through_clauses():
    """thousands of frames inside of a try_table with tens of thousands of clauses"""
    clauses = "(catch $b 0)" * (SIZE // 2 // 12)
    functions = "".join(f"(func {mine} (param i32) (block (try_table {clauses} {SWAP.format(other)})))"
                        for mine, other in (("$f", "$g"), ("$g", "$f")))
    return text(f"(module (tag $a) (tag $b) {functions} {START})")


@bomb()
def throws_over_and_over():
    """an exception that is thrown and caught a million times"""
    return text("(module (tag $a) (func (export \"_start\") (local $n i32) (local.set $n (i32.const 1000000)) "
                "(loop $l (block $caught (try_table (catch $a $caught) (throw $a))) "
                "(br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))")


def littering(before, after="", functions="", times=2_000_000):
    return text(f'(module (type $box (struct (field i32))) {functions} (func (export "_start") (local $n i32) '
                f"(local.set $n (i32.const {times})) {before} {LITTER} {after}))")


@bomb(run_options=["--max-heap", "1M"])
def collections_of_many_operands():
    """collections while 50,000 references wait on the operand stack"""
    return littering("(struct.new $box (i32.const 2)) " * 50_000, "drop " * 50_000)


@bomb(run_options=["--max-heap", "1M"])
def collections_of_deep_stacks():
    """collections while 5,000 frames, each behind a call of its own, keep references"""
    step = ("(if (i32.eq (local.get $d) (i32.const {})) (then (struct.new $box (i32.const 1)) "
            "(call $deep (i32.add (local.get $d) (i32.const 1))) (drop) (return)))")
    steps = "".join(step.format(i) for i in range(5_000))
    deep = f"(func $deep (param $d i32) (local $n i32) {steps} (local.set $n (i32.const 1000000)) {LITTER})"
    return text(f"(module (type $box (struct (field i32))) {deep} "
                '(func (export "_start") (call $deep (i32.const 0))))')


@bomb(run_options=["--max-heap", "1M"])
def collections_of_full_heaps():
    """collections while the heap is nearly full of objects in use"""
    keep = ("(loop $k (global.set $kept (struct.new $link (global.get $kept))) "
            "(br_if $k (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 60000))))")
    return text("(module (type $box (struct (field i32))) (type $link (struct (field (ref null $link)))) "
                "(global $kept (mut (ref null $link)) (ref.null $link)) "
                f'(func (export "_start") (local $n i32) (local $k i32) {keep} '
                f"(local.set $n (i32.const 2000000)) {LITTER}))")


@bomb(run_options=["--max-heap", "64M"])
def deep_structures():
    """lists of a million nodes, built and dropped"""
    return text("(module (type $link (struct (field (ref null $link)))) "
                '(func (export "_start") (local $n i32) (local $m i32) (local $l (ref null $link)) '
                "(loop $o (local.set $l (ref.null $link)) (local.set $n (i32.const 1000000)) "
                "(loop $i (local.set $l (struct.new $link (local.get $l))) "
                "(br_if $i (local.tee $n (i32.sub (local.get $n) (i32.const 1))))) "
                "(br_if $o (i32.lt_u (local.tee $m (i32.add (local.get $m) (i32.const 1))) (i32.const 10))))))")
