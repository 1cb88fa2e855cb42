"""A month of nights as a backfill of Airflow, while things go wrong."""

from __future__ import annotations

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import DAYS, FIRST, copy, deploy, tributary
from server import Server, until
from test_airflow import TABLES, published, rows

NIGHTS = [(FIRST + timedelta(days=n)).isoformat() for n in range(DAYS - 30, DAYS)]
DAG = "month.nightly"


@pytest.mark.long
def test_a_month_survives_what_goes_wrong(made: Path, airflow: Server, tmp_path: Path) -> None:
    """Four nights at once; the scheduler is killed twice, a worker three times; a bad file is delivered and mended."""
    project = copy(made, tmp_path, "month")
    deploy(project, airflow.dags, "month", nights_at_once=4, default_args={"retry_delay": 2})
    airflow.wait_for_dags(DAG)
    started = time.monotonic()
    wanted = {
        "dag_id": DAG,
        # A night is run on the day behind it.
        "from_date": f"{NIGHTS[0]}T12:00:00Z",
        "to_date": (FIRST + timedelta(days=DAYS)).isoformat() + "T12:00:00Z",
        "max_active_runs": 4,
        "reprocess_behavior": "none",
    }
    backfill = airflow.post("/backfills", wanted)
    assert len(airflow.get(f"/dags/{DAG}/dagRuns?limit=100&run_type=backfill")["dag_runs"]) == len(NIGHTS)

    def states() -> list[str]:
        found = airflow.get(f"/dags/{DAG}/dagRuns?limit=100&run_type=backfill")["dag_runs"]
        return [run["state"] for run in found]

    def ended(state: str) -> int:
        return states().count(state)

    until(lambda: ended("success") >= 2, 900)
    kill_a_worker(project)
    until(lambda: ended("success") >= 5, 900)
    airflow.kill("scheduler")
    airflow.start()
    until(lambda: ended("success") >= 8, 900)
    kill_a_worker(project)
    delivered = project / "data" / "orders.csv"
    good = delivered.read_text()
    delivered.write_text(good.replace("customer", "client", 1))
    until(lambda: ended("failed") >= 1, 900)
    delivered.write_text(good)
    until(lambda: ended("success") >= 14, 900)
    airflow.kill("scheduler")
    airflow.start()
    kill_a_worker(project)
    until(lambda: all(state in ("success", "failed") for state in states()), 3600)
    failed = [
        run["dag_run_id"]
        for run in airflow.get(f"/dags/{DAG}/dagRuns?limit=100&state=failed")["dag_runs"]
        if run["run_type"] == "backfill"
    ]
    assert failed
    again = [
        found["task_id"]
        for run in airflow.get(f"/dags/{DAG}/dagRuns?limit=100&state=success")["dag_runs"]
        for found in airflow.tasks(DAG, run["dag_run_id"]).values()
        if found["try_number"] > 1
    ]
    print(f"{len(failed)} nights failed by the file; tried again: {again}")
    assert len(again) >= 3, "each killed worker's task"
    for run in failed:
        tasks = airflow.tasks(DAG, run)
        assert {task for task, found in tasks.items() if found["state"] == "failed"} <= {"check", "ingest"}
        airflow.clear(DAG, run, *(task for task, found in tasks.items() if found["state"] != "success"))
    until(lambda: states() == ["success"] * len(NIGHTS), 1800)
    until(lambda: airflow.get(f"/backfills/{backfill['id']}")["completed_at"] is not None, 60)
    print(f"{len(NIGHTS)} nights in {time.monotonic() - started:.0f} s")
    by_hand = copy(made, tmp_path / "hand", "month")
    tributary("run", by_hand, *(word for night in NIGHTS for word in ("--night", night)))
    for table in TABLES:
        assert rows(project, table) == rows(by_hand, table), table
    assert published(project) == published(by_hand)


def kill_a_worker(project: Path) -> None:
    """The process that runs a task of the project, outright, and with it what supervises it."""

    def at_work() -> list[int]:
        return [
            parent
            for pid in pids()
            if str(project) in command(pid)
            and "java" in command(pid)
            and "airflow" in command(parent := parent_of(pid))
        ]

    until(lambda: bool(at_work()), 300)
    runner = at_work()[0]
    command_of = [pid for pid in pids() if parent_of(pid) == runner]
    os.kill(parent_of(runner), signal.SIGKILL)
    os.kill(runner, signal.SIGKILL)
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in command_of), 60)


def pids() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0
