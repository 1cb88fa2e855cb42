"""The same work on DuckDB or Polars, parquet to parquet.

usage: peers.py duckdb|polars lookup|windows DATA OUT CORES MEMORY_GB
"""

import os
import sys

from data import DAY, WINDOWS, Shape


def duckdb(shape: Shape, folder: str, out: str, cores: int, memory: int) -> None:
    import duckdb

    con = duckdb.connect(config={"threads": cores, "memory_limit": f"{memory}GB", "temp_directory": f"{out}.tmp"})
    con.execute("set preserve_insertion_order = false; set timezone = 'UTC'")
    con.execute(f"create view e as from '{folder}/events/*.parquet'")
    con.execute(f"create view l as from '{folder}/labels.parquet'")
    columns = list(shape.values)
    if shape.kind == "lookup":
        query = f"""select l.id, l.key, l.as_of, {", ".join("e." + c for c in columns)}
            from l asof left join e on l.key = e.key and l.as_of >= e.t"""
    else:
        sums = ", ".join(f"{f}({c}) over w{w} {c}_{f}_{w}d" for c in columns for f in ("sum", "count") for w in WINDOWS)
        frames = ", ".join(
            f"w{w} as (partition by key order by u range between {w * DAY - 1} preceding and current row)"
            for w in WINDOWS
        )
        query = f"""select * from (select id, key, as_of, {sums} from (
              select key, epoch_us(t) u, null::bigint id, null::timestamptz as_of, {", ".join(columns)} from e
              union all select key, epoch_us(as_of), id, as_of, {", ".join("null" for _ in columns)} from l)
            window {frames}) where id is not null"""
    con.execute(f"copy ({query}) to '{out}' (format parquet, compression snappy)")


def polars(shape: Shape, folder: str, out: str, cores: int, memory: int) -> None:
    os.environ["POLARS_MAX_THREADS"] = str(cores)
    import polars as pl

    events = pl.scan_parquet(f"{folder}/events/*.parquet").sort("t")
    labels = pl.read_parquet(f"{folder}/labels.parquet").sort("as_of")

    def newest(asking: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
        return asking.join_asof(rows, left_on="as_of", right_on="t", by="key", check_sortedness=False)

    if shape.kind == "lookup":
        result = newest(labels, events.collect()).drop("t", strict=False)
    else:
        # Sums so far, and for each window those at its end less those at its beginning: rounded more than once.
        columns = list(shape.values)
        so_far = [pl.col(c).cum_sum().over("key") for c in columns]
        events = events.with_columns(pl.int_range(1, pl.len() + 1).over("key").alias("n"), *so_far).collect()
        end = newest(labels, events)
        features = []
        for w in WINDOWS:
            begin = newest(labels.with_columns(pl.col("as_of") - pl.duration(days=w)), events)
            for c in columns:
                features.append((end[c].fill_null(0) - begin[c].fill_null(0)).alias(f"{c}_sum_{w}d"))
                features.append((end["n"].fill_null(0) - begin["n"].fill_null(0)).alias(f"{c}_count_{w}d"))
        result = labels.with_columns(features)
    result.write_parquet(out, compression="snappy")


if __name__ == "__main__":
    system, kind, folder, out, cores, memory = sys.argv[1:]
    {"duckdb": duckdb, "polars": polars}[system](Shape(kind, 0, 0, 0), folder, out, int(cores), int(memory))
