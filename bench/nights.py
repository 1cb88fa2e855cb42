"""Measures what a night costs by how many nights the lake has seen; see docs/performance.md."""

import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parent.parent
NIGHTS = (30, 100, 365)
BEGINS = date(2023, 12, 31)
FIRST = date(2024, 1, 25)
RIDES = 24  # a day

FILES = {
    "tributary.yaml": """
        project: nights
        zone: UTC
        lake: ${TRIBUTARY_LAKE:-lake}
        online: rocksdb:${lake}/online
        """,
    "sources/rides.yaml": """
        source: rides
        read: {format: csv, path: "data/{from:yyyy-MM-dd}.csv", header: true}
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
    "features/history.yaml": """
        view: history@1
        entity: [driver]
        source: rides
        features:
          rides: count(*) over 1d, 7d
          late_share: mean(delay > 15) over 7d
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
          - history@1
        """,
    "models/lateness.yaml": """
        model: lateness
        training-set: lateness
        split: {train: 2024-01-02/2024-01-12, validate: 2024-01-12/2024-01-16, test: 2024-01-16/2024-01-25}
        inputs:
          default: standardize
          driver: one-hot
        network:
          - dense(4, relu)
        fit: {updater: adam, learning-rate: 0.05, batch: 64, epochs: 5, patience: 5, seed: 1}
        evaluate: {metrics: [auc]}
        admit:
          - auc >= 0.1
        """,
    "scores/next.yaml": """
        scores: next
        model: lateness@production
        rows: lateness
        decide: score > 0.5
        """,
    "monitors/lateness.yaml": """
        monitor: lateness
        model: lateness
        scores: next
        inputs: {psi: 0.2}
        predictions: {psi: 0.2}
        actuals: {after: 1d, auc-drop: 0.1}
        breach: alert
        """,
}
PIPELINE = """
    pipeline: nightly
    schedule: "0 6 * * *"
    history: BEGINS/FIRST
    until: UNTIL
    train: [lateness]
    steps: [ingest, materialize, publish, score next, monitor lateness]
    """


def write(folder: Path, nights: int) -> None:
    """A project with all its deliveries, a file a day."""
    for name, text in FILES.items():
        put(folder / name, dedent(text).lstrip())
    drawn = random.Random(1)
    for day in range((FIRST - BEGINS).days + nights):
        at = BEGINS + timedelta(days=day)
        lines = ["id,driver,starts,delay"]
        for hour in range(RIDES):
            driver = drawn.choice("abc")
            delay = drawn.randrange(60 if driver == "a" else 20)
            lines.append(f"{day * RIDES + hour},{driver},{at}T{hour:02}:00:00Z,{delay}")
        put(folder / "data" / f"{at}.csv", "\n".join(lines) + "\n")


def until(folder: Path, night: int) -> None:
    text = PIPELINE.replace("BEGINS", str(BEGINS)).replace("FIRST", str(FIRST)).replace("UNTIL", str(day(night)))
    put(folder / "pipelines" / "nightly.yaml", dedent(text).lstrip())


def put(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def day(night: int) -> date:
    return FIRST + timedelta(days=night)


def tributary(*words: object) -> tuple[float, str]:
    began = time.monotonic()
    command = os.environ.get("TRIBUTARY_COMMAND", ROOT / "bin" / "tributary")
    ran = subprocess.run([command, *map(str, words)], text=True, capture_output=True)
    if ran.returncode:
        raise RuntimeError(f"tributary {words[0]} ended with {ran.returncode}: {ran.stderr[-2000:]}")
    return time.monotonic() - began, ran.stdout


def measured(home: Path, nights: tuple[int, ...]) -> Iterator[list[dict]]:
    """A night in a process of its own, behind so many that one process ran: a line of the whole, and one a step."""
    folder = home / "nights"
    shutil.rmtree(folder, ignore_errors=True)
    write(folder, nights[-1] + 1)
    done = 0
    for history in nights:
        if done == 0:
            until(folder, history)
            tributary("run", folder)
        else:
            until(folder, history)
            tributary("run", folder, "--from", day(done), "--to", day(history))
        until(folder, history + 1)
        began = datetime.now(UTC).isoformat()
        seconds, _ = tributary("run", folder, "--night", day(history))
        done = history + 1
        lines = [{"work": "nights", "nights": history, "step": "all, with its start", "seconds": round(seconds, 2)}]
        for run in json.loads(tributary("runs", "--project", folder, "--json")[1]):
            if run["started"] > began and run["outcome"] == "SUCCEEDED":
                lines.append(line(history, run))
        yield lines


def line(history: int, run: dict) -> dict:
    used = run["resources"]
    cpu = used["driverCpuSeconds"] + used["executorCpuSeconds"]
    return {
        "work": "nights",
        "nights": history,
        "step": run["key"]["job"],
        "seconds": round(run["seconds"], 2),
        "cpu_seconds": round(cpu, 2),
        "read_kb": used["bytesRead"] // 1024,
    }


HEADER = "nights  step                     s   CPU s  read KB"


def table(lines: list[dict]) -> str:
    rows = []
    for found in lines:
        rest = f"{found['cpu_seconds']:>8.2f}{found['read_kb']:>9,}" if "read_kb" in found else ""
        rows.append(f"{found['nights']:>6}  {found['step']:<20}{found['seconds']:>6.1f}{rest}")
    return "\n".join(rows)
