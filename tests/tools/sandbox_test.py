#!/usr/bin/env python3
"""sandbox_test.py COUNTER [--guests GUEST... --] FERMATA...: what `--sandbox` does not change, and that it is there.

COUNTER is counter.wat; the GUESTs are programs more, which do the same with it as without; FERMATA the command. Ends
with 77 where the build or the kernel has no sandbox.
"""
import os
import pathlib
import signal
import subprocess
import sys
import time

from fixture import Folder, check

COUNTER, REST = os.path.abspath(sys.argv[1]), sys.argv[2:]
GUESTS = []
if REST[0] == "--guests":
    GUESTS, REST = [os.path.abspath(guest) for guest in REST[1 : REST.index("--")]], REST[REST.index("--") + 1 :]
TOOL = [os.path.abspath(word) if os.path.exists(word) else word for word in REST]
STOPPED, NOT_SAVED, NOT_RUN, SKIPPED = 124, 125, 126, 77
ENDED = sum(range(1, 401)) & 255

# Ends with the first byte of its input.
READER = """(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1) (data (i32.const 0) "\\10\\00\\00\\00\\01\\00\\00\\00")
  (func (export "_start")
    (if (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then (unreachable)))
    (call $exit (i32.load8_u (i32.const 16)))))"""

# Makes `new` in its first directory, writes into it, and lists the directory; ends with the first error but 64 more, or
# with the number of bytes that the list has.
FILES = """(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_readdir" (func $list (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "new") (data (i32.const 8) "\\40\\00\\00\\00\\03\\00\\00\\00")
  (func $must (param $error i32)
    (if (local.get $error) (then (call $exit (i32.add (i32.const 64) (local.get $error))))))
  (func (export "_start")
    (call $must (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 3) (i32.const 1)
      (i64.const 0x40) (i64.const 0) (i32.const 0) (i32.const 80)))
    (call $must (call $write (i32.load (i32.const 80)) (i32.const 8) (i32.const 1) (i32.const 16)))
    (call $must (call $list (i32.const 3) (i32.const 128) (i32.const 1024) (i64.const 0) (i32.const 16)))
    (call $exit (i32.load (i32.const 16)))))"""

SPINNER = """(module (func (export "_start") (loop $again (br $again))))"""
ADDER = """(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))"""


def run(*arguments, **more):
    done = subprocess.run([*TOOL, *map(str, arguments)], capture_output=True, text=True, check=False,
                          **({} if "input" in more else {"stdin": subprocess.DEVNULL}), **more)
    return done.returncode, done.stdout, done.stderr


def files_of(folder):
    """What is beneath it: contents of files, targets of links."""
    return {str(path.relative_to(folder)): os.readlink(path) if path.is_symlink() else path.read_bytes()
            if path.is_file() else None for path in sorted(folder.rglob("*"))}


def is_there():
    """Ends the test where there is none, which is said in words, and nothing is run then."""
    with Folder() as folder:
        adder = folder.write("adder.wat", ADDER)
        code, out, err = run("run", "--sandbox", "--invoke", "add", adder, 2, 3)
        if (code, out) == (0, "5\n"):
            return
        check(code in (2, NOT_RUN) and out == "" and "--sandbox" in err, f"exit code {code}: {out}{err}")
        print(f"sandbox_test: left out: {err.strip()}")
        sys.exit(SKIPPED)


def status_of(process):
    lines = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def is_on():
    """While a guest waits for input the kernel says that there is a filter, and that there will be no new rights."""
    with Folder() as folder:
        program = folder.write("reader.wat", READER)
        with subprocess.Popen([*TOOL, "run", "--sandbox", program], stdin=subprocess.PIPE) as process:
            until = time.monotonic() + 60
            while status_of(process)["Seccomp"] != "2" and time.monotonic() < until:
                time.sleep(0.01)
            status = status_of(process)
            found = {name: status[name] for name in ("Seccomp", "NoNewPrivs")}
            process.communicate(b"A")
        check(found == {"Seccomp": "2", "NoNewPrivs": "1"}, f"found {found}")
        check(process.returncode == ord("A"), f"exit code {process.returncode}")


