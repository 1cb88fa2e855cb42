"""Compares what systems wrote: whole with DuckDB's answer, and a sample with a naive loop, to the bit."""

import math
import random
import struct
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from data import DAY, Shape
from deltalake import DeltaTable

SAMPLE = 400  # label rows: of windows 10,000 sums


def result(con: duckdb.DuckDBPyConnection, name: str, out: Path) -> None:
    """The written rows as the view `name`; the platform's columns are called VIEW__FEATURE."""
    files = f"{out}/*.parquet" if out.is_dir() else str(out)
    columns = [row[0] for row in con.execute(f"describe from '{files}'").fetchall()]
    plain = ", ".join(f'"{column}" as "{column.split("__")[-1]}"' for column in columns)
    con.execute(f"create or replace view {name} as select {plain} from '{files}'")


def rows(out: Path) -> int:
    con = duckdb.connect()
    result(con, "r", out)
    return con.execute("select count(*) from r").fetchone()[0]


def differing(shape: Shape, answer: Path, out: Path) -> int:
    """Label rows that are not equal: everything to the bit but sums, which DuckDB rounds many times."""
    con = duckdb.connect()
    result(con, "a", answer)
    result(con, "r", out)
    same = ["a.key is not distinct from r.key", "epoch_us(a.as_of) = epoch_us(r.as_of)"]
    for feature in shape.features:
        if "_sum_" in feature:
            near = f"abs(a.{feature} - r.{feature}) <= 1e-9 * abs(a.{feature})"
            same.append(f"(a.{feature.replace('sum', 'count')} = 0 or {near})")
        else:
            same.append(f"a.{feature} is not distinct from r.{feature}")
    return con.execute(
        f"""select count(*) + abs((select count(*) from r) - (select count(distinct id) from r))
            from a full join r using (id) where ({" and ".join(same)}) is not true"""
    ).fetchone()[0]


def wrong(shape: Shape, folder: Path, out: Path) -> tuple[int, int]:
    """Of a sample of label rows, the cells that were computed again by the contract's rules, and those not equal."""
    con = duckdb.connect()
    result(con, "r", out)
    con.execute(f"create view e as from '{folder}/events/*.parquet'")
    chosen = random.Random(7).sample(range(shape.labels), min(SAMPLE, shape.labels))
    con.execute(f"create table l as from '{folder}/labels.parquet' where id in (select unnest(?))", [chosen])
    events = events_of(shape, con)
    features = ", ".join(f"r.{name}" for name in shape.features)
    asked = con.execute(f"select l.key, epoch_us(l.as_of), {features} from l join r using (id)").fetchall()
    bad = (len(chosen) - len(asked)) * len(shape.features)
    for key, as_of, *found in asked:
        seen = visible(events[key], key, as_of) if key is not None else []
        for feature, value in zip(shape.features, found, strict=True):
            bad += bits(value) != bits(expected(shape, feature, seen, as_of))
    return len(chosen) * len(shape.features), bad


def offline(folder: Path, view: str, instant: datetime, keys: list[int], features: list[str]) -> dict[int, dict]:
    """The features of keys in a view's snapshot, as another reader than Tributary's finds them in the lake's table."""
    rows = DeltaTable(folder / "lake" / "features" / view).to_pyarrow_dataset()
    where = (ds.field("_at") == pa.scalar(instant, pa.timestamp("us", "UTC"))) & ds.field("key").isin(keys)
    return {row.pop("key"): row for row in rows.to_table(["key", *features], where).to_pylist()}


def unanswered(findings: list[dict]) -> list[str]:
    """The questions of monitoring whose answer is no number."""
    without = [one for one in findings if "nan" in one["measured"].lower()]
    return [f"{one['data']}, {one['question']}: {one['measured']}" for one in without]


def events_of(shape: Shape, con: duckdb.DuckDBPyConnection) -> dict[int, list[list[dict]]]:
    """For each key of the sample the events that ever had it, each with all its versions."""
    columns = ", ".join(["key", "epoch_us(t) t", *shape.values])
    if shape.corrections:
        ever = "select event_id from e where key in (select key from l)"
        query = f"select {columns}, epoch_us(known) known, deleted, event_id from e where event_id in ({ever})"
    else:
        identity = "epoch_us(t) known, false deleted, row_number() over () event_id"
        query = f"select {columns}, {identity} from e semi join l using (key)"
    versions = con.execute(query)
    names = [column[0] for column in versions.description]
    events = defaultdict(list)
    for row in versions.fetchall():
        version = dict(zip(names, row, strict=True))
        events[version["event_id"]].append(version)
    by_key = defaultdict(list)
    for versions in events.values():
        for key in {version["key"] for version in versions}:
            by_key[key].append(versions)
    return by_key


def visible(events: list[list[dict]], key: int, as_of: int) -> list[dict]:
    """Of each event the last version known by then, if it is of this key, happened by then and is not withdrawn."""
    seen = []
    for versions in events:
        known = [version for version in versions if version["known"] <= as_of]
        if known:
            version = max(known, key=lambda version: version["known"])
            if version["key"] == key and version["t"] <= as_of and not version["deleted"]:
                seen.append(version)
    return seen


def expected(shape: Shape, feature: str, seen: list[dict], as_of: int) -> object:
    if shape.kind == "lookup":
        newest = max(seen, key=lambda row: (row["t"], row["known"], [rank(row[c]) for c in shape.values]), default=None)
        return newest and newest[feature]
    column, aggregate, days = feature.split("_")
    begin = as_of - int(days[:-1]) * DAY
    values = [row[column] for row in seen if row["t"] > begin]
    if aggregate == "count":
        return len(values)
    return math.fsum(values) if values else None


def rank(value: object) -> tuple:
    """The order of values: NaN is the greatest."""
    return (True, 0) if value != value else (False, value)


def bits(value: object) -> object:
    if not isinstance(value, float):
        return value
    return "NaN" if math.isnan(value) else struct.pack("d", value)
