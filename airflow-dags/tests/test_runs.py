"""What starts a run and what ends it, on a real Airflow; a script stands for the command and says how it was called."""

from __future__ import annotations

import json
import os
import signal
import textwrap
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import copy, tributary
from deltalake import QueryBuilder, write_deltalake
from server import Server, until
from test_dags import EXPORTED
from test_operator import is_alive

HOUR = (datetime.now(UTC).hour + 12) % 24
"""At which runs are scheduled: no other begins while these tests run."""

DAGS = """
    from airflow.providers.common.compat.sdk import DAG, Asset
    from airflow.timetables.interval import CronDataIntervalTimetable
    from tributary_airflow import dags
    from tributary_airflow.sensor import DeltaTableSensor

    common = {"project": "/srv/recorded", "connection": "recorder", "besides": False}
    intervals = CronDataIntervalTimetable("0 HOUR * * *", timezone="UTC")
    globals().update(dags("intervals.json", schedule=intervals, **common))
    globals().update(dags("trigger.json", **common))
    globals().update(dags("weekly.json", **common))
    globals().update(dags("assets.json", schedule=[Asset("tributary://upstream/scores.s")], **common))
    globals().update(dags("killed.json", schedule=[], **common))
    globals().update(dags("pooled.json", schedule=[], nights_at_once=3, pool="tributary-pooled", **common))
    with DAG("recorded.waits", schedule=None):
        DeltaTableSensor(
            task_id="wait", table="TABLE", column="at", zone="UTC", deferrable=True, poke_interval=1
        )
"""


def graph(pipeline: str, schedule: str = f"0 {HOUR} * * *", project: str = "recorded") -> str:
    steps = [
        {"phase": "interval", "command": command, "subject": "s", "span": "interval", "makes": [f"{command}.s"]}
        for command in ("ingest", "materialize")
    ]
    return json.dumps(
        {
            **{"format": 1, "project": project, "pipeline": pipeline, "schedule": schedule, "zone": "UTC"},
            **{"steps": steps, "mains": json.loads(EXPORTED.read_text())["mains"]},
        }
    )


