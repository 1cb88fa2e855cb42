"""What tests share: a project, the launcher, one Airflow."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

# Before Airflow is imported, which writes its settings there.
os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="airflow-tests-"))

import pytest  # noqa: E402
from server import Server  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
TRIBUTARY = Path(os.environ.get("TRIBUTARY_COMMAND", ROOT / "bin" / "tributary"))
FIRST = date(2024, 1, 1)
DAYS = 40
TILL_PASSWORD = "till-secret"


def tributary(*words: str | Path, lake: Path | None = None, code: int = 0) -> str:
    """What a command prints; its exit code must be ``code``."""
    environment = {**os.environ, **({"TRIBUTARY_LAKE": str(lake)} if lake else {})}
    ran = subprocess.run([TRIBUTARY, *words], env=environment, text=True, capture_output=True)
    assert ran.returncode == code, ran.stderr[-4000:]
    return ran.stdout


def orders(first: date, days: int, hours: int = 3) -> str:
    """Orders of some customers, one each few hours; the same for a day wherever it begins."""
    lines = ["order_id,customer,amount,ordered_at"]
    for day in (first + timedelta(days=n) for n in range(days)):
        for hour in range(0, 24, hours):
            number = (day - FIRST).days * 24 + hour
            at = datetime(day.year, day.month, day.day, hour, number * 7 % 60)
            lines.append(f"{number},c{number * 13 % 11},{number * 37 % 1000 / 10},{at.isoformat()}Z")
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that init made from forty days of orders; it is copied, never used."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "orders.csv").write_text(orders(FIRST, DAYS))
    tributary("init", folder / "shop", "--from", folder / "orders.csv")
    return folder / "shop"


@pytest.fixture(scope="session")
def dags_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dags")


def deploy(project: Path, dags: Path, name: str, **options: object) -> None:
    """A project's DAG file and its pipeline, where Airflow finds them."""
    tributary("pipeline", "--project", project, "--export", dags / f"{name}.json")
    words = "".join(f", {key}={value!r}" for key, value in options.items())
    (dags / f"{name}.py").write_text(
        f'from tributary_airflow import dags\n\nglobals().update(dags("{name}.json", project="{project}"{words}))\n'
    )


def copy(made: Path, folder: Path, name: str) -> Path:
    """The project under another name, with a lake of its own."""
    shutil.copytree(made, folder / name)
    file = folder / name / "tributary.yaml"
    file.write_text(file.read_text().replace("project: shop", f"project: {name}"))
    return folder / name


RECORDER = """#!/bin/sh
echo "begin $@" >> said
if [ "$1" = materialize ] && [ -f stays ]; then
  echo $$ > pid.new && mv pid.new pid
  exec sleep 600
fi
sleep 0.3
echo "end $@" >> said
echo "[]"
"""


@pytest.fixture(scope="session")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a script that stands for the command, by the connection of this name, writes in ``said`` how it was called.

    Where there is a file ``stays``, ``materialize`` stays, and writes its process's id to ``pid``.
    """
    folder = tmp_path_factory.mktemp("recorder")
    script = folder / "tributary"
    script.write_text(RECORDER.replace("#!/bin/sh\n", f"#!/bin/sh\ncd {folder}\n"))
    script.chmod(0o755)
    return folder


@pytest.fixture(scope="session")
def airflow(dags_folder: Path, recorder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    environment = {"TRIBUTARY_HEAP": "2g", "TILL_PASSWORD": TILL_PASSWORD}
    connection = {"conn_type": "generic", "extra": {"tributary": str(TRIBUTARY), "env": environment}}
    server = Server(
        tmp_path_factory.mktemp("airflow"),
        dags_folder,
        AIRFLOW_CONN_TRIBUTARY=json.dumps(connection),
        AIRFLOW_CONN_RECORDER=json.dumps({**connection, "extra": {"tributary": str(recorder / "tributary")}}),
        AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL="20",
        AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT="30",
        AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL="5",
    )
    try:
        yield server.start()
    finally:
        server.stop()
