#!/usr/bin/env python3
"""checkpoint_test.py COUNTER FERMATA...: programs that are stopped and killed at random moments, and go on.

COUNTER is counter.wat; FERMATA the command, with an emulator before it where there is one.
"""
import json
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys

from fixture import Folder, check

COUNTER, TOOL = sys.argv[1], [os.path.abspath(word) if os.path.exists(word) else word for word in sys.argv[2:]]
SOURCES = pathlib.Path(__file__).resolve().parent.parent.parent
KILLS = 200
STOPS = 20
LINES = [f"{number:07}" for number in range(1, 401)]
ENDED = sum(range(1, 401)) & 255
MOMENTS = random.Random(1)

READER = """(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1) (data (i32.const 0) "\\10\\00\\00\\00\\01\\00\\00\\00")
  (func (export "_start")
    (if (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then (unreachable)))
    (call $exit (i32.load8_u (i32.const 16)))))"""

# Opens `file` in its directory, writes the digits from 0 to 9 into it, one at a time, and reads them
# with another descriptor; computes for a while before each. Ends with the sum of what it has read.
FILES = """(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1) (data (i32.const 64) "file")
  (global $i (mut i32) (i32.const 0)) (global $sum (mut i32) (i32.const 0))
  (func $must (param $error i32) (if (local.get $error) (then (call $exit (local.get $error)))))
  (func $spin (param $n i32)
    (loop $again (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "_start")
    (call $must (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 4) (i32.const 9)
      (i64.const 0x40) (i64.const 0) (i32.const 0) (i32.const 80)))
    (call $must (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 4) (i32.const 0)
      (i64.const 0x02) (i64.const 0) (i32.const 0) (i32.const 84)))
    (i32.store (i32.const 0) (i32.const 96)) (i32.store (i32.const 4) (i32.const 1))
    (loop $next
      (i32.store8 (i32.const 96) (i32.add (i32.const 48) (global.get $i)))
      (call $spin (i32.const 200000))
      (call $must (call $write (i32.load (i32.const 80)) (i32.const 0) (i32.const 1) (i32.const 8)))
      (i32.store8 (i32.const 96) (i32.const 0))
      (call $spin (i32.const 200000))
      (call $must (call $read (i32.load (i32.const 84)) (i32.const 0) (i32.const 1) (i32.const 8)))
      (global.set $sum (i32.add (global.get $sum) (i32.sub (i32.load8_u (i32.const 96)) (i32.const 48))))
      (global.set $i (i32.add (global.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (global.get $i) (i32.const 10))))
    (call $exit (global.get $sum))))"""

# Sleeps for an hour.
SLEEPER = """(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 3600000000000))
    (drop (call $poll (i32.const 0) (i32.const 256) (i32.const 1) (i32.const 512)))))"""

# Three threads add to a sum, a hundred times each; it ends with 98.
THREADS = """(module
  (import "env" "memory" (memory 1 1 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (export "memory" (memory 0))
  (func $spin (param $n i32)
    (loop $again (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "wasi_thread_start") (param $thread i32) (param $k i32) (local $i i32)
    (loop $next
      (call $spin (i32.const 30000))
      (drop (call $yield))
      (drop (i32.atomic.rmw.add (i32.const 8) (local.get $k)))
      (drop (memory.atomic.wait32 (i32.const 12) (i32.const 0) (i64.const 100000)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
    (drop (i32.atomic.rmw.sub (i32.const 4) (i32.const 1)))
    (drop (memory.atomic.notify (i32.const 4) (i32.const 1))))
  (func $start (param $k i32)
    (drop (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))
    (if (i32.lt_s (call $spawn (local.get $k)) (i32.const 1)) (then (unreachable))))
  (func (export "_start") (local $left i32)
    (call $start (i32.const 1)) (call $start (i32.const 2)) (call $start (i32.const 3))
    (loop $again
      (if (local.tee $left (i32.atomic.load (i32.const 4))) (then
        (drop (memory.atomic.wait32 (i32.const 4) (local.get $left) (i64.const -1)))
        (br $again))))
    (call $exit (i32.rem_u (i32.atomic.load (i32.const 8)) (i32.const 251)))))"""


