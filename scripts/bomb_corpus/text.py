"""Bombs in the text format and in test scripts."""
from bomb_corpus.collisions import equal_hashes
from bomb_corpus import pieces
from bomb_corpus.pieces import SIZE, Corpus

BOMBS = Corpus(".wat")
bomb = BOMBS.bomb


def repeated(part, size=SIZE):
    return part * (size // len(part))


def text(*parts):
    return "".join(parts).encode()


def start(*body):
    return text('(module (func (export "_start") ', *body, "))")


def pairs(opening, closing, inside=""):
    count = SIZE // (len(opening) + len(closing))
    return opening * count + inside + closing * count


# --- tokens ------------------------------------------------------------------------------------------

@bomb(valid=False)
def parentheses():
    """1,000,000 opening parentheses"""
    return b"(" * SIZE


@bomb(valid=False)
def parentheses_in_module():
    """parentheses that are closed, where none belong"""
    return text("(module ", pairs("(", ")"), ")")


@bomb()
def nested_comments():
    """comments within comments"""
    return text("(module ", pairs("(;", ";)"), ")")


@bomb(valid=False)
def open_comments():
    """comments that do not end"""
    return b"(;" * (SIZE // 2)


@bomb()
def nested_annotations():
    """annotations within annotations"""
    return text("(module ", pairs("(@a ", ")"), ")")


@bomb()
def annotations():
    """80,000 annotations, one after another"""
    return text("(module ", repeated("(@a (b) c) "), ")")


@bomb()
def name_annotations():
    """functions that are named by annotations"""
    return text("(module ", repeated('(func (@name "f"))'), ")")


@bomb()
def custom_annotations():
    """custom sections"""
    return text("(module ", repeated('(@custom "" "a")'), ")")


@bomb()
def branch_hint_annotations():
    """branch hints"""
    return start(repeated('i32.const 0 (@metadata.code.branch_hint "\\00") if end '))


@bomb()
def long_identifier():
    """an identifier of 1 MB, used twice"""
    return text("(module (func $", "f" * (SIZE // 2), ") (export \"_start\" (func $", "f" * (SIZE // 2), ")))")


@bomb(valid=False)
def duplicate_identifier():
    """an identifier of 500 KB, bound twice"""
    return text("(module ", f"(func ${'f' * (SIZE // 2)})" * 2, ")")


@bomb(valid=False)
def long_keyword():
    """a word of 1 MB that is none"""
    return text("(module (", "f" * SIZE, "))")


@bomb()
def long_string():
    """a data segment of escapes"""
    return text('(module (memory 10) (data (i32.const 0) "', repeated("\\00"), '"))')


@bomb(valid=False)
def open_string():
    """a string that does not end"""
    return text('(module (data "', "s" * SIZE)


@bomb()
def strings():
    """a data segment of 330,000 strings"""
    return text("(module (data ", repeated('"" '), "))")


@bomb(valid=False)
def long_line():
    """a mistake at the end of a line of 1 MB"""
    return start(repeated("nop "), "i32.const")


@bomb(valid=False)
def mistake_after_many_lines():
    """a mistake after 200,000 lines"""
    return start(repeated("nop\n"), "i32.const")


# --- numbers -----------------------------------------------------------------------------------------

@bomb()
def long_integer():
    """an integer with 1,000,000 leading zeros"""
    return start("i32.const ", "0" * SIZE, "1 drop")


@bomb(valid=False)
def large_integer():
    """an integer of 1,000,000 digits"""
    return start("i32.const ", "9" * SIZE, " drop")


@bomb()
def long_float():
    """a floating-point number of 1,000,000 digits"""
    return start("f64.const 1.", "3" * SIZE, " drop")


@bomb()
def long_float_with_exponent():
    """a number that is 1 with 900,000 digits before the point and an exponent that takes them back"""
    return start("f64.const 1", "0" * (SIZE - 1), "e-", str(SIZE - 1), " drop")


@bomb(valid=False)
def long_exponent():
    """an exponent of 1,000,000 digits"""
    return start("f64.const 1e", "9" * SIZE, " drop")


@bomb()
def long_hexadecimal_float():
    """a hexadecimal floating-point number of 1,000,000 digits"""
    return start("f32.const 0x1.", "8" * SIZE, "p-1 drop")


@bomb()
def floats_of_800_digits():
    """numbers halfway between two others, which need all of their digits"""
    halfway = "1.00000000000000011102230246251565404236316680908203125" + "0" * 740 + "1"
    return start(repeated(f"f64.const {halfway} drop "))


# --- identifiers and types ---------------------------------------------------------------------------

@bomb()
def function_identifiers():
    """60,000 functions with identifiers, each of which calls the next"""
    count = SIZE // 40
    return text('(module (func (export "_start"))', *(f"(func $f{i} call $f{(i + 1) % count})" for i in range(count)), ")")


@bomb(max_seconds=1)
def identifiers_of_equal_hashes():
    """functions whose identifiers have the same hash where it is no secret"""
    return b"(module " + b"".join(b"(func $" + name + b")" for name in equal_hashes(25_000)) + b")"


@bomb(max_seconds=1)
def labels_of_equal_hashes():
    """the same of labels"""
    names = equal_hashes(23_000)
    return b"(module (func " + b"".join(b"block $" + name + b" " for name in names) + b"end " * len(names) + b"))"


@bomb()
def label_identifiers():
    """labels of 40,000 blocks within each other, and branches to the outermost"""
    count = SIZE // 26
    return start("block $outermost ", "block $a " * count, "br $outermost " * (count // 2), "end " * count, "end")


@bomb()
def local_identifiers():
    """50,000 locals with identifiers, and uses of the last"""
    return start(*(f"(local $x{i} i32)" for i in range(30_000)), repeated("local.get $x29999 drop ", SIZE // 3))


@bomb()
def declared_locals():
    """functions with 50,000 locals, declared in the binary and not here: 40,000 in one list, again and again"""
    return text("(module ", f"(func (local {repeated('i32 ', 200_000)}))" * 5, ")")


@bomb()
def type_uses():
    """function types written where they are used, all different"""
    letters = ["i32", "i64", "f32", "f64"]

    def params(number):
        words = []
        while number:
            words.append(letters[number & 3])
            number >>= 2
        return " ".join(words)

    return text("(module ", *(f"(func (param {params(i)}))" for i in range(1, SIZE // 50)), ")")


@bomb()
def block_types():
    """blocks whose types have 1,000 parameters, written out"""
    wide = " i32" * 990
    block = f"(block (param{wide}) (result{wide}))"
    return start("i32.const 0 " * 990, repeated(block, 900_000), "drop " * 990)


@bomb()
def type_definitions():
    """types, all the same"""
    return text("(module ", repeated("(type (func))"), ")")


@bomb()
def inline_imports_and_exports():
    """functions with exports written in place"""
    return text("(module ", *(f'(func (export "{i}"))' for i in range(SIZE // 24)), ")")


@bomb()
def inline_data():
    """tables with elements written in place"""
    return text("(module ", repeated("(table funcref (elem))", SIZE // 2), ")")


@bomb()
def large_offsets():
    """memory instructions with offsets"""
    return text("(module (memory 1) (func ", repeated("i32.const 0 i32.load offset=4294967295 align=1 drop "), "))")


# --- instructions ------------------------------------------------------------------------------------

@bomb()
def folded_instructions():
    """folded instructions within each other"""
    return start(pairs("(i32.eqz ", ")", "(i32.const 0)"), " drop")


@bomb()
def folded_blocks():
    """folded blocks within each other"""
    return start(pairs("(block ", ")"))


@bomb()
def folded_ifs():
    """folded ifs within each other"""
    return start(pairs("(if (i32.const 0) (then ", "))"))


@bomb()
def folded_conditions():
    """ifs within the conditions of ifs"""
    return start(pairs("(if (result i32) ", " (then (i32.const 0)) (else (i32.const 0)))", "(i32.const 0)"), " drop")


@bomb()
def plain_blocks():
    """blocks within each other"""
    return start(pairs("block ", "end "))


@bomb()
def branch_table():
    """a br_table of 500,000 targets"""
    return start("i32.const 0 br_table", repeated(" 0"))


@bomb()
def nops():
    """250,000 nops"""
    return start(repeated("nop "))


@bomb(valid=False)
def quoted_module():
    """a module that is quoted"""
    return text("(module quote ", repeated('"(func)" '), ")")


@bomb(suffix=".wast")
def binary_module():
    """a module that is written as bytes, one a string"""
    return text('(module binary "\\00asm\\01\\00\\00\\00" ', '"\\00" "\\01" "\\00" ' * (SIZE // 21), ")")


# --- scripts -----------------------------------------------------------------------------------------

@bomb(suffix=".wast")
def modules():
    """110,000 modules"""
    return text(repeated("(module)\n"))


@bomb(suffix=".wast")
def modules_with_memories():
    """modules with a memory, which all stay"""
    return text(repeated("(module (memory 1))\n"))


@bomb(suffix=".wast")
def modules_with_large_memories():
    """modules with a memory of 1 GB"""
    return text(repeated("(module (memory 16384))\n"))


@bomb(suffix=".wast")
def failures_with_values():
    """33,000 assertions that fail with a thousand long values each"""
    values = "(f64.const -1.7976931348623157e+308)" * 1000
    function = f'(module (func (export "f") (result {"f64 " * 1000}) {values}))'
    return text(function, '(assert_return (invoke "f"))' * ((SIZE - len(function)) // 28))


@bomb(suffix=".json")
def script_of_itself():
    """a script whose modules are the script, 24,000 times"""
    module = '{"type":"module","filename":"script_of_itself.json"}'
    return text('{"commands":[', ",".join([module] * (SIZE // 53)), "]}")


@bomb(suffix=".wast")
def modules_with_tables():
    """modules with a table of 10,000,000 elements"""
    return text(repeated("(module (table 10000000 funcref))\n"))


@bomb(suffix=".wast")
def instances():
    """100,000 instances of one module"""
    return text("(module definition $m)", repeated("(module instance $i $m)\n"))


@bomb(suffix=".wast")
def registrations():
    """names that a module is registered as"""
    return text("(module $m)", *(f'(register "{i}" $m)\n' for i in range(SIZE // 22)))


@bomb(suffix=".wast")
def invocations():
    """70,000 invocations"""
    return text('(module (func (export "f")))\n', repeated('(invoke "f")\n'))


@bomb(suffix=".wast")
def invocations_with_arguments():
    """an invocation with 60,000 arguments"""
    return text('(module (func (export "f")))\n', '(invoke "f"', repeated(" (i32.const 0)"), ")")


@bomb(suffix=".wast")
def wrong_results():
    """assertions that all fail"""
    return text('(module (func (export "f") (result i32) i32.const 1))\n',
                repeated('(assert_return (invoke "f") (i32.const 2))\n'))


@bomb(suffix=".wast")
def quoted_modules():
    """assertions about quoted modules"""
    return text(repeated('(assert_malformed (module quote "(") "x")\n'))


@bomb(suffix=".wast")
def invalid_modules():
    """assertions about invalid modules"""
    return text(repeated('(assert_invalid (module (func (result i32))) "type mismatch")\n'))


@bomb(suffix=".wast", max_seconds=3)
def malformed_modules_on_one_line():
    """modules with a mistake, whose line and column are told, all on one line"""
    return text(repeated("(module (f))"))


@bomb(suffix=".wast")
def many_memories():
    """instances with 10,000 memories each, for which the budget has no room soon"""
    memories = "(memory 1)" * 10_000
    return text(f"(module definition $m {memories})", "(module instance $i $m)\n" * (SIZE // 30))


@bomb(suffix=".wast")
def registrations_of_many_exports():
    """names that a module of 20,000 exports is registered as"""
    exports = "".join(f'(export "{i}" (func 0))' for i in range(20_000))
    return text(f"(module $m (func) {exports})", *(f'(register "{i}" $m)\n' for i in range(SIZE // 42)))


@bomb(suffix=".wast")
def instances_of_many_globals():
    """20,000 instances of a module with 19,000 globals, of which the budget has room for 3,000"""
    return text("(module ", "(global i32 i32.const 0)" * 19_000, ")", "(module instance)\n" * 20_000)


@bomb(suffix=".wast")
def instances_of_many_tables():
    """instances of a module with 29,000 tables without elements"""
    return text("(module ", "(table 0 funcref)" * 29_000, ")", "(module instance)\n" * 25_000)


@bomb(suffix=".wast")
def instances_of_many_functions():
    """instances of a module with 8,000 exported functions, of which another one imports all each time"""
    exporter = "".join(f'(func (export "{i}"))' for i in range(8_000))
    importer = "".join(f'(import "a" "{i}" (func))' for i in range(8_000))
    return text(f"(module definition $a {exporter})(module definition $b {importer})",
                repeated('(module instance $i $a)(register "a" $i)(module instance $j $b)', SIZE // 2))


@bomb(suffix=".wast", max_seconds=3)
def catches_of_a_wide_tag():
    """190,000 catch clauses of a tag with 1,000 references, which match the label's without being equal"""
    p = pieces
    wide_params = b"\x60" + p.u(1000) + b"\x64\x70" * 1000 + p.u(0)  # (ref func)
    wide_results = p.func_type(results=p.FUNCREF * 1000)
    depth = 34  # so that tag 33 and label 33 are one printable character each, as clauses are in the text
    clauses = b"\0!!" * 190_000
    try_table = b"\x1f\x40" + p.u(190_000) + clauses + p.END
    body = b"\x02\x02" * depth + try_table + p.UNREACHABLE + p.END * depth + p.UNREACHABLE
    tags = p.section(13, p.vector([b"\0\1"] * depth))
    module = p.module(p.types(p.func_type(), wide_params, wide_results), p.functions(0), tags, p.codes(p.code(body)))
    return b'(module binary "' + b"".join(
        bytes([b]) if 0x20 <= b < 0x7F and b not in b'"\\' else b"\\%02x" % b for b in module) + b'")'


@bomb(suffix=".wast")
def deep_script():
    """a script of parentheses"""
    return b"(" * SIZE


@bomb(suffix=".json")
def nested_json():
    """an assembled script of arrays in arrays"""
    return text('{"commands": ', pairs("[", "]"), "}")


@bomb(suffix=".wast")
def unknown_commands():
    """commands that are none"""
    return text(repeated("(unknown) "))