def guests_do_the_same():
    for guest in GUESTS:
        found = []
        for options in ([], ["--sandbox"]):
            with Folder() as folder:
                directory = ["--dir", f"{folder.path}::/"]
                ended = run("run", *options, "--env", "GUEST=set", *directory, guest, "one", "two words",
                            input="a line\nanother line\n\nlast, without an end")
                found.append((ended, files_of(folder.path)))
        check(found[0] == found[1], f"{guest}: without {found[0]}, with {found[1]}")
    print(f"{len(GUESTS)} guests did the same")


def directories():
    """Of the host, to be read alone, in memory."""
    with Folder() as folder:
        program = folder.write("files.wat", FILES)
        files = folder.path / "files"
        files.mkdir()
        for options in (["--dir", "files::/"], ["--dir", "files::/:ro"], ["--tmpfs", "/"]):
            without = run("run", *options, program, cwd=folder.path)
            (files / "new").unlink(missing_ok=True)
            found = run("run", "--sandbox", *options, program, cwd=folder.path)
            check(found == without, f"{options}: without {without}, with {found}")
        check((files / "new").exists() is False, "a file was made by one that may only read")


def stops():
    with Folder() as folder:
        spinner = folder.write("spinner.wat", SPINNER)
        code, _, err = run("run", "--sandbox", "--timeout", "50ms", spinner)
        check(code == STOPPED and "the time is over" in err, f"exit code {code}: {err}")


def saved_and_resumed():
    """By --every, by fuel and by a signal, beside itself; a guest with a directory goes on in it."""
    with Folder() as folder:
        options = ["--sandbox", "--checkpoint", "state", "--every", "5ms"]
        code, out, err = run("run", *options, COUNTER, cwd=folder.path)
        check(code == ENDED and err == "", f"exit code {code}: {err}")
        folder.state.unlink()
        code, out, err = run("run", *options, "--fuel", "5M", COUNTER, cwd=folder.path)
        while code == STOPPED:
            check(os.listdir(folder.path) == ["state"], f"left behind: {os.listdir(folder.path)}")
            code, more, err = run("resume", *options, "--fuel", "40M", "state", cwd=folder.path)
            out += more
        check(code == ENDED and len(out.splitlines()) == 400, f"exit code {code}: {err}")
        spinner = folder.write("spinner.wat", SPINNER)
        with subprocess.Popen([*TOOL, "run", *options, "--dir", ".::/", spinner], cwd=folder.path,
                              stderr=subprocess.PIPE) as process:
            while not folder.state.exists() or b"spinner" not in folder.state.read_bytes():
                time.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            err = process.communicate()[1]
        check(process.returncode == 128 + signal.SIGTERM, f"exit code {process.returncode}: {err}")
        code, _, err = run("resume", *options, "--timeout", "50ms", "state", cwd=folder.path)
        check(code == STOPPED and "saved in state" in err, f"exit code {code}: {err}")


def recorded_and_replayed():
    with Folder() as folder:
        code, out, err = run("run", "--sandbox", "--record", "log", COUNTER, cwd=folder.path)
        check(code == ENDED, f"exit code {code}: {err}")
        found = run("replay", "--sandbox", "--snapshot", "state", "--to", "5M", "log", cwd=folder.path)
        check(found[0] == 0 and folder.state.exists(), f"exit code {found[0]}: {found[2]}")
        found = run("replay", "--sandbox", "--snapshot", "state", "log", cwd=folder.path)
        check(found == (ENDED, out, err), f"replayed: {found}")
        found = run("replay", "--sandbox", "--snapshot", "log", "log", cwd=folder.path)
        check(found[0] == NOT_SAVED and "no checkpoint" in found[2], f"exit code {found[0]}: {found[2]}")


def cannot_be_entered():
    """Then nothing is run."""
    with Folder() as folder:
        missing = folder.path / "none" / "state"
        code, out, err = run("run", "--sandbox", "--checkpoint", missing, COUNTER)
        check((code, out) == (NOT_RUN, "") and "--sandbox" in err and "cannot be allowed" in err,
              f"exit code {code}: {err}")


is_there()
for test in (is_on, guests_do_the_same, directories, stops, saved_and_resumed, recorded_and_replayed,
             cannot_be_entered):
    test()
