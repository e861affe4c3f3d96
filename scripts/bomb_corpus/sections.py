"""Bombs in what a binary module declares: types, names, imports, exports, segments, tables, sections."""
from bomb_corpus.collisions import equal_hashes
from bomb_corpus.pieces import *  # noqa: F403

BOMBS = Corpus(".wasm")
bomb = BOMBS.bomb

VALUE_TYPES = I32 + I64 + F32 + F64


def distinct_types(count):
    """So many different function types, the shortest first."""
    made = 0
    for length in range(32):
        for params in range(length + 1):
            for number in range(4 ** length):
                letters = bytes(VALUE_TYPES[number >> 2 * i & 3] for i in range(length))
                yield func_type(letters[:params], letters[params:])
                made += 1
                if made == count:
                    return


# --- types -------------------------------------------------------------------------------------------

@bomb(max_megabytes=450)
def distinct_types_1m():
    """a million distinct types (10 MB, the one bomb above 1 MB: as many as a module can have)"""
    return module(types(*distinct_types(1_000_000)), functions(0), start_exported(0), codes(code()))


@bomb()
def distinct_types_1mb():
    """as many distinct types as 1 MB has room for"""
    return module(types(*distinct_types(130_000)), functions(0), start_exported(0), codes(code()))


@bomb()
def equal_types():
    """330,000 types that are all the same"""
    return module(types(*[func_type()] * (SIZE // 3)), functions(0), start_exported(0), codes(code()))


@bomb()
def wide_types():
    """types with 1,000 parameters and results"""
    wide = [func_type((VALUE_TYPES * 250)[i % 4:], (VALUE_TYPES * 250)[i // 4 % 4:]) for i in range(500)]
    return module(types(func_type(), *wide), functions(0), start_exported(0), codes(code()))


@bomb(valid=None)
def recursive_group():
    """one recursive group of 160,000 types, each of which has the one before as its supertype or a field"""
    arrays = [b"\x5e" + b"\x63" + s(max(i - 1, 0)) + b"\0" for i in range(SIZE // 6)]
    return module(section(TYPE, vector([b"\x4e" + vector(arrays)])))


@bomb(valid=None)
def subtype_chains():
    """types in chains of supertypes as deep as is allowed"""
    chain = [b"\x50\0" + b"\x5f\0" if i % 64 == 0 else b"\x50" + vector([u(i - 1)]) + b"\x5f\0"
             for i in range(SIZE // 7)]
    return module(types(*chain))


@bomb(valid=None)
def wide_structures():
    """structures of 10,000 fields, each a subtype of the one before"""
    fields = b"\x7f\0" * 10_000
    return module(types(*[b"\x50" + vector([u(i - 1)] if i % 60 else []) + b"\x5f" + u(10_000) + fields
                          for i in range(50)]))


# --- names -------------------------------------------------------------------------------------------

def recursion(local_count=0, body=call(0)):
    return [types(func_type()), functions(0), start_exported(0),
            codes(code(body, locals_=[(local_count, I64)] if local_count else []))]


@bomb()
def long_function_name():
    """a function with a name of 1 MB that calls itself until the stack is full"""
    return module(*recursion(), function_names([(0, "f" * SIZE)]))


@bomb()
def control_characters():
    """the same name out of control characters, which messages show as three"""
    return module(*recursion(), function_names([(0, "\1" * SIZE)]))


@bomb(valid=False)
def long_name_of_faulty_function():
    """a function with a name of 1 MB that is invalid"""
    return module(types(func_type()), functions(0), start_exported(0), codes(code(i32_const(0))),
                  function_names([(0, "f" * SIZE)]))


@bomb()
def equal_function_names():
    """60,000 functions that all have the same name"""
    count = SIZE // 14
    return module(types(func_type()), functions(*[0] * count), start_exported(0), codes(*[code()] * count),
                  function_names([(i, "name") for i in range(count)]))


@bomb()
def empty_names():
    """empty names of functions that do not exist"""
    return module(*recursion(body=b""), function_names([(i, "") for i in range(SIZE // 4)]))


@bomb()
def local_names():
    """a name for each of 50,000 locals, and maps of locals that are empty"""
    maps = [u(0) + vector(u(i) + name("x") for i in range(50_000))]
    maps += [u(i) + u(0) for i in range(1, SIZE // 5)]
    return module(*recursion(50_000, b""), custom("name", b"\2" + sized(vector(maps))))


@bomb()
def long_export_name():
    """an export with a name of 1 MB"""
    return module(types(func_type()), functions(0), exports(export("e" * SIZE, 0)), codes(code()))


@bomb(max_seconds=1)
def exports_of_equal_hashes():
    """28,000 exports whose names have the same hash where it is no secret"""
    return module(types(func_type()), functions(0),
                  exports(export("_start", 0), *[export(text, 0) for text in equal_hashes(28_000)]), codes(code()))


@bomb(max_seconds=1)
def function_names_of_equal_hashes():
    """the same as the names of functions"""
    names = equal_hashes(26_000)
    return module(types(func_type()), functions(*[0] * len(names)), start_exported(0), codes(*[code()] * len(names)),
                  function_names(enumerate(names)))


@bomb(max_seconds=1)
def local_names_of_far_functions():
    """names of locals of functions that do not exist, whose indexes are the same modulo a table's size"""
    size = 85_229  # which libstdc++ gives a table of so many entries
    maps = [u(size * i) + u(0) for i in range(50_000)]
    return module(*recursion(body=b""), custom("name", b"\2" + sized(vector(maps))))


@bomb()
def many_exports():
    """150,000 exports of one function"""
    names = (bytes([97 + i % 26, 97 + i // 26 % 26, 97 + i // 676 % 26, 97 + i // 17576 % 26])
             for i in range(SIZE // 7))
    return module(types(func_type()), functions(0),
                  exports(export("_start", 0), *[export(text, 0) for text in names]), codes(code()))


@bomb()
def exports_of_wide_type():
    """140,000 exports of a function with 1,000 parameters"""
    names = (bytes([97 + i % 26, 97 + i // 26 % 26, 97 + i // 676 % 26, 97 + i // 17576 % 26])
             for i in range(SIZE // 7))
    return module(types(func_type(), func_type(I32 * 1000)), functions(1, 0),
                  exports(export("_start", 1), *[export(text, 0) for text in names]),
                  codes(code(), code()))


@bomb()
def long_import_name():
    """an import with a name of 1 MB"""
    return module(types(func_type()), section(IMPORT, vector([name("m" * SIZE) + name("") + b"\0\0"])))


@bomb()
def many_imports():
    """250,000 imports without names"""
    return module(types(func_type()), section(IMPORT, vector([b"\0\0\0\0"] * (SIZE // 4))))


@bomb()
def imports_of_wide_type():
    """250,000 imports of functions with 1,000 parameters"""
    return module(types(func_type(I64 * 1000)), section(IMPORT, vector([b"\0\0\0\0"] * (SIZE // 4))))


@bomb()
def wasi_imports():
    """35,000 imports of one function of WASI"""
    entry = name("wasi_snapshot_preview1") + name("sched_yield") + b"\0\1"
    return module(types(func_type(), func_type(b"", I32)), section(IMPORT, vector([entry] * (SIZE // len(entry)))),
                  functions(0), memory(), start_exported(SIZE // len(entry)), codes(code()))


# --- functions and locals ----------------------------------------------------------------------------

@bomb()
def many_functions():
    """250,000 functions that do nothing"""
    count = SIZE // 4
    return module(types(func_type()), functions(*[0] * count), start_exported(0), codes(*[code()] * count))


@bomb()
def many_locals():
    """90,000 functions with 50,000 locals each"""
    count = SIZE // 10
    return module(types(func_type()), functions(*[0] * count), start_exported(0),
                  codes(*[code(locals_=[(50_000, I64)])] * count))


@bomb()
def many_locals_called():
    """functions with 50,000 locals, each of which is called once"""
    count = SIZE // 13
    entries = [code(*[call(i) for i in range(1, count)])]
    entries += [code(locals_=[(50_000, I64)])] * (count - 1)
    return module(types(func_type()), functions(*[0] * count), start_exported(0), codes(*entries))


@bomb()
def runs_of_locals():
    """declarations of locals by one and by none"""
    runs = [(1, (I32, I64)[i % 2]) for i in range(50_000)] + [(0, F32)] * (SIZE // 3)
    body = b"".join(local_get(i % 50_000) + DROP for i in range(SIZE // 25))
    return module(types(func_type()), functions(0), start_exported(0), codes(code(body, locals_=runs)))


# --- tables, memories, globals, segments --------------------------------------------------------------

@bomb()
def large_tables():
    """30 tables of 10,000,000 elements"""
    return module(types(func_type()), functions(0),
                  section(TABLE, vector([FUNCREF + b"\0" + u(10_000_000)] * 30)), start_exported(0),
                  codes(code()))


@bomb()
def many_tables():
    """100,000 tables of 2,000 elements"""
    return module(types(func_type()), functions(0),
                  section(TABLE, vector([FUNCREF + b"\0" + u(2000)] * 100_000)), start_exported(0),
                  codes(code()))


@bomb(run_options=["--max-memory", "64K"])
def tables_that_grow():
    """30 tables that grow by 10,000,000 elements"""
    grow = b"\xd0\x70" + i32_const(9_999_999) + b"\xfc\x0f"
    return module(types(func_type()), functions(0), section(TABLE, vector([FUNCREF + b"\0\0"] * 30)),
                  start_exported(0), codes(code(*[grow + u(i) + DROP for i in range(30)])))


@bomb()
def large_memory():
    """a memory of 4 GB from the start"""
    return module(types(func_type()), functions(0), memory(65_536), start_exported(0), codes(code()))


@bomb()
def many_globals():
    """200,000 globals"""
    return module(types(func_type()), functions(0),
                  section(GLOBAL, vector([I32 + b"\1" + i32_const(0) + END] * (SIZE // 5))),
                  start_exported(0), codes(code()))


@bomb(valid=None)
def long_constant_expression():
    """a global whose value is the sum of 330,000 constants"""
    terms = i32_const(0) + (i32_const(1) + b"\x6a") * (SIZE // 3) + END
    return module(types(func_type()), functions(0), section(GLOBAL, vector([I32 + b"\0" + terms])),
                  start_exported(0), codes(code()))


@bomb(valid=None)
def deep_constant_expression():
    """a global whose value needs 330,000 operands at once"""
    terms = i32_const(0) * (SIZE // 3) + b"\x6a" * (SIZE // 3 - 1) + END
    return module(types(func_type()), functions(0), section(GLOBAL, vector([I32 + b"\0" + terms])),
                  start_exported(0), codes(code()))


@bomb()
def many_data_segments():
    """100,000 data segments, each written to the memory"""
    return module(types(func_type()), functions(0), memory(), start_exported(0), codes(code()),
                  section(DATA, vector([b"\0" + i32_const(0) + END + sized(b"data")] * 100_000)))


@bomb()
def many_element_segments():
    """250,000 element segments without elements"""
    return module(types(func_type()), functions(0), section(TABLE, vector([FUNCREF + b"\0\1"])),
                  start_exported(0), section(ELEMENT, vector([b"\0" + i32_const(0) + END + b"\0"] * (SIZE // 5))),
                  codes(code()))


@bomb()
def passive_element_segments():
    """330,000 passive element segments"""
    return module(types(func_type()), functions(0), start_exported(0),
                  section(ELEMENT, vector([b"\1\0\0"] * (SIZE // 3))), codes(code()))


@bomb()
def large_element_segment():
    """a segment of 1,000,000 functions, written to a table"""
    return module(types(func_type()), functions(0), section(TABLE, vector([FUNCREF + b"\0" + u(SIZE)])),
                  start_exported(0), section(ELEMENT, vector([b"\0" + i32_const(0) + END + vector([b"\0"] * SIZE)])),
                  codes(code()))


@bomb()
def element_expressions():
    """a segment of 330,000 expressions"""
    return module(types(func_type()), functions(0), section(TABLE, vector([FUNCREF + b"\0" + u(SIZE)])),
                  start_exported(0),
                  section(ELEMENT, vector([b"\4" + i32_const(0) + END + vector([b"\xd2\0\x0b"] * (SIZE // 3))])),
                  codes(code()))


# --- sections ----------------------------------------------------------------------------------------

@bomb()
def custom_sections():
    """330,000 custom sections without a name"""
    return module(*recursion(body=b""), b"\0\1\0" * (SIZE // 3))


@bomb()
def name_sections():
    """name sections over and over"""
    return module(*recursion(body=b""), function_names([(0, "f")]) * (SIZE // 13))


@bomb()
def branch_hints():
    """custom sections of a name that means something, with nonsense"""
    return module(*recursion(body=b""), custom("metadata.code.branch_hint", b"\xff" * 30) * (SIZE // 60))


@bomb(valid=False)
def counts_without_entries():
    """a vector of types that says it is as long as it can be"""
    return module(section(TYPE, u(1_000_000) + func_type() * 100), section(CUSTOM, name("x") + bytes(SIZE)))


@bomb(valid=False)
def no_module():
    """1 MB of zeros"""
    return bytes(SIZE)


# --- components of the component model, which are refused, and shown by dump ---------------------------

def component(*sections):
    return b"\0asm\x0d\0\1\0" + b"".join(sections)


@bomb(valid=False)
def component_sections():
    """a component with 500,000 empty sections"""
    return component(b"\2\0" * (SIZE // 2))


@bomb(valid=False)
def component_core_modules():
    """a component with 100,000 empty core modules"""
    return component(section(1, module()) * (SIZE // 10))


@bomb(valid=False)
def component_core_module():
    """a component with ten core modules of 33,000 types each, all of which are read"""
    return component(section(1, module(types(*[func_type()] * (SIZE // 30)))) * 10)


@bomb(valid=False)
def component_exports():
    """a component that exports 160,000 times what has no name, and 500 long names"""
    return component(section(11, vector([b"\0\0\5\0\0"] * (SIZE // 6))),
                     section(11, vector([b"\0" + name("\u00e9" * 150) + b"\5\0\0"] * 500)))


@bomb(valid=False)
def component_nesting():
    """components in components, as many as 1 MB has room for"""
    pieces, size = [], 0
    while size < SIZE:
        head = b"\4" + u(size + 8) + b"\0asm\x0d\0\1\0"
        pieces.append(head)
        size += len(head)
    return component(*reversed(pieces))
