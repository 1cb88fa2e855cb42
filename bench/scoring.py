"""Rows that a model scores, the lake and the model that score them; see docs/performance.md."""

import hashlib
import inspect
import io
import json
import os
import shutil
import struct
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ONNX = ROOT / "target" / "bench" / "onnx"

DAY = 86_400_000_000  # microseconds
NIGHT = "2024-01-01"
EXPRESSIONS = {"clock__hour": "cast(hour(t) as double)"}
BEGIN = 1_704_067_200_000_000
PAST_DAYS = 92  # before the night: 61 train, 15 validate, 16 test
GROUP = 131_072
NEAR = 1e-5
PEER = "onnx-pandas-udf"
SAMPLE = 2_000  # rows whose scores are computed again by numpy


@dataclass(frozen=True)
class Scored:
    """The rows of one night, and those that the model learns. Of the inputs the last is the hour, of the others every
    second one has few distinct values."""

    rows: int
    inputs: int
    command: str = "score"
    past: int = 64_000

    @property
    def systems(self) -> tuple[str, ...]:
        return ("tributary", "limit", *([PEER] * (self.command == "score")))

    @property
    def columns(self) -> list[str]:
        return [f"n{i}" for i in range(self.inputs - 1)]


WORKS = {"score-mlp": Scored(10_000_000, 50), "monitor-wide": Scored(1_000_000, 1_000, "monitor")}


def prepared(work: Scored, root: Path, environment: dict) -> Path:
    """The folder with the project and its lake, made if it isn't there: rows are loaded, the model is in production."""
    made = repr(work) + "".join(inspect.getsource(how) for how in (prepared, write_project, write, model))
    digest = hashlib.sha256(made.encode()).hexdigest()[:12]
    folder = root / f"score-{digest}"
    if not folder.exists():
        making = root / f"{folder.name}.making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        write_project(work, making)
        write(work, work.past, BEGIN - PAST_DAYS * DAY, PAST_DAYS * DAY, making / "past.parquet")
        write(work, work.rows, BEGIN, DAY, making / "asked.parquet")
        commands = [
            ["ingest"],
            ["training-set", "past"],
            ["train"],
            ["registry", "promote", "mlp@1", "--reason", "bench"],
        ]
        if work.command == "monitor":
            commands.append(["score", "--night", NIGHT])
        for words in commands:
            command = [ROOT / "bin" / "tributary", *words, "--project", making]
            subprocess.run(command, check=True, env=os.environ | environment, stdout=sys.stderr)
        (making / "model.json").write_text(json.dumps(model(making / "lake")))
        making.rename(folder)
    return folder


def write_project(work: Scored, folder: Path) -> None:
    columns = {"id": "bigint", "t": "timestamp"} | dict.fromkeys(work.columns, "double") | {"outcome": "boolean"}
    files = {"tributary.yaml": "project: bench\nzone: UTC\n"}
    for name in ("past", "asked"):
        files[f"sources/{name}.yaml"] = (
            f"source: {name}\nstatic: true\nread: {{format: parquet, path: {name}.parquet}}\n"
            f"columns:\n{mapping(columns)}event-key: [id]\n"
        )
        files[f"training-sets/{name}.yaml"] = (
            f"training-set: {name}\nrows:\n  source: {name}\n  as-of: t\n"
            "label:\n  name: late\n  value: outcome\nfeatures: [clock@1]\n"
        )
    files["features/clock.yaml"] = "view: clock@1\nrequest: {t: timestamp}\nfeatures:\n  hour: hour(t)\n"
    files["models/mlp.yaml"] = (
        "model: mlp\ntraining-set: past\n"
        "split: {train: 2023-10-01/2023-12-01, validate: 2023-12-01/2023-12-16, test: 2023-12-16/2024-01-01}\n"
        f"inputs:\n{mapping(dict.fromkeys(work.columns, 'standardize'))}"
        "network:\n  - dense(64, relu)\n  - dense(32, relu)\nfit: {epochs: 2, patience: 2}\n"
    )
    files["scores/night.yaml"] = "scores: night\nmodel: mlp@production\nrows: asked\n"
    files["monitors/mlp.yaml"] = "monitor: mlp\nactuals: {after: 0d}\n"
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)


