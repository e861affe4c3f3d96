#!/usr/bin/env python3
"""read_snapshot_test.py SOURCES: scripts/read_snapshot understands the committed snapshots.

It was written from docs/snapshot-format.md alone; what it prints of each of tests/snapshot/golden/*.snapshot is
NAME.txt beside it. With FERMATA_ADD_GOLDEN=1 in the environment those that are missing are written. The
names in golden/chain, a snapshot and deltas, are those that it makes of snapshots. It also refuses what is cut off.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCES = pathlib.Path(sys.argv[1])


def read(*arguments):
    command = [sys.executable, str(SOURCES / "scripts/read_snapshot"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def check_names(chain):
    """base, delta1, delta2, ...; folded is what they make."""
    name = read("--name", chain / "base").stdout.strip()
    for delta in sorted(chain.glob("delta*")):
        before, made = read(delta).stdout.splitlines()[:2]
        if before != f"delta to {name}":
            print(f"{delta.name}: {before}, expected {name}")
            return 1
        name = made.removeprefix("makes ")
    if read("--name", chain / "folded").stdout.strip() != name:
        print(f"folded: has another name than {name}")
        return 1
    return 0


def main():
    failed = 0
    snapshots = sorted((SOURCES / "tests/snapshot/golden").glob("*.snapshot"))
    for snapshot in snapshots:
        result = read(snapshot)
        expected = snapshot.with_suffix(".txt")
        if os.environ.get("FERMATA_ADD_GOLDEN") and not expected.exists():
            expected.write_text(result.stdout, encoding="utf-8")
        if result.returncode != 0 or not expected.exists() or result.stdout != expected.read_text(encoding="utf-8"):
            print(f"{snapshot.name}: {result.stderr or 'prints other text than ' + expected.name}")
            failed += 1
    failed += check_names(SOURCES / "tests/snapshot/golden/chain")
    data = snapshots[0].read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        for size in (0, 7, len(data) // 2, len(data) - 1):
            cut = pathlib.Path(folder, "cut")
            cut.write_bytes(data[:size])
            result = read(cut)
            if result.returncode != 1 or "malformed" not in result.stderr:
                print(f"cut to {size} bytes: expected that it is malformed")
                failed += 1
    print(f"{len(snapshots)} snapshots, {failed} failed")
    sys.exit(1 if failed or len(snapshots) < 15 else 0)


main()
