#!/usr/bin/env python3
"""choose_pairs_test.py CHOOSE_PAIRS [OP_PROFILE GUEST]: the pairs chosen for profiles that can be checked by hand; and
whether a profile of a guest can be read."""

import pathlib
import re
import subprocess
import sys
import tempfile

# A loop of three instructions that runs a hundred times, and a call behind it.
PROFILE = """\
0.5000 instructions for each of WebAssembly
i32_load_s\t100
i32_add_si\t100
br_i32_ne_as\t100\t0\tjump\t99
call\t1\t-\tnext\t0
copy\t1
return_s\t1\t-\tnext\t0
"""
# The same loop, and one that only this program has.
OTHER = """\
0.5000 instructions for each of WebAssembly
i32_load_s\t100
i32_add_si\t100
br_i32_ne_as\t100\t0\tjump\t100
f64_load_s\t300
f64_sqrt_a\t300
br_if_a\t300\t3\tjump\t300
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
    pairs = choose(program, PROFILE, "--count", "20", "--longest", "3")
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
    check_powers(program)
    check_added(program)
    check_refusals(program)
    check_judging(program)
    if len(sys.argv) > 2:
        check_profile(program, *sys.argv[2:])


# One program has much of a pair, three others have a little of another.
MUCH = "0.5 instructions for each of WebAssembly\nf64_load_s\t80\nf64_sqrt_a\t80\nreturn_s\t80\t-\tnext\t0\n"
LITTLE = "0.5 instructions for each of WebAssembly\ncopy\t10\nbr\t10\t-\tnext\t0\ni32_load_i\t90\t-\tnext\t0\n"


def run(program, *options, profiles):
    """What the script printed on profiles of these names, and its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder, f"{name}.tsv") for name in profiles]
        for path, text in zip(paths, profiles.values()):
            path.write_text(text)
        output = pathlib.Path(folder, "out.def")
        done = subprocess.run([program, *options, "--output", output, *paths], capture_output=True, text=True, check=False)
        return done, output.read_text() if output.exists() else ""


def check_powers(program):
    """What three programs have a little of comes before what one has much of, but not by plain sums."""
    profiles = {"a": MUCH, "b": LITTLE, "c": LITTLE, "d": LITTLE}
    _, table = run(program, "--count", "1", profiles=profiles)
    assert "FERMATA_PAIR(copy__br," in table, table
    _, table = run(program, "--count", "1", "--power", "1", profiles=profiles)
    assert "FERMATA_PAIR(f64_load_s__f64_sqrt_a," in table, table


def check_added(program):
    """Pairs are added to those that are kept, and only those that are asked for."""
    with tempfile.TemporaryDirectory() as folder:
        kept = pathlib.Path(folder, "kept.def")
        kept.write_text("FERMATA_PAIR(copy__br, copy, br, next)\n")
        _, table = run(program, "--keep", kept, "--count", "9", "--only", "sqrt", profiles={"a": MUCH, "b": LITTLE})
    names = re.findall(r"^FERMATA_PAIR\((\w+),", table, re.M)
    assert names[0] == "copy__br" and "f64_load_s__f64_sqrt_a" in names, names
    assert all(name == "copy__br" or "sqrt" in name for name in names), names


def check_refusals(program):
    """What nothing can be chosen by is named, and no table is written."""
    for options, profile, words in (((), "", "a profile of `op_profile --places` is expected"),
                                    (("--only", "no_such"), PROFILE, "no pair was found")):
        done, table = run(program, *options, profiles={"a": profile})
        assert done.returncode == 1 and words in done.stderr and not table, (done, table)


def check_profile(program, op_profile, guest):
    """What op_profile writes is what the script reads, and a real program has something in the table."""
    table = pathlib.Path(__file__).parents[2] / "interp/isa/pairs.def"
    with tempfile.TemporaryDirectory() as folder:
        profile = pathlib.Path(folder, "guest.tsv")
        subprocess.run([op_profile, "--places", "--output", profile, guest], check=True, stdout=subprocess.DEVNULL)
        printed = subprocess.run([program, "--judge", table, profile], check=True, capture_output=True, text=True).stdout
    share = float(re.search(r"^guest +([0-9.]+) of", printed, re.M)[1])
    assert 0.3 < share < 1, printed


def judged(program, *options):
    """What is left of the dispatches of each of the two programs."""
    with tempfile.TemporaryDirectory() as folder:
        for name, profile in (("a", PROFILE), ("b", OTHER), ("b_simd", OTHER)):
            pathlib.Path(folder, f"{name}.tsv").write_text(profile)
        command = [program, *options, *pathlib.Path(folder).glob("*.tsv")]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return {name: float(share) for name, share in re.findall(r"^(\w+) +([0-9.]+) of the dispatches", printed, re.M)}


def check_judging(program):
    """A program is dispatched with the pairs of the others, those of its family apart."""
    unseen = judged(program, "--folds", "2")
    assert unseen["a"] < 0.4, f"the other program has its loop, {unseen}"
    assert 0.75 < unseen["b"] < 0.9, f"the other program has a quarter of it, {unseen}"
    with tempfile.TemporaryDirectory() as folder:
        table = pathlib.Path(folder, "pairs.def")
        table.write_text("FERMATA_PAIR(f64_load_s__f64_sqrt_a, f64_load_s, f64_sqrt_a, next)\n")
        seen = judged(program, "--judge", table)
    assert seen["a"] == 1 and abs(seen["b"] - 0.75) < 0.01, f"a quarter of one program is in the table, {seen}"


if __name__ == "__main__":
    main()
