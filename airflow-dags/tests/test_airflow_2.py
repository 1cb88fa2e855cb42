"""The same DAG files on Airflow 2.11."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import DAYS, FIRST, ROOT, TRIBUTARY, copy, deploy
from test_airflow import runs

ENVIRONMENT = ROOT / "target" / "python-2.11"
PREPARE = f"source bin/environment.sh && python_environment {ENVIRONMENT} airflow-dags/tests/requirements-2.11.txt"


@pytest.mark.long
def test_a_night_runs_and_a_run_without_a_night_is_refused(made: Path, tmp_path: Path) -> None:
    subprocess.run(["bash", "-ec", PREPARE], check=True, cwd=ROOT)
    project, dags = copy(made, tmp_path, "older"), tmp_path / "dags"
    dags.mkdir()
    deploy(project, dags, "older", default_args={"retries": 0})
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")},
        "AIRFLOW_HOME": str(tmp_path / "home"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW_CONN_TRIBUTARY": json.dumps({"conn_type": "generic", "extra": {"tributary": str(TRIBUTARY)}}),
        "PYTHONPATH": str(ROOT / "airflow-dags"),
    }

    def airflow(*words: str) -> subprocess.CompletedProcess[str]:
        command = [ENVIRONMENT / "bin" / "python", "-m", "airflow", *words]
        return subprocess.run(command, env=environment, text=True, capture_output=True)

    def said(*words: str) -> Any:
        """What is printed behind what is logged."""
        return json.loads(airflow(*words, "--output", "json").stdout.splitlines()[-1])

    assert airflow("version").stdout.strip() == "2.11.2"
    assert airflow("db", "migrate").returncode == 0
    assert said("dags", "list-import-errors") == []
    listed = said("dags", "list")
    names = ("backfill", "clean", "history", "nightly", "retrain")
    assert {dag["dag_id"] for dag in listed} == {f"older.{name}" for name in names}

    refused = airflow("dags", "test", "older.nightly")
    assert '{"night": "2014-01-31"}' in refused.stdout + refused.stderr
    night = FIRST.replace(month=2, day=DAYS - 34).isoformat()
    ran = airflow("dags", "test", "older.nightly", "--conf", json.dumps({"night": night}))
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    done = [run["key"]["job"] for run in runs(project, "materialize") if run["outcome"] == "SUCCEEDED"]
    assert done == ["materialize"]
    assert [run["key"]["interval"][:10] for run in runs(project, "publish")] == [night]