def start(*arguments, **more):
    return subprocess.Popen([*TOOL, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            **{"stdin": subprocess.DEVNULL, **more})


def run(*arguments, **more):
    process = start(*arguments, **more)
    out, err = process.communicate()
    return process.returncode, out, err


def run_or_go_on(folder, *options):
    """Starts the counter, or goes on with it where there is a checkpoint."""
    options = ["--checkpoint", folder.state, *options]
    if folder.state.exists():
        return start("resume", *options, folder.state)
    return start("run", *options, COUNTER)


def stop_after(process, seconds, number):
    """Sends it the signal after so long. Its exit code and output."""
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
        out, err = process.communicate()
    return process.returncode, out.splitlines(), err


def stopped_by_signals():
    """What was written before the stop is not written again, nothing is lost, in whatever pieces."""
    stops = ends = 0
    while stops < STOPS or ends == 0:
        with Folder() as folder:
            lines, code = [], None
            while code != ENDED:
                number = MOMENTS.choice([signal.SIGINT, signal.SIGTERM])
                moment = MOMENTS.uniform(0, 0.2) if stops < STOPS else None
                code, more, err = stop_after(run_or_go_on(folder), moment, number)
                if code == -number:  # before the command was ready for it
                    continue
                check(code in (128 + number, ENDED), f"exit code {code}: {err}")
                stops += code != ENDED
                lines += more
            check(lines == LINES, f"printed {lines}")
            ends += 1
    print(f"stopped {stops} times, ended right {ends} times")


def killed():
    """However it is killed, there is a whole checkpoint, or the one before."""
    kills = ends = 0
    while kills < KILLS or ends == 0:
        with Folder() as folder:
            printed, code = 0, None
            while code != ENDED:
                moment = MOMENTS.uniform(0, 0.2) if kills < KILLS else None
                code, lines, err = stop_after(run_or_go_on(folder, "--every", "1ms"), moment, signal.SIGKILL)
                check(code in (-signal.SIGKILL, ENDED), f"exit code {code}: {err}")
                kills += code != ENDED
                if folder.state.exists():
                    shown, _, err = run("snapshot", folder.state)
                    check(shown == 0, f"after {kills} kills: {err}")
                if lines and len(lines[-1]) < 7:
                    lines.pop()
                first = int(lines[0]) if lines else printed + 1
                check(lines == LINES[first - 1 : first - 1 + len(lines)] and first <= printed + 1,
                      f"printed {lines} after {printed}")
                printed = max(printed, first + len(lines) - 1)
            check(printed == len(LINES), f"printed {printed} lines")
            ends += 1
    print(f"killed {kills} times, ended right {ends} times")


def pieces_of_fuel():
    """In many pieces a program prints, uses and ends with the same as in one; one with threads that sleep and wait for
    each other, whose turns are by the clock, ends with the same."""
    with Folder() as folder:
        threads = folder.write("threads.wat", THREADS)
        for program, fuel in ((COUNTER, "5M"), (threads, "1M")):
            whole = run("run", "--show-fuel", program)
            options = ["--show-fuel", "--fuel", fuel, "--checkpoint", folder.state]
            folder.state.unlink(missing_ok=True)
            code, out, err = run("run", *options, program)
            pieces = 1
            while code == 124:
                code, more, err = run("resume", *options, folder.state)
                out += more
                pieces += 1
            if program == threads:
                err = whole[2]
            check((code, out, err) == whole and pieces > 20,
                  f"in {pieces} pieces: {code} {err}, in one: {whole[0]} {whole[2]}")


def compressed():
    """A compressed checkpoint is smaller, and the program goes on from it as from another, and is saved over it."""
    with Folder() as folder:
        options = ["--fuel", "5M", "--checkpoint", folder.state]
        code, _, err = run("run", *options, "--compress", COUNTER)
        if code == 2 and "does not have zstd" in err:
            print("compressed checkpoints: left out, the build does not have zstd")
            return
        check(code == 124, f"exit code {code}: {err}")
        small = folder.state.stat().st_size
        plain = folder.path / "plain"
        code, _, err = run("run", "--fuel", "5M", "--checkpoint", plain, COUNTER)
        check(small < plain.stat().st_size, f"{small} bytes, not compressed {plain.stat().st_size}")
        shown = run("snapshot", folder.state)[1].splitlines()[1:]
        check(shown == run("snapshot", plain)[1].splitlines()[1:], "compressed it is another")
        code, _, err = run("resume", *options, folder.state)
        check(code == 124, f"exit code {code}: {err}")
        code, _, err = run("resume", folder.state)
        check(code == ENDED, f"exit code {code}: {err}")


def out_of_space():
    """A checkpoint that does not fit leaves the former one as it was."""
    with Folder() as folder:
        code, _, err = run("run", "--fuel", "1M", "--checkpoint", folder.state, COUNTER)
        check(code == 124, f"exit code {code}: {err}")
        former = folder.state.read_bytes()
        limit = len(former) // 2

        def limited():
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        code, _, err = run("resume", "--fuel", "1M", "--checkpoint", folder.state, folder.state, preexec_fn=limited)
        check(code == 125 and "cannot be written" in err, f"exit code {code}: {err}")
        check(folder.state.read_bytes() == former, "the former checkpoint has changed")
        check(os.listdir(folder.path) == ["state"], f"left behind: {os.listdir(folder.path)}")
        # Those of --every are complained of, and the program goes on.
        code, _, err = run("resume", "--every", "5ms", "--checkpoint", folder.state, folder.state,
                           preexec_fn=limited)
        check(code == ENDED and folder.state.read_bytes() == former, f"exit code {code}: {err}")


def waits_for_input():
    """A guest that waits for input is stopped there, and reads when it goes on."""
    with Folder() as folder:
        program = folder.write("reader.wat", READER)
        process = start("run", "--checkpoint", folder.state, "--every", "1ms", program, stdin=subprocess.PIPE)
        while not folder.state.exists() or "fd_read" not in run("snapshot", "--json", folder.state)[1]:
            pass
        process.send_signal(signal.SIGTERM)
        check(process.wait() == 128 + signal.SIGTERM, f"exit code {process.returncode}")
        process.communicate()
        code, out, _ = run("snapshot", "--json", folder.state)
        thread = json.loads(out)["threads"][0]
        check(thread["call"]["name"] == "fd_read" and "answer" not in thread, f"found {thread}")
        input_file = folder.write("input", "A")
        with open(input_file, encoding="utf-8") as stdin:
            code, _, err = run("resume", folder.state, stdin=stdin)
        check(code == ord("A"), f"exit code {code}: {err}")
        # --timeout holds there as well.
        process = start("resume", "--timeout", "10ms", folder.state, stdin=subprocess.PIPE)
        check(process.wait() == 124, f"exit code {process.returncode}")
        process.communicate()


def read_independently(state, shown):
    """What scripts/read_snapshot, written from the documents, prints of it is what the command shows."""
    reader = [sys.executable, SOURCES / "scripts/read_snapshot", state]
    printed = subprocess.run(reader, capture_output=True, text=True, check=False).stdout
    wasi, thread = shown["wasi"], shown["threads"][0]
    for line in (f"arguments {wasi['arguments']}", f"environment {wasi['environment']}",
                 f"module {shown['module']['path']!r}", f"directory {str(state.parent) + '/.'!r} as '/'",
                 f"thread 0 waits: answer {thread['answer']}, {thread['nanoseconds_left']} ns left"):
        check(line in printed, f"expected {line!r} in:\n{printed}")


def sleeps():
    """What was answered is not asked again, and the time that is left counts."""
    with Folder() as folder:
        program = folder.write("sleeper.wat", SLEEPER)
        left = [3_600_000_000_000]
        stop = ["--timeout", "10ms", "--checkpoint", folder.state]
        for command in (["run", "--env", "A=1", "--dir", ".::/", *stop, program, "1"], ["resume", *stop, folder.state]):
            code, _, err = run(*command, cwd=folder.path)
            check(code == 124, f"exit code {code}: {err}")
            _, out, _ = run("snapshot", "--json", folder.state)
            thread = json.loads(out)["threads"][0]
            check(thread["answer"] == 0, f"found {thread}")
            read_independently(folder.state, json.loads(out))
            left.append(thread["nanoseconds_left"])
        check(left[0] > left[1] > left[2], f"left: {left}")


def has_files_open():
    """A program goes on where it was in its files, also when their directory has moved, but not in other files."""
    with Folder() as folder:
        program = folder.write("files.wat", FILES)
        files = folder.path / "files"
        files.mkdir()
        stop = ["--fuel", "600k", "--checkpoint", folder.state]
        code, _, err = run("run", "--dir", "files::/", *stop, program, cwd=folder.path)
        pieces = 1
        while code == 124:
            if pieces == 3:
                (files / "file").rename(folder.path / "kept")
                code, _, err = run("resume", *stop, folder.state)
                check(code == 126 and "cannot open 'file' in '/' again" in err, f"exit code {code}: {err}")
                (folder.path / "kept").rename(files / "file")
            moved = []
            if pieces == 4:
                other = folder.path / "elsewhere"
                other.mkdir()
                (other / "file").write_bytes((files / "file").read_bytes())
                files, moved = other, ["--dir", f"{other}::/"]
            code, _, err = run("resume", *moved, *stop, folder.state)
            pieces += 1
        check(code == 45 and pieces > 5, f"exit code {code} after {pieces} pieces: {err}")
        check((files / "file").read_text() == "0123456789", "the file is not as it should be")


for test in (has_files_open, stopped_by_signals, killed, pieces_of_fuel, compressed, out_of_space, waits_for_input,
             sleeps):
    test()
