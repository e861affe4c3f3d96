#!/usr/bin/env python3
"""run_inputs.py SOURCES PROGRAM...: runs each fuzz target over its inputs: tests/regress/TARGET, fuzz/corpus/TARGET.

A PROGRAM is a target, with libFuzzer or without. Fails when one ends badly, or does not run an input, and for inputs
of a target that there is not.
"""
import pathlib
import subprocess
import sys

SOURCES = pathlib.Path(sys.argv[1])
TARGETS = {path.name.removesuffix("_fuzzer"): path for path in map(pathlib.Path, sys.argv[2:])}
KINDS = ("tests/regress", "fuzz/corpus")

failures = []
count = 0
for kind in KINDS:
    for folder in sorted(path for path in (SOURCES / kind).iterdir() if path.is_dir()):
        inputs = sorted(folder.iterdir())
        count += len(inputs)
        if folder.name not in TARGETS:
            if (SOURCES / f"fuzz/{folder.name}_fuzzer.cpp").exists():
                continue  # not built here
            failures.append(f"{kind}/{folder.name}: there is no such target")
            continue
        command = [TARGETS[folder.name], *inputs]
        run = subprocess.run(command, capture_output=True, text=True, check=False, errors="replace")
        left_out = [path.name for path in inputs if path.name not in run.stderr]
        if run.returncode == 0 and left_out:
            failures.append(f"{kind}/{folder.name}: did not run {left_out}")
        if run.returncode != 0:
            failures.append(f"{kind}/{folder.name}: exit code {run.returncode}\n{run.stderr[-4000:]}")
print(f"{count} inputs of {len(TARGETS)} targets")
sys.exit("\n".join(failures) if failures else 0)
