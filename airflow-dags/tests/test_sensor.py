"""Waiting for other teams' Delta tables."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, TaskDeferred
from deltalake import QueryBuilder, write_deltalake
from tributary_airflow.sensor import DeltaTableSensor, DeltaTableTrigger, NoStatistics, has_passed


def night(text: str) -> dict[str, Any]:
    return {"dag_run": SimpleNamespace(run_type="manual", conf={"night": text}), "params": {}}


def append(folder: Path, columns: str) -> str:
    """A row of SQL expressions."""
    write_deltalake(folder, QueryBuilder().execute(f"select {columns}").read_all(), mode="append")
    return str(folder)


def at(text: str) -> str:
    return f"arrow_cast('{text}', 'Timestamp(Microsecond, Some(\"UTC\"))') as at"


def test_a_version(tmp_path: Path) -> None:
    sensor = DeltaTableSensor(task_id="s", table=str(tmp_path / "t"), version=1)
    assert not sensor.poke({})
    append(tmp_path / "t", "1 as n")
    assert not sensor.poke({})
    append(tmp_path / "t", "2 as n")
    assert sensor.poke({})


def test_a_night_has_passed_with_the_first_row_behind_it(tmp_path: Path) -> None:
    """In New York it ends at five o'clock in London."""
    table = append(tmp_path / "t", at("2014-02-01T04:59:00Z"))
    sensor = DeltaTableSensor(task_id="s", table=table, column="at", zone="America/New_York")
    assert not sensor.poke(night("2014-01-31"))
    assert sensor.poke(night("2014-01-30"))
    append(tmp_path / "t", at("2014-02-01T05:00:00Z"))
    assert sensor.poke(night("2014-01-31"))
    assert not sensor.poke(night("2014-02-01"))


def test_a_day_has_passed_with_its_first_row(tmp_path: Path) -> None:
    table = append(tmp_path / "t", "cast('2014-01-31' as date) as day")
    sensor = DeltaTableSensor(task_id="s", table=table, column="day")
    assert sensor.poke(night("2014-01-31"))
    assert not sensor.poke(night("2014-02-01"))


def test_what_the_log_does_not_tell_fails_at_once(tmp_path: Path) -> None:
    table = append(tmp_path / "t", "1 as n")
    with pytest.raises(AirflowFailException, match="no statistics of a column at"):
        DeltaTableSensor(task_id="s", table=table, column="at").poke(night("2014-01-31"))
    with pytest.raises(AirflowFailException, match="holds neither days nor times"):
        DeltaTableSensor(task_id="s", table=table, column="n").poke(night("2014-01-31"))
    with pytest.raises(ValueError, match="name one"):
        DeltaTableSensor(task_id="s", table=table)


def test_it_waits_in_the_triggerer(tmp_path: Path) -> None:
    sensor = DeltaTableSensor(task_id="s", table=str(tmp_path / "t"), version=0, deferrable=True, poke_interval=0.05)
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute({})
    _, arguments = deferred.value.trigger.serialize()

    async def wait() -> Any:
        events = DeltaTableTrigger(**arguments).run()
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        append(tmp_path / "t", "1 as n")
        return await asyncio.wait_for(waiting, 10)

    assert asyncio.run(wait()).payload == {}
    sensor.resume({}, {})
    with pytest.raises(AirflowFailException, match="why"):
        sensor.resume({}, {"problem": "why"})


def test_a_table_that_is_broken_is_said(tmp_path: Path) -> None:
    table = append(tmp_path / "t", "1 as n")
    with pytest.raises(NoStatistics):
        has_passed(table, column="n", day="2014-01-31", end="2014-02-01T00:00:00Z")
