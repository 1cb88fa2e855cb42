"""Measures whether monitoring alarms when it should, and only then; see docs/monitoring.md."""

import json
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PROJECT = ROOT / "examples" / "nyc-flights"
BUILT = ROOT / "target" / "tributary" / "heavy"
DRIFT = ROOT / "platform" / "drift"
COLUMNS = ("data", "question", "planted", "goal", "measured", "holds")


def prepared(home: Path) -> Path:
    """The example's lake, which is made once: of it the training set and the network are read, and no profile."""
    lake = home / "data" / "nyc-flights"
    if not lake.exists():
        making = lake.with_name("nyc-flights.making")
        subprocess.run([ROOT / "bin" / "tributary", "run", PROJECT, "--lake", making], check=True)
        making.rename(lake)
    return lake


def worlds(out: Path, small: bool) -> list[str | Path]:
    """Counts alarms in made-up worlds, as a test of platform/drift does."""
    path = ":".join([str(DRIFT / "target" / "test-classes"), *(BUILT / "jars").read_text().split("\n")[:-1]])
    size = ("4", "8", "200") if small else ("60", "70", "3000")
    java = [f"{os.environ['JAVA_HOME']}/bin/java", "-Xmx2g", "-cp", path]
    return [*java, "io.tributary.drift.ExchangeableWorlds", out, *size]


def of_worlds(out: Path) -> dict:
    """The first line of the table."""
    found = json.loads(out.read_text())
    mean, stated, error = (found[key] for key in ("mean", "stated", "error"))
    return {
        "data": f"{len(found['rates'])} worlds",
        "question": "false alarms",
        "planted": "nothing",
        "goal": f"{100 * stated:.2f} ± {200 * error:.2f} %",
        "measured": f"{100 * mean:.2f} %",
        "holds": abs(mean - stated) <= 2 * error,
        "details": [],
    }


def table(findings: list[dict]) -> str:
    said = {True: "ok", False: "missed", None: ""}
    rows = [COLUMNS, *([*(one[column] for column in COLUMNS[:-1]), said[one.get("holds")]] for one in findings)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    return "\n".join("  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows)
