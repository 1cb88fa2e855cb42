"""From a breach in a night's monitor to what becomes of the challengers, on a real Airflow."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import rides
from conftest import deploy, tributary
from server import Server, until
from test_airflow import rows

BEFORE, NIGHT = "2024-02-05", "2024-02-06"


def history(project: Path, model: str) -> list[dict[str, Any]]:
    return json.loads(tributary("registry", "history", model, "--project", project, "--json"))


def retrained(airflow: Server) -> list[str]:
    """The runs of the retraining DAG, the oldest first; all that ended."""
    runs = airflow.get("/dags/rides.retrain/dagRuns?order_by=run_after")["dag_runs"]
    assert {run["run_type"] for run in runs} <= {"asset_triggered"}
    return [run["dag_run_id"] for run in runs if run["state"] == "success"]


@pytest.mark.long
def test_a_breach_has_challengers_made_and_promoted_as_the_policy_says(
    airflow: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The world has turned since the models were trained: their AUC is found to be bad a night later."""
    project = tmp_path / "rides"
    rides.write(project, 40, turns=datetime(2024, 1, 17))
    # The history, the models, and no night: a person promotes one of them.
    tributary("run", project, code=2)
    tributary("registry", "promote", "by_hand@1", "--project", project, "--reason", "it is the first")
    pipeline = project / "pipelines" / "nightly.yaml"
    pipeline.write_text(pipeline.read_text().replace("until: 2024-02-06", "until: 2024-02-08"))
    tributary("run", project, "--night", BEFORE)
    deploy(project, airflow.dags, "rides", default_args={"retry_delay": 1})
    airflow.wait_for_dags("rides.nightly", "rides.retrain")

    run = airflow.trigger("rides.nightly", f"night__{NIGHT}", {"night": NIGHT})
    assert airflow.wait("rides.nightly", run) == "success"
    assert airflow.states("rides.nightly", run)["breach"] == "success"
    told = airflow.events("tributary://rides/breach")[0]["extra"]
    assert told["models"] == ["automatic@1", "by_hand@1"]
    assert told["interval"] == f"{NIGHT}T00:00:00Z/2024-02-07T00:00:00Z"
    assert [breach["words"].partition(",")[0] for breach in told["breaches"]] == ["actuals", "actuals"]

    until(lambda: len(retrained(airflow)) == 1, 300)
    automatic, by_hand = history(project, "automatic"), history(project, "by_hand")
    story = ["registered", "promoted", "retrain-decided", "registered", "compared"]
    assert [change["kind"] for change in automatic] == [*story, "promoted"]
    assert [change["kind"] for change in by_hand] == story
    for changes in (automatic, by_hand):
        assert changes[2]["reason"].startswith(f"monitor {changes[2]['model']}, {NIGHT}: auc ")
        assert "surely not worse" in changes[4]["reason"]
    assert (automatic[5]["number"], automatic[5]["alias"]) == (2, "production")

    # It is found by the night that its event tells.
    for name, value in airflow.signed_in().items():
        monkeypatch.setenv(name, value)
    tributary("airflow", "follow", "retrain", NIGHT, "--project", project)
    assert "automatic@2" in tributary("airflow", "logs", "retrain", NIGHT, "--project", project)

    airflow.clear("rides.nightly", run, "breach")
    until(lambda: len(retrained(airflow)) == 2, 300)
    assert (history(project, "automatic"), history(project, "by_hand")) == (automatic, by_hand)

    # What was scored and judged that night is done, whichever is run again, where no other version is in production.
    tables = ("scores/by_hand", "counts/by_hand", "actuals/by_hand", "monitor/by_hand", "windows/by_hand")
    before = {table: rows(project, table) for table in tables}
    for task in ("monitor", "score"):
        tried = airflow.tasks("rides.nightly", run)[task]["try_number"]
        airflow.clear("rides.nightly", run, task)
        until(lambda task=task, tried=tried: airflow.tasks("rides.nightly", run)[task]["try_number"] > tried, 120)
        assert airflow.wait("rides.nightly", run) == "success"
    assert {table: rows(project, table) for table in tables} == before
