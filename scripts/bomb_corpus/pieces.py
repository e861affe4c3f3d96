"""What both kinds of bombs are made with: the list that they join, and the pieces of a binary module."""
import dataclasses
import typing

SIZE = 1_000_000  # of an input, in bytes, about

# What any command may take of any input.
MAX_SECONDS = 5  # of CPU time
MAX_MEGABYTES = 1000


@dataclasses.dataclass
class Bomb:
    name: str
    suffix: str
    what: str
    make: typing.Callable[[], bytes]
    run_options: list
    valid: bool | None  # what `validate --features all` has to say, or the bomb is none; None: either
    max_seconds: float
    max_megabytes: int


class Corpus(list):
    """A list of bombs; `@corpus.bomb()` adds a function whose name and first words are the bomb's."""

    def __init__(self, suffix):
        super().__init__()
        self.suffix = suffix

    def bomb(self, run_options=(), suffix=None, valid=True, max_seconds=MAX_SECONDS,
             max_megabytes=MAX_MEGABYTES):
        def add(function):
            self.append(Bomb(function.__name__, suffix or self.suffix, function.__doc__, function,
                             list(run_options), valid, max_seconds, max_megabytes))
            return function
        return add


# --- a binary module ---------------------------------------------------------------------------------

I32, I64, F32, F64, FUNCREF, EXTERNREF = b"\x7f", b"\x7e", b"\x7d", b"\x7c", b"\x70", b"\x6f"
END, DROP, UNREACHABLE, EMPTY_BLOCK = b"\x0b", b"\x1a", b"\x00", b"\x02\x40"
TYPE, IMPORT, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT, START, ELEMENT, CODE, DATA, DATA_COUNT = range(1, 13)
CUSTOM = 0


def u(number):
    """An unsigned number in LEB128."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def s(number):
    """A signed number in LEB128."""
    out = bytearray()
    while not -64 <= number < 64:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number & 0x7F)
    return bytes(out)


def sized(content):
    return u(len(content)) + content


def vector(items):
    items = list(items)
    return u(len(items)) + b"".join(items)


def name(text):
    return sized(text if isinstance(text, bytes) else text.encode())


def section(number, content):
    return bytes([number]) + sized(content)


def custom(title, content):
    return section(CUSTOM, name(title) + content)


def module(*sections):
    return b"\0asm\1\0\0\0" + b"".join(sections)


def func_type(params=b"", results=b""):
    """`params` and `results` are one byte for each."""
    return b"\x60" + sized(params) + sized(results)


def i32_const(number):
    return b"\x41" + s(number)


def local_get(index):
    return b"\x20" + u(index)


def local_set(index):
    return b"\x21" + u(index)


def call(index):
    return b"\x10" + u(index)


def code(*instructions, locals_=()):
    """A function's code entry; `locals_` are pairs of a count and a type."""
    runs = vector(u(count) + kind for count, kind in locals_)
    return sized(runs + b"".join(instructions) + END)


def types(*entries):
    return section(TYPE, vector(entries))


def functions(*type_indices):
    return section(FUNCTION, vector(u(i) for i in type_indices))


def codes(*entries):
    return section(CODE, vector(entries))


def export(title, index, kind=0):
    return name(title) + bytes([kind]) + u(index)


def exports(*entries):
    return section(EXPORT, vector(entries))


def start_exported(index):
    return exports(export("_start", index))


def memory(pages=1):
    return section(MEMORY, vector([b"\0" + u(pages)]))


def program(body, locals_=(), type_entries=()):
    """A module whose one function, `_start`, has this body. Its type is number 0, `type_entries` follow."""
    return module(types(func_type(), *type_entries), functions(0), start_exported(0),
                  codes(code(body, locals_=locals_)))


def function_names(pairs):
    """A name section; `pairs` are the index and the name of functions."""
    entries = vector(u(index) + name(text) for index, text in pairs)
    return custom("name", b"\1" + sized(entries))
