#!/usr/bin/env python3
"""docs.py SOURCES: the examples in the documentation are the tested ones, and what it points to exists.

- The README's C++ block is examples/hello.cpp without its comment at the head.
- Each piece of C++ in docs/embedding.md is in examples/embedding.cpp.
- Every relative link in README.md and docs/ leads to a file.
- Every path in backticks at the head of a line of docs/map.md exists.
- Source files include files of their own layer and of those below alone, as docs/map.md has them.
- docs/cli.md has every option that the help of a command in tests/tools/golden/usage.txt has.
- Every public header is listed in include/meson.build, which installs it and has it compiled alone.
"""
import pathlib
import re
import sys

SOURCES = pathlib.Path(sys.argv[1])


def readme_example():
    block = re.search(r"```cpp\n(.*?)```", (SOURCES / "README.md").read_text(encoding="utf-8"), re.S)
    example = (SOURCES / "examples/hello.cpp").read_text(encoding="utf-8")
    code = re.sub(r"\A(//.*\n)+", "", example)
    if not block or block.group(1) != code:
        yield "README.md: its C++ block is not examples/hello.cpp"


def dedented(lines):
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    return [line[min(indents, default=0):].rstrip() for line in lines]


def untested_pieces():
    """Each piece of code in the guide is a run of lines in its example."""
    guide = (SOURCES / "docs/embedding.md").read_text(encoding="utf-8")
    lines = (SOURCES / "examples/embedding.cpp").read_text(encoding="utf-8").splitlines()
    for piece in re.findall(r"```cpp\n(.*?)\n```", guide, re.S):
        wanted = dedented(piece.splitlines())
        runs = (lines[at : at + len(wanted)] for at in range(len(lines)))
        if not any(dedented(run) == wanted for run in runs):
            yield f"docs/embedding.md: not in examples/embedding.cpp: {wanted[0]}"


def broken_links():
    for page in [SOURCES / "README.md", *sorted((SOURCES / "docs").glob("*.md"))]:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
        for target in re.findall(r"\]\(([^)#\s]+)", text):
            if "://" not in target and not (page.parent / target).exists():
                yield f"{page.relative_to(SOURCES)}: leads to {target}, which does not exist"


def wrong_map_lines():
    for line in (SOURCES / "docs/map.md").read_text(encoding="utf-8").splitlines():
        path = re.match(r"[-*|\s]*`([^`]+)`", line)
        if path and not list(SOURCES.glob(path.group(1))):
            yield f"docs/map.md: {path.group(1)} does not exist"


# From the lowest. The interpreter's files that are in no folder serve all of them.
LAYERS = ["include", "lib", "interp", "interp/isa", "interp/lower", "interp/runtime", "interp/exec", "interp/process",
          "interp/snapshot"]


def layer_of(path):
    folders = path.parts[: 2 if path.parts[0] == "interp" and len(path.parts) > 2 else 1]
    return LAYERS.index("/".join(folders))


def upward_includes():
    for source in sorted(path for folder in ("include", "lib", "interp") for path in (SOURCES / folder).rglob("*.?pp")):
        path = source.relative_to(SOURCES)
        for target in re.findall(r'^#include "([^"]+)"', source.read_text(encoding="utf-8"), re.M):
            below = pathlib.Path("include" if target.startswith("fermata/") else "", target)
            if below.parts[0] not in LAYERS or layer_of(below) > layer_of(path):
                yield f"{path}: includes {target}, of a layer above"


def uninstalled_headers():
    listed = (SOURCES / "include/meson.build").read_text(encoding="utf-8")
    for header in sorted((SOURCES / "include").glob("fermata/*.hpp")):
        if f"'fermata/{header.name}'" not in listed:
            yield f"include/meson.build: fermata/{header.name} is not listed, so it is not installed"


def missing_options():
    help_texts = (SOURCES / "tests/tools/golden/usage.txt").read_text(encoding="utf-8")
    page = (SOURCES / "docs/cli.md").read_text(encoding="utf-8")
    for option in sorted(set(re.findall(r"^>   (--[a-z0-9-]+)", help_texts, re.M))):
        if not re.search(re.escape(option) + r"(?![\w-])", page):
            yield f"docs/cli.md: says nothing of {option}, which the help of a command has"


checks = [readme_example, untested_pieces, broken_links, wrong_map_lines, upward_includes, uninstalled_headers,
          missing_options]
mistakes = [mistake for check in checks for mistake in check()]
sys.exit("\n".join(mistakes) if mistakes else 0)