def write(work: Scored, rows: int, begin: int, length: int, file: Path) -> None:
    """Rows in the order of their times; the outcome is what a few inputs make likely."""
    random = np.random.default_rng(7)
    writer = None
    for first in range(0, rows, GROUP):
        n = min(GROUP, rows - first)
        columns = {"id": pa.array(np.arange(first, first + n))}
        columns["t"] = pa.array(begin + np.arange(first, first + n) * length // rows, pa.timestamp("us", tz="UTC"))
        odds = np.zeros(n)
        for i, name in enumerate(work.columns):
            values = random.normal(size=n)
            values = values if i % 2 else np.round(values, 1)
            odds += values * (i < 8) * (-1) ** i / 2
            columns[name] = pa.array(values)
        columns["outcome"] = pa.array(random.random(n) < 1 / (1 + np.exp(1 - odds)))
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(file, table.schema, compression="snappy")
        writer.write_table(table)
    writer.close()


def model(lake: Path) -> dict:
    """What the registered model computes: centre and scale of each input, and the weights of each layer by input."""
    [bundle] = {file.parent for file in (lake / "models").glob("*/network.zip")}
    inputs = json.loads((bundle / "vectorizer.json").read_text())["inputs"]
    with zipfile.ZipFile(bundle / "network.zip") as files:
        hidden = json.loads(files.read("layers.json"))
        parameters = floats(files.read("coefficients.bin"))
    layers, at, width = [], 0, len(inputs)
    for size in [*(layer["width"] for layer in hidden), 1]:
        weights = parameters[at : at + width * size].reshape(size, width).T
        at += width * size
        layers.append({"weights": weights.tolist(), "bias": parameters[at : at + size].tolist()})
        at += size
        width = size
    return {
        "columns": [EXPRESSIONS.get(one["input"]["column"], one["input"]["column"]) for one in inputs],
        "centre": [one["mean"] for one in inputs],
        "scale": [1 / one["deviation"] for one in inputs],
        "layers": layers,
    }


def floats(stored: bytes) -> np.ndarray:
    """An array of 32-bit floats as ND4J writes it: twice a word, a length, a type, and what that says."""
    file = io.BytesIO(stored)

    def word() -> str:
        (size,) = struct.unpack(">H", file.read(2))
        return file.read(size).decode()

    def length() -> int:
        return struct.unpack(">q", file.read(8))[0]

    word()
    shape = length()
    word()
    file.read(8 * shape)
    word()
    count = length()
    word()
    return np.frombuffer(file.read(4 * count), ">f4").astype(np.float32)


def copied(file: str, to: str) -> object:
    """A copy of a lake's file, of one that is never changed a link."""
    return os.link(file, to) if file.endswith(".parquet") else shutil.copy2(file, to)


def read_columns(work: Scored) -> list[str]:
    """What a monitor reads of the scores."""
    return ["output.probability", *(f"inputs.numbers.{name}" for name in [*work.columns, *EXPRESSIONS])]


def problems(work: Scored, folder: Path, outs: dict[str, Path]) -> list[str]:
    """What is wrong with the systems' scores: those of Tributary and the limit are to be equal to the bit, the peer's
    nearly; of a sample numpy computes them again. Of a monitor: that it counted other rows."""
    con = duckdb.connect()
    if work.command == "monitor":
        if "tributary" not in outs:
            return []
        [[rows]] = con.execute(f"select sum(rows) from '{outs['tributary']}/counts/mlp/*.parquet'").fetchall()
        return [f"tributary counted {rows:,} rows"] * (rows != work.rows)
    for system, out in outs.items():
        columns, files = "score", out / "*.parquet"
        if system == "tributary":
            columns, files = "output.probability score", out / "scores" / "night" / "*.parquet"
        con.execute(f"create view \"{system}\" as select id, {columns} from '{files}'")
    files = (outs["tributary"] / "scores" / "night").glob("*.parquet") if "tributary" in outs else []
    found = [f"pyarrow reads other rows than DuckDB from {name}" for name in map(unlike, files) if name]
    first = next(iter(outs))
    sample = f"where id % {work.rows // SAMPLE} = 0 order by id"
    network = json.loads((folder / "model.json").read_text())
    inputs = ", ".join(f'{column} "{column}"' for column in network["columns"])
    con.execute("set timezone = 'UTC'")
    asked = con.execute(f"select id, {inputs} from '{folder}/asked.parquet' {sample}").fetchnumpy()
    expected = numpy_scores(network, asked)
    for system in outs:
        scores = con.execute(f'select id, score from "{system}" {sample}').fetchnumpy()
        if not np.array_equal(scores["id"], asked["id"]) or np.abs(scores["score"] - expected).max() > NEAR:
            found.append(f"{system}: scores of a sample are not those that numpy computes")
        far = 0 if {system, first} <= {"tributary", "limit"} else NEAR
        [[rows, differing]] = con.execute(f"""select count(*), count(*) filter (abs(a.score - b.score) > {far})
            from "{first}" a join "{system}" b using (id)""").fetchall()
        if rows != work.rows or differing:
            found.append(f"{system}: {rows:,} rows, of which {differing:,} differ from those of {first}")
        print(f"  {system}: {differing} of {rows:,} rows differ from those of {first}", flush=True)
    return found


def unlike(file: Path) -> str:
    """Where pyarrow and DuckDB read other values from a file of scores."""
    columns = ["id", "output", "flags", "inputs"]
    batch = next(pq.ParquetFile(file).iter_batches(SAMPLE, columns=columns))
    found = duckdb.execute(f"select {', '.join(columns)} from '{file}' limit {SAMPLE}").fetchall()
    rows = [dict(zip(columns, row, strict=True)) for row in found]
    return "" if sorted(rows, key=by_id) == sorted(batch.to_pylist(), key=by_id) else str(file)


def by_id(row: dict) -> int:
    return row["id"]


def numpy_scores(model: dict, rows: dict[str, np.ndarray]) -> np.ndarray:
    of = np.column_stack([rows[name] for name in model["columns"]])
    of = (of - model["centre"]) * model["scale"]
    for k, layer in enumerate(model["layers"]):
        of = of @ np.array(layer["weights"]) + np.array(layer["bias"])
        of = np.maximum(of, 0) if k < len(model["layers"]) - 1 else 1 / (1 + np.exp(-of))
    return of[:, 0]


def mapping(entries: dict[str, str]) -> str:
    return "".join(f"  {key}: {value}\n" for key, value in entries.items())
