#!/usr/bin/env python3
"""record_test.py COUNTER [--guests GUEST... --] FERMATA...: runs that are recorded, and replayed.

COUNTER is counter.wat; the GUESTs are programs more, whose runs are recorded and replayed; FERMATA the command, with an
emulator before it where there is one. With guests nothing else is tested.
"""
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import tempfile

from fixture import check

COUNTER, REST = os.path.abspath(sys.argv[1]), sys.argv[2:]
GUESTS = []
if REST[0] == "--guests":
    GUESTS, REST = [os.path.abspath(guest) for guest in REST[1 : REST.index("--")]], REST[REST.index("--") + 1 :]
TOOL = [os.path.abspath(word) if os.path.exists(word) else word for word in REST]
RANDOM = random.Random(1)
DIVERGED, STOPPED, NOT_RUN = 123, 124, 126
INPUT = b"one line\nanother\nno end"

# Writes what it reads, a few bytes at a time, and ends with their number.
ECHO = """(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $sum i32)
    (i32.store (i32.const 0) (i32.const 64))
    (loop $next
      (i32.store (i32.const 4) (i32.const 5))
      (if (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)) (then (unreachable)))
      (local.set $sum (i32.add (local.get $sum) (i32.load (i32.const 4))))
      (if (i32.load (i32.const 4)) (then
        (if (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then (unreachable)))
        (br $next))))
    (call $exit (local.get $sum))))"""

# Reads into vectors that overlap, and over the vectors themselves; and begins with a read that fails.
OVERLAP = """(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\42\\00\\00\\00\\05\\00\\00\\00\\40\\00\\00\\00\\04\\00\\00\\00\\3e\\00\\00\\00\\0c\\00\\00\\00\\04\\00\\00\\00\\02\\00\\00\\00")
  (func (export "_start")
    (if (i32.ne (call $read (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 65533)) (i32.const 21)) (then (unreachable)))
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 6)))
    (i32.store (i32.const 0) (i32.const 0)) (i32.store (i32.const 4) (i32.const 100))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"""

# Asks for the time, for random numbers, sleeps, and prints all of it.
WORLD = """(module
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\40\\00\\00\\00\\80\\00\\00\\00")
  (func $spin (param $n i32)
    (loop $again (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "_start") (local $i i32)
    (loop $next
      (drop (call $time (i32.const 1) (i64.const 0) (i32.const 64)))
      (drop (call $random (i32.const 72) (i32.const 100)))
      (i32.store (i32.const 272) (i32.const 1))
      (i64.store (i32.const 280) (i64.const 100000))
      (drop (call $poll (i32.const 256) (i32.const 512) (i32.const 1) (i32.const 600)))
      (call $spin (i32.add (i32.const 1) (i32.load16_u (i32.const 72))))
      (drop (call $write (i32.add (i32.const 1) (i32.and (local.get $i) (i32.const 1)))
                         (i32.const 0) (i32.const 1) (i32.const 8)))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 30))))))"""

# Three threads add to a sum and sleep in between; who comes first, and for how long, is the clock's choice. It ends
# with the sum of what each saw.
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
      (call $spin (i32.mul (local.get $k) (i32.const 60000)))
      (drop (call $yield))
      (i32.atomic.store (i32.const 8)
        (i32.add (i32.mul (i32.atomic.load (i32.const 8)) (i32.const 3)) (local.get $k)))
      (drop (memory.atomic.wait32 (i32.const 12) (i32.const 0)
                                  (i64.extend_i32_u (i32.mul (local.get $k) (i32.const 70000)))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 30))))
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

SPINNER = '(module (memory (export "memory") 1) (func (export "_start") (loop $l (br $l))))'
TRAP = '(module (func $f (unreachable)) (func (export "_start") (call $f)))'
DEADLOCK = """(module (memory (export "memory") 1 1 shared)
  (func (export "_start") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))"""
