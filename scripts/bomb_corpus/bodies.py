"""Bombs in function bodies: branches with values, nesting, calls, stacks, and what runs."""
from bomb_corpus.pieces import *  # noqa: F403

BOMBS = Corpus(".wasm")
bomb = BOMBS.bomb

WIDE = 1000  # values that a block may have
BR, BR_IF, BR_TABLE, RETURN = b"\x0c", b"\x0d", b"\x0e", b"\x0f"
LOOP, BLOCK, IF, ELSE = b"\x03", b"\x02", b"\x04", b"\x05"
ZERO = i32_const(0)


def br_if(depth):
    return BR_IF + u(depth)


def br_table(labels, default):
    return BR_TABLE + vector(u(depth) for depth in labels) + u(default)


def wide_type(kinds=I32):
    return func_type(b"", (kinds * WIDE)[:WIDE])


# --- branches with values ----------------------------------------------------------------------------

@bomb()
def br_if_with_values():
    """250,000 br_if, each with 1,000 values"""
    body = BLOCK + u(1) + ZERO * WIDE + (ZERO + br_if(0)) * (SIZE // 4) + END + DROP * WIDE
    return program(body, type_entries=[wide_type()])


@bomb()
def br_if_with_mixed_values():
    """the same with values of two types"""
    pairs = (ZERO + b"\x42\0") * (WIDE // 2)
    body = BLOCK + u(1) + pairs + (ZERO + br_if(0)) * (SIZE // 4) + END + DROP * WIDE
    return program(body, type_entries=[wide_type(I32 + I64)])


@bomb()
def br_if_with_displaced_values():
    """the same with operands below, so that the values have to move"""
    body = BLOCK + u(1) + ZERO + ZERO * WIDE + (ZERO + br_if(0)) * (SIZE // 4) + br_table([], 0) + END + DROP * WIDE
    return program(body, type_entries=[wide_type()])


@bomb()
def br_if_out_of_function():
    """the same out of the function itself, which returns the values"""
    entry = code(ZERO, ZERO * WIDE, (ZERO + br_if(0)) * (SIZE // 4), RETURN)
    return module(types(func_type(), wide_type()), functions(0, 1), start_exported(0),
                  codes(code(call(1), DROP * WIDE), entry))


@bomb()
def br_if_over_locals():
    """br_if after each of which one of 1,000 values lies in a local again"""
    again = local_get(0) + ZERO + br_if(0) + DROP
    body = BLOCK + u(1) + ZERO * (WIDE - 1) + again * (SIZE // 7) + ZERO + END + DROP * WIDE
    return program(body, locals_=[(1, I32)], type_entries=[wide_type()])


@bomb()
def br_if_in_unreachable_code():
    """500,000 br_if with 1,000 values in code that cannot be reached"""
    body = BLOCK + u(1) + UNREACHABLE + br_if(0) * (SIZE // 2) + END + DROP * WIDE
    return program(body, type_entries=[wide_type()])


@bomb()
def br_if_unreachable_mixed():
    """br_if in unreachable code after each of which the 1,000 values are unknown again"""
    again = UNREACHABLE + br_if(0)
    body = BLOCK + u(1) + again * (SIZE // 3) + END + DROP * WIDE
    return program(body, type_entries=[wide_type(I32 + I64)])


@bomb()
def br_if_to_loop():
    """br_if to a loop with 1,000 parameters"""
    body = ZERO * WIDE + LOOP + u(1) + (ZERO + br_if(0)) * (SIZE // 4) + END + DROP * WIDE
    return program(body, type_entries=[func_type(I32 * WIDE, I32 * WIDE)])


@bomb(valid=None)
def br_if_to_two_labels():
    """br_if to two labels whose types differ in a subtype"""
    nullable, not_null = b"\x70" * WIDE, b"\x64\x70" * WIDE
    wide_ref = b"\x60\0" + u(WIDE)
    body = BLOCK + u(1) + BLOCK + u(2) + b"\xd2\0" * WIDE
    body += (b"\x20\0" + br_if(0) + b"\x20\0" + br_if(1)) * 60_000 + br_table([0], 0) + END + END + DROP * WIDE
    return module(types(func_type(), wide_ref + nullable, wide_ref + not_null), functions(0),
                  exports(export("_start", 0)), codes(code(body, locals_=[(1, I32)])))


@bomb()
def br_if_to_equal_types():
    """br_if in turn to two labels with 1,000 references whose types are equal and defined twice"""
    wide = [b"\x60\0" + u(WIDE) + (b"\x63" + u(index)) * WIDE for index in (0, 1)]
    body = BLOCK + u(3) + BLOCK + u(2) + b"\xd0\0" * WIDE
    body += (ZERO + br_if(0) + ZERO + br_if(1)) * (SIZE // 8) + END + END + DROP * WIDE
    return module(types(func_type(), func_type(), *wide), functions(0), start_exported(0), codes(code(body)))


@bomb()
def values_of_subtypes():
    """1,000 references from a call, which go to a label of their supertypes, over and over"""
    wide = [b"\x60\0" + u(WIDE) + type_ * WIDE for type_ in (b"\x64\0", b"\x70")]
    one = BLOCK + u(2) + call(0) + b"\x0c\0" + END + call(2)
    return module(types(func_type(), *wide, func_type(b"\x70" * WIDE)), functions(1, 0, 3), start_exported(1),
                  codes(code(UNREACHABLE), code(one * (SIZE // len(one))),
                        code()))


def br_tables_to(supertypes):
    labels = 90
    entries = [func_type(), b"\x60\0" + u(WIDE) + b"\x64\0" * WIDE] + [b"\x60\0" + u(WIDE) + supertypes] * labels
    unit = BLOCK + b"\x40" + call(0) + ZERO + br_table(range(1, labels + 1), 1) + END
    body = b"".join(BLOCK + s(2 + i) for i in range(labels)) + unit * ((SIZE - 120_000) // len(unit))
    return module(types(*entries), functions(1, 0), start_exported(1),
                  codes(code(UNREACHABLE), code(body, UNREACHABLE, (END + UNREACHABLE) * labels)))


@bomb()
def br_tables_to_many_types():
    """br_table over and over, each to 90 labels whose 1,000 types are defined anew and supertypes of the operands'"""
    return br_tables_to(b"\x70" * WIDE)


@bomb()
def br_tables_to_mixed_types():
    """the same, but no two of the types in a row are equal"""
    return br_tables_to(b"\x70\x64\x70" * (WIDE // 2))


@bomb()
def br_table_with_values():
    """a br_table of 1,000,000 targets, each with 1,000 values"""
    body = BLOCK + u(1) + BLOCK + u(1) + ZERO + ZERO * WIDE + ZERO + br_table([0, 1] * (SIZE // 2), 0)
    return program(body + END + END + DROP * WIDE, type_entries=[wide_type()])


@bomb()
def br_table_of_two_types():
    """the same with two labels whose types are equal and defined twice"""
    body = BLOCK + u(1) + BLOCK + u(2) + ZERO * WIDE + ZERO + br_table([0, 1] * (SIZE // 2), 0)
    return program(body + END + DROP * WIDE + ZERO * WIDE + END + DROP * WIDE,
                   type_entries=[wide_type(), wide_type()])


@bomb(valid=None)
def br_table_of_supertypes():
    """the same with two labels whose types are different supertypes of the operands'"""
    wide_ref = b"\x60\0" + u(WIDE)
    body = BLOCK + u(2) + BLOCK + u(1) + b"\xd2\0" * WIDE + ZERO + br_table([0, 1] * (SIZE // 2), 0)
    return module(types(func_type(), wide_ref + b"\x70" * WIDE, wide_ref + b"\x63\0" * WIDE), functions(0),
                  start_exported(0), codes(code(body, END, DROP * WIDE, UNREACHABLE, END, DROP * WIDE)))


@bomb()
def br_tables_with_values():
    """150,000 br_table, each with 1,000 values that have to move"""
    one = BLOCK + u(1) + ZERO + call(1) + ZERO + br_table([0], 0) + END + call(2)
    count = SIZE // len(one)
    return module(types(func_type(), wide_type(), func_type(I32 * WIDE)), functions(0, 1, 2), start_exported(0),
                  codes(code(one * count), code(ZERO * WIDE), code()))


@bomb()
def br_table_of_many_labels():
    """a br_table with 150,000 targets that are all different, each with values that have to move"""
    depth = SIZE // 7
    body = BLOCK + u(1)
    body = body * depth + ZERO + ZERO * 2 + ZERO + br_table(range(depth), 0) + (END) * depth + DROP * 2
    return program(body, type_entries=[func_type(b"", I32 * 2)])


@bomb()
def small_br_tables():
    """br_table over and over, with a target of one value that has to move"""
    one = BLOCK + I32 + ZERO + ZERO + ZERO + br_table([], 0) + END + DROP
    return program(one * (SIZE // len(one)))


# --- blocks ------------------------------------------------------------------------------------------

@bomb()
def nested_blocks():
    """330,000 blocks within each other"""
    return program(EMPTY_BLOCK * (SIZE // 3) + END * (SIZE // 3))


@bomb()
def nested_loops():
    """330,000 loops within each other"""
    return program(b"\x03\x40" * (SIZE // 3) + END * (SIZE // 3))


@bomb()
def nested_ifs():
    """150,000 ifs with else within each other"""
    depth = SIZE // 7
    return program((ZERO + b"\x04\x40") * depth + (ELSE + EMPTY_BLOCK + END + END) * (depth // 2)
                   + END * (depth - depth // 2))


@bomb()
def nested_blocks_with_values():
    """blocks of 1,000 parameters and results within each other"""
    depth = SIZE // 3
    return program(ZERO * WIDE + (BLOCK + u(1)) * depth + END * depth + DROP * WIDE,
                   type_entries=[func_type(I32 * WIDE, I32 * WIDE)])


@bomb()
def ifs_with_values():
    """ifs with 1,000 parameters and results, one after another"""
    one = ZERO + IF + u(1) + ELSE + END
    return program(ZERO * WIDE + one * (SIZE // len(one)) + DROP * WIDE,
                   type_entries=[func_type(I32 * WIDE, I32 * WIDE)])


@bomb()
def deep_label():
    """branches out of 200,000 blocks"""
    depth = SIZE // 10
    return program(EMPTY_BLOCK * depth + (ZERO + br_if(depth - 1)) * depth + END * depth)


@bomb()
def blocks_over_operands():
    """blocks above 59,000 operands that lie in a local"""
    return program(local_get(0) * 59_000 + (EMPTY_BLOCK + END) * 250_000 + DROP * 59_000, locals_=[(1, I32)])


@bomb()
def blocks_over_constants():
    """blocks above 59,000 constants, the topmost of which is replaced each time"""
    return program(ZERO * 59_000 + (EMPTY_BLOCK + END + DROP + ZERO) * 150_000 + DROP * 59_000)


@bomb()
def locals_set_under_operands():
    """local.set of a local that 59,000 operands lie in"""
    body = local_get(0) * 59_000 + (local_get(1) + local_set(0) + local_get(0) + DROP) * 110_000
    return program(body + DROP * 59_000, locals_=[(2, I32)])


@bomb()
def many_operands():
    """operands up to the largest frame, and down again"""
    return program((ZERO * 59_000 + DROP * 59_000) * 5)


# --- calls -------------------------------------------------------------------------------------------

@bomb()
def calls_with_values():
    """calls that give and take 1,000 values"""
    pair = call(1) + call(2)
    return module(types(func_type(), wide_type(), func_type(I32 * WIDE)), functions(0, 1, 2), start_exported(0),
                  codes(code(pair * (SIZE // 4)), code(ZERO * WIDE), code()))


@bomb()
def calls_with_many_results():
    """calls whose results stay operands, dropped one by one"""
    one = call(1) + DROP * WIDE
    return module(types(func_type(), wide_type()), functions(0, 1), start_exported(0),
                  codes(code(one * (SIZE // len(one))), code(ZERO * WIDE)))


@bomb(run_options=["--max-stack", "256M"])
def deep_recursion():
    """a function that calls itself until a stack of 256 MB is full"""
    return module(types(func_type()), functions(0), start_exported(0), codes(code(call(0))))


@bomb(run_options=["--max-stack", "256M"])
def recursion_with_locals():
    """the same with 50,000 locals in each frame"""
    return module(types(func_type()), functions(0), start_exported(0),
                  codes(code(call(0), locals_=[(50_000, I64)])))


def call_sites(count, padding=b""):
    """A function of one parameter that calls itself with one more from the call site of that number."""
    body = EMPTY_BLOCK * count + local_get(0) + br_table(range(count), count)
    body += (END + local_get(0) + i32_const(1) + b"\x6a" + call(1)) * count + padding
    return module(types(func_type(), func_type(I32)), functions(0, 1), start_exported(0),
                  codes(code(ZERO, call(1)), code(body, UNREACHABLE)))


@bomb(run_options=["--max-stack", "64M"])
def call_sites_in_depth():
    """a backtrace through 70,000 call sites of one function"""
    return call_sites(SIZE // 14)


@bomb(run_options=["--max-stack", "64M"])
def long_function_of_call_sites():
    """a backtrace through 300 call sites of a long function"""
    return call_sites(300, (ZERO + DROP) * (SIZE // 3))


# --- long straight code --------------------------------------------------------------------------------

@bomb()
def constants():
    """constants that are dropped"""
    return program((ZERO + DROP) * (SIZE // 3))


@bomb()
def nops():
    """1,000,000 nops"""
    return program(b"\x01" * SIZE)


@bomb()
def unreachable_code():
    """1,000,000 additions that cannot be reached"""
    return program(UNREACHABLE + b"\x6a" * SIZE + DROP)


@bomb()
def calls():
    """500,000 calls of a function that does nothing"""
    return module(types(func_type()), functions(0, 0), start_exported(0),
                  codes(code(call(1) * (SIZE // 2)), code()))


@bomb()
def memory_instructions():
    """loads and stores with large offsets"""
    one = ZERO + ZERO + b"\x28\2\x80\x80\x03" + b"\x36\2\xff\xff\xff\xff\x0f"
    return module(types(func_type()), functions(0), memory(), start_exported(0),
                  codes(code(one * (SIZE // len(one)))))


@bomb()
def selects():
    """selects with written types, each of one result"""
    one = ZERO + ZERO + ZERO + b"\x1c\1\x7f" + DROP
    return program(one * (SIZE // len(one)))


@bomb(valid=False)
def select_with_many_types():
    """a select that lists 900,000 types"""
    return program(ZERO * 3 + b"\x1c" + u(900_000) + I32 * 900_000 + DROP)


@bomb()
def memory_that_grows():
    """a memory that grows page by page as far as it can"""
    grow = i32_const(1) + b"\x40\0" + i32_const(-1) + b"\x47" + br_if(0)
    return module(types(func_type()), functions(0), memory(), start_exported(0),
                  codes(code(b"\x03\x40" + grow + END)))


@bomb()
def long_leb():
    """numbers with as many bytes as they may have"""
    return program((b"\x41\x80\x80\x80\x80\0" + DROP) * (SIZE // 7))