@pytest.fixture(scope="module")
def recorded(airflow: Server, recorder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the table lies that a sensor waits for, once Airflow knows the DAGs."""
    table = tmp_path_factory.mktemp("theirs") / "table"
    for name in ("intervals", "trigger", "assets", "killed"):
        (airflow.dags / f"{name}.json").write_text(graph(name))
    (airflow.dags / "weekly.json").write_text(graph("weekly", f"0 {HOUR} * * 1"))
    (airflow.dags / "pooled.json").write_text(graph("nightly", project="pooled"))
    (airflow.dags / "recorded.py").write_text(
        textwrap.dedent(DAGS).replace("TABLE", str(table)).replace("HOUR", str(HOUR))
    )
    return table


def called(recorder: Path, command: str) -> list[list[str]]:
    """The words of each call of a command, in order."""
    lines = (recorder / "said").read_text().splitlines() if (recorder / "said").exists() else []
    return [line.split() for line in lines if line.startswith(f"begin {command} ")]


def nights(words: list[str]) -> list[str]:
    return [words[i + 1] for i, word in enumerate(words) if word == "--night"]


def only_run(airflow: Server, dag: str) -> str:
    """The run that something else than this test starts, once it has ended well."""

    def runs() -> list[str]:
        return [run["dag_run_id"] for run in airflow.get(f"/dags/{dag}/dagRuns")["dag_runs"]]

    until(lambda: bool(runs()), 60)
    assert airflow.wait(dag, runs()[0]) == "success"
    return runs()[0]


def said_of(recorder: Path, airflow: Server, dag: str) -> list[str]:
    before = len(called(recorder, "materialize"))
    airflow.wait_for_dags(dag)
    only_run(airflow, dag)
    made = called(recorder, "materialize")[before:]
    assert len(made) == 1
    return nights(made[0])


def last_tick(weekday: int | None = None) -> datetime:
    """When a run was last due, of a weekday."""
    tick = datetime.now(UTC).replace(hour=HOUR, minute=0, second=0, microsecond=0)
    while tick > datetime.now(UTC) or weekday not in (None, tick.weekday()):
        tick -= timedelta(days=1)
    return tick


@pytest.mark.parametrize("timetable", ["intervals", "trigger"])
def test_a_scheduled_run_is_for_the_day_before(airflow: Server, recorded: Path, recorder: Path, timetable: str) -> None:
    expected = (last_tick() - timedelta(days=1)).date().isoformat()
    assert said_of(recorder, airflow, f"recorded.{timetable}") == [expected]


def test_a_weekly_one_is_for_its_seven_days(airflow: Server, recorded: Path, recorder: Path) -> None:
    monday = last_tick(weekday=0)
    expected = [(monday - timedelta(days=n)).date().isoformat() for n in range(7, 0, -1)]
    assert said_of(recorder, airflow, "recorded.weekly") == expected


def test_a_run_that_assets_started_is_for_their_nights(airflow: Server, recorded: Path, recorder: Path) -> None:
    airflow.wait_for_dags("recorded.assets")
    asset = airflow.get("/assets?uri_pattern=tributary://upstream/scores.s")["assets"][0]["id"]
    interval = "2014-01-30T00:00:00Z/2014-02-01T00:00:00Z"
    airflow.post("/assets/events", {"asset_id": asset, "extra": {"interval": interval}})
    run = only_run(airflow, "recorded.assets")
    assert airflow.run("recorded.assets", run)["run_type"] == "asset_triggered"
    assert nights(called(recorder, "materialize")[-1]) == ["2014-01-30", "2014-01-31"]
    told = airflow.events("tributary://recorded/materialize.s")[0]["extra"]
    assert told["interval"] == interval, "so that the next DAG is for the same"


def test_a_deferred_sensor_wakes_with_the_first_row_behind_the_night(airflow: Server, recorded: Path) -> None:
    airflow.wait_for_dags("recorded.waits")
    run = airflow.trigger("recorded.waits", "n", {"night": "2014-01-31"})
    until(lambda: airflow.states("recorded.waits", run)["wait"] == "deferred", 60)
    for instant in ("2014-01-31T23:59:59Z", "2014-02-01T00:00:00Z"):
        # It looks each second.
        time.sleep(3)
        assert airflow.states("recorded.waits", run)["wait"] == "deferred"
        row = f"select arrow_cast('{instant}', 'Timestamp(Microsecond, Some(\"UTC\"))') as at"
        write_deltalake(recorded, QueryBuilder().execute(row).read_all(), mode="append")
    assert airflow.wait("recorded.waits", run) == "success"


def test_a_running_task_that_is_marked_failed_takes_its_command_along(
    airflow: Server, recorded: Path, recorder: Path
) -> None:
    airflow.wait_for_dags("recorded.killed")
    (recorder / "stays").touch()
    try:
        run = airflow.trigger("recorded.killed", "killed", {"night": "2014-01-31"})
        until((recorder / "pid").is_file, 90)
        command = int((recorder / "pid").read_text())
        assert is_alive(command)
        (recorder / "stays").unlink()
        airflow.mark("recorded.killed", run, "materialize", "failed")
        until(lambda: not is_alive(command), 60)
        assert airflow.wait("recorded.killed", run) == "failed"
    finally:
        (recorder / "stays").unlink(missing_ok=True)
        if (recorder / "pid").exists() and is_alive(int((recorder / "pid").read_text())):
            os.kill(int((recorder / "pid").read_text()), signal.SIGKILL)


def test_one_at_a_time_works_in_a_pool(
    made: Path, airflow: Server, recorded: Path, recorder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three nights at once, where the lake's file system has no locks."""
    airflow.wait_for_dags("pooled.nightly")
    for name, value in airflow.signed_in().items():
        monkeypatch.setenv(name, value)
    tributary("airflow", "setup", "--project", copy(made, tmp_path, "pooled"))
    began = len((recorder / "said").read_text().splitlines()) if (recorder / "said").exists() else 0
    wanted = [f"2014-02-0{n}" for n in (1, 2, 3)]
    runs = [airflow.trigger("pooled.nightly", night, {"night": night}) for night in wanted]
    assert [airflow.wait("pooled.nightly", run) for run in runs] == ["success"] * 3
    pools = {task["pool"] for run in runs for task in airflow.tasks("pooled.nightly", run).values()}
    assert pools == {"tributary-pooled"}
    lines = [line.split()[0] for line in (recorder / "said").read_text().splitlines()[began:]]
    assert lines == ["begin", "end"] * 9, "check, ingest and materialize of three nights"
    assert sorted(nights(words)[0] for words in called(recorder, "materialize")[-3:]) == wanted