REACTOR = """(module (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_initialize") (drop (call $random (i32.const 0) (i32.const 8))))
  (func (export "plus") (param i64 f32) (result i64 f32 externref)
    (i64.add (local.get 0) (i64.load (i32.const 0))) (local.get 1) (ref.null extern)))"""


class Folder(tempfile.TemporaryDirectory):
    def __enter__(self):
        self.path = pathlib.Path(super().__enter__())
        self.log, self.state, self.replayed = (self.path / name for name in ("log", "state", "replayed"))
        return self

    def write(self, name, content):
        path = self.path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)


def run(*arguments, **more):
    """Exit code, output, errors."""
    done = subprocess.run([*TOOL, *map(str, arguments)], capture_output=True, check=False,
                          **{"input": b"", "timeout": 300, **more})
    check(done.returncode >= 0, f"{arguments}: ended by signal {-done.returncode}")
    return done.returncode, done.stdout, done.stderr


def process_part(path):
    """A snapshot's bytes without the sections of the command (docs/snapshot-format.md)."""
    snapshot = path.read_bytes()
    kept, at = snapshot[:8], 8
    while at < len(snapshot):
        begin, size, shift = at, 0, 0
        while True:
            at += 1
            size |= (snapshot[at] & 0x7F) << shift
            shift += 7
            if snapshot[at] < 0x80:
                break
        at += 1 + size
        if snapshot[begin] < 128:
            kept += snapshot[begin:at]
    return kept


# --- logs, as docs/recording.md describes them


