"""A small project with models: hourly rides of a few drivers, one of whom is mostly late."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from textwrap import dedent

BEGINS = datetime(2024, 1, 1)

_FILES = {
    "tributary.yaml": """
        project: rides
        zone: UTC
        lake: lake
        online: rocksdb:${lake}/online
        """,
    "sources/rides.yaml": """
        source: rides
        read: {format: csv, path: data/rides.csv, header: true}
        columns:
          id: int
          driver: string
          starts: timestamp
          delay: int
        event-key: [id]
        event-time: starts
        known-time: starts + interval 1 hour
        """,
    "sources/plan.yaml": """
        source: plan
        query: select id, driver, starts from rides
        event-key: [id]
        event-time: starts
        known-time: starts - interval 48 hours
        """,
    "features/last_ride.yaml": """
        view: last_ride@1
        entity: [driver]
        source: rides
        ttl: 3d
        features:
          delay: delay
        """,
    "training-sets/lateness.yaml": """
        training-set: lateness
        rows:
          source: plan
          as-of: starts - interval 1 hour
        label:
          name: late
          source: rides
          value: delay > 15
        features:
          - last_ride@1
        """,
    "pipelines/nightly.yaml": """
        pipeline: nightly
        schedule: "0 6 * * *"
        history: 2024-01-01/2024-02-05
        until: 2024-02-06
        train: [automatic, by_hand]
        steps:
          - ingest
          - score automatic
          - score by_hand
          - monitor automatic
          - monitor by_hand
        """,
}

_MODEL = """
    model: {name}
    training-set: lateness
    split: {{train: 2024-01-02/2024-01-07, validate: 2024-01-07/2024-01-09, test: 2024-01-09/2024-01-17}}
    inputs:
      driver: one-hot
    network:
      - dense(4, relu)
    fit: {{updater: adam, learning-rate: 0.05, batch: 64, epochs: 15, patience: 15, seed: 1}}
    evaluate: {{metrics: [auc]}}
    admit:
      - auc >= 0.1
    promote: {promote}
    margin: 0.01
    retrain: {{at-most-every: 3d}}
    """

_SCORES = """
    scores: {name}
    model: {name}@production
    rows: lateness
    decide: score > 0.5
    """

_MONITOR = """
    monitor: {name}
    model: {name}
    scores: {name}
    inputs: {{psi: 10}}
    predictions: {{psi: 10}}
    actuals: {{after: 1d, auc-drop: 0.1}}
    breach: retrain
    window: 8
    """


def write(folder: Path, days: int, turns: datetime) -> None:
    """Writes the project; from an instant on, who was late is on time, and the others are late."""
    files = dict(_FILES)
    for name, promote in (("automatic", "automatic"), ("by_hand", "by-hand")):
        files[f"models/{name}.yaml"] = _MODEL.format(name=name, promote=promote)
        files[f"scores/{name}.yaml"] = _SCORES.format(name=name)
        files[f"monitors/{name}.yaml"] = _MONITOR.format(name=name)
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip())
    drawn = random.Random(1)
    lines = ["id,driver,starts,delay"]
    for number in range(days * 48):
        starts = BEGINS + timedelta(minutes=30 * number)
        driver = drawn.choice("abc")
        most = 60 if (driver == "a") == (starts < turns) else 20
        lines.append(f"{number},{driver},{starts.isoformat()}Z,{drawn.randrange(most)}")
    (folder / "data").mkdir()
    (folder / "data" / "rides.csv").write_text("\n".join(lines) + "\n")
