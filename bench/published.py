"""Entities whose features are published: the project, its lake of two nights, and the stores that hold the first.

Each entity has an event on the first night, a hundredth of them another one on the second.
"""

import hashlib
import inspect
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import data
import numpy as np
from data import BEGIN, DAY, Shape

ROOT = Path(__file__).resolve().parent.parent
FIRST, SECOND = "2024-01-01", "2024-01-02"
CHANGED = 100  # of so many entities one has a newer event on the second night
SHAPE = Shape("lookup", events=0, labels=0, keys=0)
VIEW, INPUTS_VIEW = "history@1", "numbers@1"
FEATURES = SHAPE.features
INPUTS = [name for name, kind in SHAPE.values.items() if kind != "string"]
LABELS = 20_000  # that a model learns from


def prepared(entities: int, root: Path, environment: dict) -> Path:
    """The folder with the project and its lake, made if it isn't there: snapshots of both nights are taken."""
    parts = (prepared, write_project, write_rows, data.events, data.write)
    made = repr(entities) + "".join(inspect.getsource(how) for how in parts)
    folder = root / f"published-{hashlib.sha256(made.encode()).hexdigest()[:12]}"
    if not folder.exists():
        making = folder.with_name(folder.name + ".making")
        shutil.rmtree(making, ignore_errors=True)
        (making / "events").mkdir(parents=True)
        write_rows(entities, making)
        write_project(making)
        for words in (["ingest"], ["materialize", VIEW, "--night", FIRST, "--night", SECOND]):
            tributary(making, environment, *words)
        making.rename(folder)
    return folder


def trained(folder: Path, environment: dict) -> None:
    """Has a model of these features in production, if it isn't."""
    if not list(folder.glob("lake/models/*/network.zip")):
        nights = ["--night", FIRST, "--night", SECOND]
        promote = ["registry", "promote", "mlp@1", "--reason", "bench"]
        for words in (["materialize", INPUTS_VIEW, *nights], ["training-set", "past"], ["train"], promote):
            tributary(folder, environment, *words)


def tributary(folder: Path, environment: dict, *words: object) -> str:
    command = [ROOT / "bin" / "tributary", *map(str, words), "--project", folder]
    ran = subprocess.run(command, env=os.environ | environment, text=True, stdout=subprocess.PIPE)
    if ran.returncode:
        raise RuntimeError(f"tributary {words[0]} ended with {ran.returncode}: {ran.stdout[-2000:]}")
    return ran.stdout


def write_rows(entities: int, folder: Path) -> None:
    random = np.random.default_rng(7)
    for night, keys in enumerate((np.arange(entities), np.arange(0, entities, CHANGED))):
        rows = data.events(SHAPE, random, len(keys), BEGIN + night * DAY, DAY // 2, random.permutation(keys))
        data.write(rows, folder / "events" / f"night-{night}.parquet", False, random)
    n = min(LABELS, entities)
    outcome = random.random(n) < 0.3
    labels = {
        "id": np.arange(n),
        "key": random.integers(0, entities, n),
        "as_of": BEGIN + 2 * DAY + np.arange(n) * 10 * DAY // n,
        "outcome": outcome,
    }
    data.write(labels, folder / "past.parquet", False, random)


def write_project(folder: Path) -> None:
    columns = {"key": "bigint", "t": "timestamp"} | SHAPE.values
    past = {"id": "bigint", "key": "bigint", "as_of": "timestamp", "outcome": "boolean"}
    files = {
        "tributary.yaml": "project: bench\nzone: UTC\nlake: lake\nonline: ${BENCH_ONLINE:-rocksdb:online}\n",
        "sources/events.yaml": "source: events\nread: {format: parquet, path: events/*.parquet}\n"
        f"columns:\n{data.mapping(columns)}event-time: t\n",
        "sources/past.yaml": "source: past\nstatic: true\nread: {format: parquet, path: past.parquet}\n"
        f"columns:\n{data.mapping(past)}event-key: [id]\n",
        "features/history.yaml": "view: history@1\nentity: [key]\nsource: events\n"
        f"features:\n{data.mapping({name: name for name in FEATURES})}",
        "features/numbers.yaml": "view: numbers@1\nentity: [key]\nsource: events\n"
        f"features:\n{data.mapping({name: name for name in INPUTS})}",
        "training-sets/past.yaml": "training-set: past\nrows:\n  source: past\n  as-of: as_of\n"
        "label:\n  name: late\n  value: outcome\nfeatures: [numbers@1]\n",
        "models/mlp.yaml": "model: mlp\ntraining-set: past\nonline: stale\n"
        "split: {train: 2024-01-03/2024-01-09, validate: 2024-01-09/2024-01-11, test: 2024-01-11/2024-01-13}\n"
        f"inputs:\n{data.mapping({f'numbers__{name}': 'standardize' for name in INPUTS})}"
        "network:\n  - dense(64, relu)\n  - dense(32, relu)\nfit: {epochs: 2, patience: 2}\n",
    }
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)


@contextmanager
def redis(folder: Path, port: int, cores: set[int] | None = None) -> Iterator[None]:
    """A server of one's own, with what `dump.rdb` in the folder has; nothing is saved unless it is asked to."""
    if redis_says(port, "ping"):
        raise RuntimeError(f"Port {port} is taken, by another benchmark: end it.")
    folder.mkdir(parents=True, exist_ok=True)
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(folder)]
    with (folder / "redis.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, preexec_fn=lambda: pin(cores))
    try:
        patience = time.monotonic() + 120
        while redis_says(port, "ping") != "PONG":
            if server.poll() is not None or time.monotonic() > patience:
                raise RuntimeError(f"redis-server does not answer: {(folder / 'redis.log').read_text()[-1000:]}")
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.wait()


def pin(cores: set[int] | None) -> None:
    """Keeps this process to some cores; for a process that is about to start."""
    if cores:
        os.sched_setaffinity(0, cores)


def redis_says(port: int, *words: str) -> str:
    ran = subprocess.run(["redis-cli", "-p", str(port), *words], text=True, capture_output=True)
    return ran.stdout.strip()


def redis_mb(port: int) -> float:
    [used] = [line for line in redis_says(port, "info", "memory").splitlines() if line.startswith("used_memory:")]
    return int(used.split(":")[1]) / 1e6


def instant(night: str) -> datetime:
    """The last one of a night, at which its snapshot is taken."""
    return datetime.fromisoformat(f"{night}T23:59:59.999999+00:00")


def last_publish(folder: Path, environment: dict) -> dict:
    """What the newest publish took by its run's record, without the start of its process."""
    [run] = json.loads(tributary(folder, environment, "runs", "--job", "publish", "--last", "1", "--json"))
    used = run["resources"]
    return {
        "seconds": run["seconds"],
        "cpu_seconds": used["driverCpuSeconds"] + used["executorCpuSeconds"],
        "rows": run["facts"]["rows"],
    }