class Reader:
    def __init__(self, log):
        self.log, self.at = log, 0

    def bytes(self, count):
        self.at += count
        check(self.at <= len(self.log), "the log is too short")
        return self.log[self.at - count : self.at]

    def byte(self):
        return self.bytes(1)[0]

    def number(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def sized(self):
        return self.bytes(self.number())

    def list(self, read):
        return [read() for _ in range(self.number())]

    def value(self):
        code = self.byte()
        return code, int.from_bytes(self.bytes({0x7F: 4, 0x7E: 8, 0x7D: 4, 0x7C: 8}[code]), "little")


def number(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def sized(content):
    return number(len(content)) + content


def items(all_of_them):
    return number(len(all_of_them)) + b"".join(all_of_them)


def value(v):
    return bytes([v[0]]) + v[1].to_bytes({0x7F: 4, 0x7E: 8, 0x7D: 4, 0x7C: 8}[v[0]], "little")


def read_event(body, functions):
    r = Reader(body)
    kind = r.byte()
    event = {"kind": kind}
    if kind == 8:
        event |= {"ending": r.byte(), "fuel": r.number(), "number": r.number()}
    else:
        event["thread"] = r.number()
        if kind not in (2, 5):
            event["fuel"] = r.number()
    if kind == 1:
        event["function"] = r.number()
        if event["function"] == len(functions):
            functions.append((r.sized(), r.sized()))
            event["named"] = functions[-1]
        event["arguments"] = r.list(r.value)
    elif kind == 2:
        event |= {"results": r.list(r.value), "delay": r.number(),
                  "views": r.list(lambda: (r.number(), r.number(), r.bytes(8))),
                  "writes": r.list(lambda: (r.number(), r.sized())),
                  "outputs": r.list(lambda: (r.byte(), r.sized())),
                  "spawn": r.byte() and (r.sized(), r.list(r.value))}
    elif kind == 6:
        event["results"] = r.list(r.sized)
    elif kind == 7:
        event["trap"] = r.sized()
    check(r.at == len(body), f"{len(body) - r.at} bytes of an event are left")
    return event


def write_event(e):
    kind = e["kind"]
    out = bytes([kind])
    if kind == 8:
        return sized(out + bytes([e["ending"]]) + number(e["fuel"]) + number(e["number"]))
    out += number(e["thread"]) + (number(e["fuel"]) if "fuel" in e else b"")
    if kind == 1:
        out += number(e["function"]) + b"".join(map(sized, e.get("named", ()))) + items(list(map(value, e["arguments"])))
    elif kind == 2:
        out += items(list(map(value, e["results"]))) + number(e["delay"])
        out += items([number(a) + number(size) + digest for a, size, digest in e["views"]])
        out += items([number(a) + sized(content) for a, content in e["writes"]])
        out += items([bytes([s]) + sized(content) for s, content in e["outputs"]])
        out += bytes([bool(e["spawn"])])
        if e["spawn"]:
            out += sized(e["spawn"][0]) + items(list(map(value, e["spawn"][1])))
    elif kind == 6:
        out += items(list(map(sized, e["results"])))
    elif kind == 7:
        out += sized(e["trap"])
    return sized(out)


def read_log(log):
    """The bytes of the header and the events."""
    r = Reader(log)
    check(r.bytes(8) == b"\x00frl\x01\x00\x00\x00", "found no log")
    h = Reader(r.sized())
    h.sized(), h.bytes(32), h.list(h.sized), h.sized(), h.list(h.sized)
    if h.byte():
        h.number()
    h.byte()
    for _ in range(6):
        h.number()
    check(h.at == len(h.log), "bytes of the header are left")
    header, events, functions = log[: r.at], [], []
    while r.at < len(log):
        events.append(read_event(r.sized(), functions))
    check(header + b"".join(map(write_event, events)) == log, "written again the log has other bytes")
    return header, events


def write_log(folder, header, events):
    return folder.write("changed", header + b"".join(map(write_event, events)))


# --- what is the same


MODES = ((), ("--dispatch", "switch", "--lowering", "debug"))


def recorded(folder, *arguments, modes=MODES, **more):
    """Records a run, which is replayed to the same, in these modes. What came of it."""
    whole = run("run", "--record", folder.log, "--show-fuel", *arguments, **more)
    for mode in modes:
        again = run("replay", "--show-fuel", *mode, folder.log)
        check(again == whole, f"{arguments} {mode}: replayed {again}, recorded {whole}")
    read_log(folder.log.read_bytes())
    return whole


def fuel_used(errors):
    return int(errors.rsplit(b"fuel: ", 1)[-1].split()[0])


def goes_anywhere(folder, program, *arguments, times=3, **more):
    """Stopped anywhere, a program is the same when it is run and when it is replayed."""
    _, _, errors = run("run", "--record", folder.log, "--show-fuel", program, *arguments, **more)
    for fuel in [0] + [RANDOM.randrange(1, fuel_used(errors)) for _ in range(times)]:
        # Recorded to there and no further, whatever the clock and the random numbers were.
        options = ["--fuel", fuel, "--checkpoint", folder.state]
        part = folder.path / "part"
        folder.state.unlink(missing_ok=True)
        code, out, err = run("run", "--record", part, *options, program, *arguments, **more)
        if code == STOPPED:
            again = run("replay", "--snapshot", folder.replayed, part)
            check(again[:2] == (code, out), f"{program} to {fuel}: replayed {again}, recorded {code} {err}")
            check(process_part(folder.state) == process_part(folder.replayed), f"{program} is another at {fuel}")
        # A part of the whole log, in two modes.
        first = run("replay", "--to", fuel, "--snapshot", folder.replayed, folder.log)
        if first[0] == 1:  # it comes to no safe point any more
            check(b"ends before" in first[2], f"{program} to {fuel}: {first}")
            continue
        second = run("replay", "--to", fuel, "--snapshot", folder.state, *MODES[1], folder.log)
        check(first == second and first[0] == 0, f"{program} to {fuel}: {first} and {second}")
        check(process_part(folder.state) == process_part(folder.replayed), f"{program} is another at {fuel}")


def where_it_would_have_stopped(folder, program, times=2):
    """A program that the world does not change is stopped by --fuel where --to goes."""
    _, _, errors = run("run", "--record", folder.log, "--show-fuel", program)
    for _ in range(times):
        fuel = RANDOM.randrange(fuel_used(errors))
        code, out, _ = run("run", "--fuel", fuel, "--checkpoint", folder.state, program)
        again = run("replay", "--to", fuel, "--snapshot", folder.replayed, folder.log)
        if code != STOPPED:
            check(again[0] == 1, f"{program} to {fuel}: {again}")
            continue
        check(again[:2] == (0, out), f"{program} to {fuel}: {again}")
        check(process_part(folder.state) == process_part(folder.replayed), f"{program} is another at {fuel}")


def test_guests():
    for guest in GUESTS:
        with Folder() as folder:
            options = ["--env", "GUEST=set", guest, "one", "two words"]
            recorded(folder, *options, modes=[RANDOM.choice(MODES)], input=INPUT)
            if "world" in pathlib.Path(guest).name:  # which asks for the time
                goes_anywhere(folder, guest, times=5)
            else:
                where_it_would_have_stopped(folder, guest, times=1)
    print(f"{len(GUESTS)} guests")


def test_programs():
    with Folder() as folder:
        for name, text in (("echo", ECHO), ("overlap", OVERLAP), ("world", WORLD), ("threads", THREADS)):
            program = folder.write(name + ".wat", text)
            recorded(folder, program, input=INPUT)
            goes_anywhere(folder, program, times=10, input=INPUT)
            recorded(folder, "--checkpoint", folder.state, "--every", "1ms", program, input=INPUT)
        check(recorded(folder, folder.write("echo.wat", ECHO), input=INPUT)[:2] == (len(INPUT), INPUT), "no echo")
        where_it_would_have_stopped(folder, COUNTER, times=5)
        program = folder.write("reactor.wat", REACTOR)
        code, out, _ = recorded(folder, "--invoke", "plus", program, "-7", "nan:0x200001")
        check(code == 0 and out.split()[1:] == [b"nan:0x200001", b"null"], f"found {out}")
        goes_anywhere(folder, "--invoke=plus", program, 1, "0x1p-3")


def test_endings():
    with Folder() as folder:
        for name, text, options, code in (("trap", TRAP, [], 134), ("deadlock", DEADLOCK, [], 134),
                                          ("spinner", SPINNER, ["--fuel", "3M"], STOPPED),
                                          ("spinner", SPINNER, ["--timeout", "50ms"], STOPPED)):
            found = recorded(folder, *options, folder.write(name + ".wat", text))
            check(found[0] == code, f"{name} {options}: {found}")
        # By a signal, while it waits for input.
        program = folder.write("echo.wat", ECHO)
        command = [*TOOL, "run", "--record", folder.log, "--checkpoint", folder.state, program]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            process.stdin.write(b"12345")
            process.stdin.flush()
            out = process.stdout.read(5)
            process.send_signal(signal.SIGTERM)
            code, err = process.wait(), process.stderr.read()
        again = run("replay", "--snapshot", folder.replayed, folder.log)
        check(again[:2] == (code, out) and code == 143, f"replayed {again}, recorded {code} {err}")
        check(process_part(folder.state) == process_part(folder.replayed), "it is another when it waits for input")


def test_goes_on():
    """With the snapshot of a replay a program goes on; a call that was answered is not made again."""
    with Folder() as folder:
        run("run", "--record", folder.log, COUNTER)
        _, out, _ = run("replay", "--to", "100M", "--snapshot", folder.state, folder.log)
        code, rest, err = run("resume", folder.state)
        check(code == 72 and out + rest == b"".join(b"%07d\n" % n for n in range(1, 401)), f"{code}: {err}")


# --- what is not


def diverges(folder, header, events, *wanted, options=()):
    code, _, err = run("replay", *options, write_log(folder, header, events))
    check(code == DIVERGED and all(text in err.decode() for text in wanted), f"expected {wanted}, found {code}: {err}")


def test_divergence():
    with Folder() as folder:
        program = folder.write("echo.wat", ECHO)
        run("run", "--record", folder.log, program, input=b"12345678")
        log = folder.log.read_bytes()
        header, events = read_log(log)
        kinds = [event["kind"] for event in events]
        check(kinds == [1, 2] * 5 + [1, 8], f"found the events {kinds}")
        write = "wasi_snapshot_preview1.fd_write"

        def changed(place, **what):
            return header, events[:place] + [events[place] | what] + events[place + 1 :]

        # Another answer: in what was written, which the next call shows; in the result.
        diverges(folder, *changed(1, writes=[(64, b"1234X")]), f"at call 2 (fuel ", f": {write}(1, 0, 1, 8) is given 5 bytes")
        diverges(folder, *changed(1, results=[(0x7F, 8)]), "after call 1 (fuel ", f"the log has call 2 of thread 0, {write}",
                 "the program trapped at fuel ", "unreachable")
        diverges(folder, *changed(5, writes=[(4, b"\x02"), (64, b"678")]), "at call 4 (fuel ", "is given 8 bytes at 0x0 ")
        diverges(folder, *changed(5, writes=[(4, b"\x00")]), "has call 4 of thread 0", "proc_exit(5)")
        diverges(folder, *changed(1, results=[]), "at call 1: the log's answer has other types")
        # Other arguments, another function, another fuel, another thread.
        fuel = events[2]["fuel"]
        others = [(0x7F, 1), (0x7F, 0), (0x7F, 1), (0x7F, 12)]
        diverges(folder, *changed(2, arguments=others), f"the log has call 2 of thread 0, {write}(1, 0, 1, 12) at fuel {fuel}",
                 f"the program called {write}(1, 0, 1, 8) at fuel {fuel}")
        diverges(folder, *changed(2, function=0, named=()), "the log has call 2 of thread 0, wasi_snapshot_preview1.fd_read(")
        diverges(folder, *changed(2, fuel=fuel - 1), f"at fuel {fuel - 1}, the program called {write}", f"at fuel {fuel}")
        diverges(folder, *changed(2, fuel=fuel + 1), f"at fuel {fuel + 1}, the program called {write}", f"at fuel {fuel}")
        diverges(folder, *changed(2, thread=7), "the log has thread 7, the program has no such thread")
        # Other events.
        diverges(folder, header, events[:1] + events[2:], "waits there for an answer")
        diverges(folder, header, events[:2] + events[1:], "an answer for thread 0, the program waits for none there")
        diverges(folder, header, events[:2] + [{"kind": 4, "thread": 0, "fuel": fuel}] + events[2:], "beginning to wait")
        diverges(folder, header, events[:2] + [{"kind": 5, "thread": 0}] + events[2:], "does not wait there")
        diverges(folder, header, events[:2] + [{"kind": 6, "thread": 0, "fuel": fuel, "results": []}], "the end of thread 0")
        diverges(folder, header, events[:2] + [events[-1]], "the end by the program itself at fuel ", "is not there")
        diverges(folder, header, events + events[-1:], "goes on behind the end")
        code, _, err = run("replay", write_log(folder, *changed(1, writes=[(65535, b"12")])))
        check(code == NOT_RUN and b"expected ranges that ascend" in err, f"{code}: {err}")
        for behind in (b"\1\0", b"\1\3", b"\1"):  # no event's bytes, either
            path = folder.write("changed", header + b"".join(map(write_event, events)) + behind)
            code, _, err = run("replay", path)
            check(code == DIVERGED and b"goes on behind the end" in err, f"{code}: {err}")
        diverges(folder, *changed(1, results=[(0x7E, 0)]), "at call 1: the log's answer has other types")
        diverges(folder, *changed(1, views=[(65535, 2, b"12345678")], writes=[]), "at call 1")
        diverges(folder, *changed(1, spawn=(b"wasi_thread_start", [])), "at call 1: the log has a new thread")
        # Another module.
        other = folder.write("other.wat", ECHO.replace("(i32.const 5)", "(i32.const 4)"))
        code, _, err = run("replay", folder.log, other)
        check(code == NOT_RUN and b"another hash" in err, f"{code}: {err}")
        code, _, err = run("replay", "--any-module", folder.log, other)
        check(code == DIVERGED and b"at call 1 (fuel " in err, f"{code}: {err}")
        other = folder.write("other.wat", ECHO.replace('"fd_read"', '"fd_readdir"').replace("(param i32 i32 i32 i32)", "(param i32 i32 i32 i32)", 1))
        code, _, err = run("replay", "--any-module", folder.log, other)
        check(code == DIVERGED and b"the program called wasi_snapshot_preview1.fd_readdir(" in err, f"{code}: {err}")


def test_hostile():
    """A log that is cut off or has changed bytes is no more than that."""
    with Folder() as folder:
        program = folder.write("e.wat", ECHO)
        run("run", "--features", "mvp", "--record", folder.log, program, input=b"1234567")
        log = folder.log.read_bytes()
        header, _ = read_log(log)
        ends = set()
        for size in range(len(log)):
            code, out, err = run("replay", folder.write("cut", log[:size]))
            wanted = NOT_RUN if size < len(header) else STOPPED
            text = b"malformed" if size < len(header) else b"ends"
            check(code == wanted and text in err and b"1234567".startswith(out), f"cut at {size}: {code} {err}")
            ends.add(b"an event is cut off" in err)
        check(ends == {False, True}, "an event is cut off always, or never")

        def bounded():
            resource.setrlimit(resource.RLIMIT_CPU, (10, 10))

        codes = {}
        for at in range(len(log)):
            for change in (0xFF, 0x80, 1 << RANDOM.randrange(8)):
                bad = folder.write("bad", log[:at] + bytes([log[at] ^ change]) + log[at + 1 :])
                options = RANDOM.choice([[], ["--to", "20"]])
                code, _, _ = run("replay", *options, "--snapshot", folder.replayed, bad, preexec_fn=bounded)
                codes[code] = codes.get(code, 0) + 1
        check(DIVERGED in codes and NOT_RUN in codes, f"exit codes {codes}")
        print(f"cut {len(log)} times; changed: exit codes {dict(sorted(codes.items()))}")


def test_killed():
    """What was recorded when the command was killed is replayed: all but the last call."""
    kills = 0
    while kills < 20:
        with Folder() as folder:
            out = folder.path / "out"
            with open(out, "wb") as stdout:
                process = subprocess.Popen([*TOOL, "run", "--record", folder.log, COUNTER], stdout=stdout)
                try:
                    process.wait(RANDOM.uniform(0.02, 0.5))
                except subprocess.TimeoutExpired:
                    process.kill()
                process.wait()
            if process.returncode != -signal.SIGKILL or not folder.log.exists() or not folder.log.stat().st_size:
                continue
            kills += 1
            code, again, err = run("replay", folder.log)
            printed = out.read_bytes()
            check(code == STOPPED and printed.startswith(again) and len(printed) - len(again) in (0, 8),
                  f"{code}: printed {printed[-16:]}, replayed {again[-16:]}: {err}")
    print(f"killed {kills} times")


def test_refused():
    with Folder() as folder:
        program = folder.write("echo.wat", ECHO)
        code, _, err = run("run", "--record", program, program)
        check(code == NOT_RUN and b"not replaced" in err, f"{code}: {err}")
        run("run", "--record", folder.log, "--max-stack", "2M", program)
        code, _, err = run("replay", folder.log)
        check(code == NOT_RUN and b"higher limit: --max-stack" in err, f"{code}: {err}")
        check(run("replay", "--max-stack", "2M", folder.log)[0] == 0, "not replayed with the limit")
        # No space for all of the log: the program goes on.
        def limited():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

        code, out, err = run("run", "--record", folder.log, COUNTER, preexec_fn=limited)
        check(code == 72 and len(out) == 3200 and b"cannot be written" in err, f"{code}: {err}")
        check(run("replay", folder.log)[0] == STOPPED, "the part is not replayed")


if GUESTS:
    test_guests()
else:
    for test in (test_programs, test_endings, test_goes_on, test_divergence, test_hostile, test_killed, test_refused):
        test()
