"""One file of rows that is loaded into two tables, and the project that loads it; see docs/performance.md."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

COLUMNS = {
    "id": "bigint",
    "key": "bigint",
    "t": "timestamp",
    **{f"f{i}": "double" for i in range(10)},
    **{f"i{i}": "bigint" for i in range(5)},
    **{f"s{i}": "string" for i in range(2)},
}

TYPES = {"string": "varchar", "timestamp": "timestamptz"}


@dataclass(frozen=True)
class Delivery:
    """A file of 20 columns, without a suite to judge it."""

    format: str
    rows: int


DELIVERIES = {f"{format}-10m": Delivery(format, 10_000_000) for format in ("csv", "parquet")}


def prepared(delivery: Delivery, root: Path) -> Path:
    """The project's folder with its file, made if it isn't there."""
    digest = hashlib.sha256(repr(delivery).encode() + Path(__file__).read_bytes()).hexdigest()[:12]
    folder = root / f"ingest-{digest}"
    if not folder.exists():
        making = root / f"{folder.name}.making"
        shutil.rmtree(making, ignore_errors=True)
        (making / "sources").mkdir(parents=True)
        write_rows(delivery, making / f"events.{delivery.format}")
        columns = "".join(f"  {name}: {kind}\n" for name, kind in COLUMNS.items())
        read = f"read: {{format: {delivery.format}, path: events.{delivery.format}}}\n"
        (making / "tributary.yaml").write_text("project: bench\nzone: UTC\nlake: lake\n")
        (making / "sources" / "events.yaml").write_text(
            f"source: events\n{read}columns:\n{columns}event-key: [id]\nevent-time: t\n"
        )
        making.rename(folder)
    return folder


def write_rows(delivery: Delivery, file: Path) -> None:
    """Computed from the row's number, so that they are the same from run to run."""
    number = "cast(hash(i, {}) % {} as bigint)"
    second = number.format(0, 864_000)
    begin = 1_704_067_200
    if delivery.format == "csv":
        time = f"strftime(to_timestamp({begin} + {second})::timestamp, '%Y-%m-%dT%H:%M:%SZ')"
        how = "format csv, header"
    else:
        time = f"to_timestamp({begin} + {second})"
        how = "format parquet, row_group_size 500000"
    values = ["i as id", f"{number.format(1, 100_000)} as key", f"{time} as t"]
    values += [f"{number.format(10 + j, 1_000_000_007)} / 1000.0 as f{j}" for j in range(10)]
    values += [f"{number.format(30 + j, 1_000_000)} as i{j}" for j in range(5)]
    values += [f"'cat_' || {number.format(50 + j, 2_000)} as s{j}" for j in range(2)]
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'")
    con.execute(f"copy (select {', '.join(values)} from range({delivery.rows}) r(i)) to '{file}' ({how})")


def content(rows: str) -> tuple[int, int]:
    """How many rows there are, and the sum of their hashes, as DuckDB reads them."""
    columns = ", ".join("epoch_us(t)" if name == "t" else name for name in COLUMNS)
    query = f"select count(*), sum(hash({columns})) from {rows}"
    return duckdb.connect().execute(query).fetchone()


def delivered(delivery: Delivery, folder: Path) -> str:
    """The rows of the file, for a query."""
    file = folder / f"events.{delivery.format}"
    types = {name: TYPES.get(kind, kind) for name, kind in COLUMNS.items()}
    return f"read_csv('{file}', header = true, columns = {types})" if delivery.format == "csv" else f"'{file}'"
