#!/usr/bin/env python3
"""mutants_test.py MUTANTS: the mutants' data is right, and the script makes of some what can be checked by hand."""

import importlib.machinery
import importlib.util
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

DATA = """\
# What a sum is.
tests: lib interp

mutant: difference
file: sum.cpp
- a + b
+ a - b

mutant: no_sum
file: sum.cpp
after: int sum(
- return a + b;
+ return 0;
tests: process
equivalent: nobody asks for
  the sum.

mutant: forgotten
file: sum.cpp
- clear();
+
"""
SOURCE = """\
int sum(int a, int b) {
  clear();
  return a
         + b;
}
"""


def load(path):
    loader = importlib.machinery.SourceFileLoader("mutants", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutants", loader))
    sys.modules["mutants"] = module
    loader.exec_module(module)
    return module


def read(script, data):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "sums.mutants").write_text(data)
        return script.read_all(pathlib.Path(folder))


def fault(script, data, source=SOURCE):
    """What is said of wrong data."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "sum.cpp").write_text(source)
        try:
            script.check(read(script, data), pathlib.Path(folder))
        except script.DataError as error:
            return str(error)
    return None


def check_fields(script):
    difference, no_sum, forgotten = read(script, DATA)
    assert (difference.area, difference.tests) == ("sums", ["lib", "interp"]), difference
    assert (no_sum.tests, no_sum.equivalent) == (["process"], "nobody asks for the sum."), no_sum
    assert (forgotten.original, forgotten.mutated) == ("clear();", ""), forgotten


def check_text(script):
    """An expression within a statement, whatever white space is in it; a statement that is left out."""
    mutants = read(script, DATA)
    difference, no_sum, forgotten = (f"::fermata::mutant({mutant.number}u)" for mutant in mutants)
    expected = f"""\
#include "mutant.hpp"
int sum(int a, int b) {{
  if ({forgotten}) {{  }} else {{ clear(); }}
  if ({no_sum}) {{ return 0; }} else {{ return ({difference} ? (a - b) : (a
         + b)); }}
}}
"""
    made = script.mutated_text(SOURCE, mutants)
    assert made == expected, made


def check_two_of_one(script):
    data = DATA + "\nmutant: product\nfile: sum.cpp\n- a + b\n+ a * b\n"
    made = script.mutated_text("a + b", [mutant for mutant in read(script, data) if mutant.original == "a + b"])
    assert made.count("a + b") == 1 and made.count("(a - b)") == 1 and made.count("(a * b)") == 1, made


def check_faults(script):
    assert fault(script, DATA) is None
    said = fault(script, DATA.replace("- a + b", "- a * b"))
    expected = "sums.mutants:4: mutant difference: sum.cpp is expected to have `a * b` once, it has it 0 times"
    assert said == expected, said
    said = fault(script, DATA, SOURCE + SOURCE)
    assert "mutant difference" in said and "it has it 2 times" in said and "mutant forgotten" in said, said
    said = fault(script, DATA.replace("after: int sum(", "after: + b;"))
    assert "sum.cpp has no `return a + b;` behind `+ b;`" in said, said
    said = fault(script, DATA.replace("- clear();", "- b) { clear();"))
    assert said is None, said
    said = fault(script, DATA.replace("- clear();", "- { clear(); return a"))
    assert "overlaps" in said, said
    for wrong, right in (("mutant forgotten: there is another of this name",
                          DATA.replace("mutant: difference", "mutant: forgotten")),
                         ("there is no other.cpp", DATA.replace("file: sum.cpp", "file: other.cpp")),
                         ("the areas of tests are", DATA.replace("tests: process", "tests: none")),
                         ("`colour` is no field", DATA.replace("after: ", "colour: "))):
        said = fault(script, right)
        assert said and wrong in said, said


def main():
    path = sys.argv[1]
    subprocess.run([sys.executable, path, "--check"], check=True)
    script = load(path)
    check_fields(script)
    check_text(script)
    check_two_of_one(script)
    check_faults(script)


if __name__ == "__main__":
    main()
