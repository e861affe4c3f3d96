#!/usr/bin/env python3
"""choose_pairs_test.py CHOOSE_PAIRS: the pairs chosen for a profile that can be checked by hand."""

import pathlib
import re
import subprocess
import sys
import tempfile

# A loop of three instructions that runs a hundred times, and a call behind it.
PROFILE = """\
place\tinstruction\tran\tnext\tway\tfollowed
0:0\ti32_load_s\t100\t0:2\tnext\t100
0:2\ti32_add_si\t100\t0:4\tnext\t100
0:4\tbr_i32_ne_as\t100\t0:0\tjump\t99
0:5\tcall\t1\t-\tnext\t0
0:7\tcopy\t1\t0:8\tnext\t1
0:8\treturn_s\t1\t-\tnext\t0
"""


def choose(program, profile, *options):
    with tempfile.TemporaryDirectory() as folder:
        rows = pathlib.Path(folder, "profile.tsv")
        rows.write_text(profile)
        output = pathlib.Path(folder, "pairs.def")
        subprocess.run([program, *options, "--output", output, rows], check=True, stdout=subprocess.DEVNULL)
        return re.findall(r"^FERMATA_PAIR\((\w+), (\w+), (\w+), (\w+)\)$", output.read_text(), re.MULTILINE)


def main():
    program = sys.argv[1]
    pairs = choose(program, PROFILE, "--count", "20", "--longest", "3", "--least", "0.001")
    names = [name for name, *_ in pairs]
    loop = {"i32_load_s__i32_add_si": "next", "i32_add_si__br_i32_ne_as": "next", "br_i32_ne_as__to__i32_load_s": "jump"}
    ways = {name: way for name, _, _, way in pairs}
    for name, way in loop.items():
        assert ways.get(name) == way, f"{name} is expected to be a {way} pair, the pairs are {pairs}"
    assert "i32_load_s__i32_add_si__br_i32_ne_as" in names, names
    for name, first, second, _ in pairs:
        assert not first.endswith("call"), f"{name}: nothing follows a call"
        assert "__" not in second, f"{name}: the second part is one instruction"
        known = "__" not in first or first in names[: names.index(name)]
        assert known, f"{name}: {first} is expected before it"
    assert len(choose(program, PROFILE, "--count", "2")) == 2
    short = choose(program, PROFILE, "--longest", "2")
    assert all("__" not in first for _, first, _, _ in short), short


if __name__ == "__main__":
    main()
