"""Measures what a command costs before it does anything; see docs/performance.md."""

import os
from dataclasses import dataclass
from pathlib import Path

from data import Shape, prepared

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PROJECT = ROOT / "examples" / "nyc-flights"
ONE_ROW = Shape("lookup", events=1, labels=1, keys=1)


@dataclass(frozen=True)
class Work:
    """A command that has next to nothing to do; its limit is the same JVM, with a class that prints a line."""

    kind: str
    words: tuple


def works(home: Path) -> dict[str, Work]:
    rows = prepared(ONE_ROW, home / "data")
    out = home / "out" / "start"
    join = ("join", "--rows", rows / "labels.parquet", "--project", rows, "--features", "history@1", "--as-of", "as_of")
    return {
        "light": Work("light", ("show", "carrier_history@1", "--project", PROJECT)),
        "check": Work("serving", ("check", PROJECT, "--lake", out / "lake")),
        "join-empty": Work("heavy", (*join, "--out", out / "joined", "--overwrite")),
    }


def command(system: str, work: Work, jar: Path) -> list:
    """`bin/tributary` as a person calls it; the limit with its class path, options and class data archive."""
    if system == "tributary":
        return [ROOT / "bin" / "tributary", *work.words]
    built = ROOT / "target" / "tributary" / work.kind
    path = ":".join([*(built / "jars").read_text().split("\n")[:-1], str(jar)])
    java = [f"{os.environ['JAVA_HOME']}/bin/java", f"@{built / 'options'}", "-cp", path]
    return [*java, f"-XX:SharedArchiveFile={built / 'classes.jsa'}", "io.tributary.bench.PlainStart"]
