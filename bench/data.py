"""The rows of a piece of work, the same from run to run, and the Tributary project that reads them.

A folder holds `events/*.parquet` in the order of their arrival, `labels.parquet` and the project's definitions.
"""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

HOUR = 3_600_000_000  # times are microseconds
DAY = 24 * HOUR
BEGIN = 1_704_067_200_000_000  # 2024-01-01
FILES = 8
WINDOWS = (1, 7, 30, 90, 365)  # days
WORDS = pa.array([f"cat_{i:05d}" for i in range(2000)])


@dataclass(frozen=True)
class Shape:
    """How many rows of what: `lookup` (20 columns, 10 days) or `windows` (5 columns, a year)."""

    kind: str
    events: int
    labels: int
    keys: int
    hot: float = 0.0  # the share of all rows that one key holds
    corrections: bool = False  # also tombstones, null keys, ties and NaN

    @property
    def values(self) -> dict[str, str]:
        """The value columns and their types."""
        if self.kind == "windows":
            return {f"c{i}": "double" for i in range(5)}
        types = {"f": "double", "i": "bigint", "s": "string"}
        return {f"{letter}{i}": types[letter] for letter, n in (("f", 10), ("i", 5), ("s", 5)) for i in range(n)}

    @property
    def features(self) -> list[str]:
        if self.kind == "lookup":
            return list(self.values)
        return [f"{c}_{f}_{w}d" for c in self.values for f in ("sum", "count") for w in WINDOWS]

    @property
    def span(self) -> int:
        return (10 if self.kind == "lookup" else 365) * DAY


def prepared(shape: Shape, root: Path) -> Path:
    """The folder with the work's data, made if it isn't there."""
    digest = hashlib.sha256(repr(shape).encode() + Path(__file__).read_bytes()).hexdigest()[:12]
    folder = root / f"{shape.kind}-{digest}"
    if not folder.exists():
        making = root / f"{folder.name}.making"
        shutil.rmtree(making, ignore_errors=True)
        (making / "events").mkdir(parents=True)
        write_rows(shape, making)
        write_project(shape, making)
        making.rename(folder)
    return folder


def write_rows(shape: Shape, folder: Path) -> None:
    random = np.random.default_rng(7)
    length = shape.span // FILES
    for i in range(FILES):
        n = shape.events * (i + 1) // FILES - shape.events * i // FILES
        rows = events(shape, random, n, BEGIN + i * length, length)
        if shape.corrections:
            rows = corrected(shape, random, rows, i * shape.events)
        write(rows, folder / "events" / f"part-{i}.parquet", shape.corrections, random)
    n = shape.labels
    labels = {
        "id": np.arange(n),
        "key": keys(shape, random, n),
        "as_of": BEGIN + random.integers(0, shape.span + DAY, n),
    }
    write(labels, folder / "labels.parquet", shape.corrections, random)


def keys(shape: Shape, random: np.random.Generator, n: int) -> np.ndarray:
    return np.where(random.random(n) < shape.hot, 0, random.integers(0, shape.keys, n))


def events(
    shape: Shape, random: np.random.Generator, n: int, begin: int, length: int, of: np.ndarray | None = None
) -> dict[str, np.ndarray]:
    """Events of random keys, or of the keys that are named."""
    rows = {"key": keys(shape, random, n) if of is None else of}
    rows["t"] = np.sort(begin + random.integers(0, length, n))
    for name, kind in shape.values.items():
        if shape.kind == "windows":
            rows[name] = np.round(random.lognormal(3, 1, n), 2)
        elif kind == "double":
            rows[name] = random.normal(size=n)
        else:
            rows[name] = random.integers(0, 1_000_000 if kind == "bigint" else len(WORDS), n)
    return rows


def corrected(shape: Shape, random: np.random.Generator, rows: dict, first: int) -> dict[str, np.ndarray]:
    """The same number of rows: 94 % of them events, 5 % corrections of those, 1 % tombstones."""
    n = len(rows["key"])
    for name, kind in shape.values.items():
        if kind == "double":
            rows[name][random.random(n) < 0.001] = np.nan
    rows["known"] = rows["t"] + random.integers(0, 2 * HOUR, n)
    tied = np.flatnonzero(random.random(n) < 0.01)
    for name in ("key", "t", "known"):
        rows[name][tied] = rows[name][tied - 1]
    rows["deleted"] = np.zeros(n, bool)
    rows["event_id"] = first + np.arange(n)

    begin, withdrawn = n * 94 // 100, n * 99 // 100
    later = np.arange(begin, n)
    of = random.integers(0, begin, n - begin)
    rows["event_id"][later] = rows["event_id"][of]
    rows["known"][later] = rows["known"][of] + random.integers(HOUR, 10 * DAY, n - begin)
    shift = np.where(random.random(n - begin) < 0.1, random.integers(-DAY, DAY, n - begin), 0)
    rows["t"][later] = rows["t"][of] + shift
    rows["key"][later] = np.where(random.random(n - begin) < 0.1, rows["key"][later], rows["key"][of])
    rows["deleted"][withdrawn:] = True
    arrival = np.argsort(rows["known"], kind="stable")
    return {name: column[arrival] for name, column in rows.items()}


def write(rows: dict[str, np.ndarray], file: Path, null_keys: bool, random: np.random.Generator) -> None:
    columns = {}
    for name, column in rows.items():
        if name in ("t", "known", "as_of"):
            columns[name] = pa.array(column, pa.timestamp("us", tz="UTC"))
        elif name == "key":
            columns[name] = pa.array(column, mask=random.random(len(column)) < 0.001 if null_keys else None)
        elif name[0] == "s":
            columns[name] = WORDS.take(pa.array(column))
        else:
            columns[name] = pa.array(column)
    pq.write_table(pa.table(columns), file, compression="snappy", row_group_size=131_072)


def write_project(shape: Shape, folder: Path) -> None:
    columns = {"key": "bigint", "t": "timestamp"} | shape.values
    identity = ""
    if shape.corrections:
        columns |= {"known": "timestamp", "deleted": "boolean", "event_id": "bigint"}
        identity = "event-key: [event_id]\nknown-time: known\ntombstone: deleted\n"
    if shape.kind == "lookup":
        features = {name: name for name in shape.values}
    else:
        over = ", ".join(f"{w}d" for w in WINDOWS)
        features = {f"{c}_{f}": f"{f}({c}) over {over}" for c in shape.values for f in ("sum", "count")}
    files = {
        "tributary.yaml": "project: bench\nzone: UTC\n",
        "sources/events.yaml": "source: events\nread: {format: parquet, path: events/*.parquet}\n"
        + f"columns:\n{mapping(columns)}{identity}event-time: t\n",
        "features/history.yaml": "view: history@1\nentity: [key]\nsource: events\n" + f"features:\n{mapping(features)}",
    }
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)


def mapping(entries: dict[str, str]) -> str:
    return "".join(f"  {key}: {value}\n" for key, value in entries.items())
