"""What the tests that run the command share: a folder of their own, and how they fail."""
import pathlib
import sys
import tempfile


def check(condition, what):
    if not condition:
        sys.exit(f"{pathlib.Path(sys.argv[0]).stem}: {what}")


class Folder(tempfile.TemporaryDirectory):
    def __enter__(self):
        self.path = pathlib.Path(super().__enter__())
        self.state = self.path / "state"
        return self

    def write(self, name, text):
        (self.path / name).write_text(text, encoding="utf-8")
        return str(self.path / name)
