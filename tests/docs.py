#!/usr/bin/env python3
"""docs.py SOURCES: the examples in the documentation are the tested ones, and what it points to exists.

- The README's C++ block is examples/hello.cpp without its comment at the head.
- Every relative link in README.md and docs/ leads to a file.
- Every path in backticks at the head of a line of docs/map.md exists.
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


def uninstalled_headers():
    listed = (SOURCES / "include/meson.build").read_text(encoding="utf-8")
    for header in sorted((SOURCES / "include").glob("fermata/*.hpp")):
        if f"'fermata/{header.name}'" not in listed:
            yield f"include/meson.build: fermata/{header.name} is not listed, so it is not installed"


mistakes = [*readme_example(), *broken_links(), *wrong_map_lines(), *uninstalled_headers()]
sys.exit("\n".join(mistakes) if mistakes else 0)
