"""Waits for Delta tables that other teams' pipelines write. It needs the package's extra ``delta``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from airflow.providers.common.compat.sdk import (
    AirflowFailException,
    AirflowSkipException,
    BaseSensorOperator,
    Context,
    conf,
)
from airflow.triggers.base import BaseTrigger, TriggerEvent

from tributary_airflow.nights import instant
from tributary_airflow.operator import nights_of_run


class DeltaTableSensor(BaseSensorOperator):
    """Waits until a Delta table has passed a version, or the nights of its run.

    A table has passed a night when it has a row at or behind the night's end in ``column``, or, where that is a day,
    one of that day or a later one. The log's statistics tell it: of a column without any the task fails.

    :param table: where the table lies: a folder, or a URI that delta-rs reads
    :param version: wait for this version or a later one
    :param column: wait for the nights, by this column: a time, a day or a partition by day
    :param zone: in which nights are days, with ``column``
    :param storage_options: how delta-rs reaches the storage
    :param deferrable: waits in the triggerer and holds no worker; else in the worker
    """

    template_fields: Sequence[str] = ("table", "version")

    def __init__(
        self,
        *,
        table: str,
        version: int | None = None,
        column: str | None = None,
        zone: str = "UTC",
        storage_options: dict[str, str] | None = None,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if (version is None) == (column is None):
            raise ValueError(f"Sensor {self.task_id} waits for a version or a column's nights: name one.")
        self.table = table
        self.version = version
        self.column = column
        self.zone = zone
        self.storage_options = storage_options
        self.deferrable = deferrable

    def execute(self, context: Context) -> None:
        if not self.deferrable:
            super().execute(context)
        elif not self.poke(context):
            self.defer(
                trigger=DeltaTableTrigger(**self._wanted(context), poke_interval=self.poke_interval),
                method_name="resume",
                timeout=timedelta(seconds=self.timeout),
            )

    def poke(self, context: Context) -> bool:
        try:
            return has_passed(**self._wanted(context))
        except NoStatistics as problem:
            raise AirflowFailException(str(problem)) from None

    def resume(self, context: Context, event: dict[str, str]) -> None:
        """What the triggerer found."""
        if "problem" in event:
            raise AirflowFailException(event["problem"])

    def _wanted(self, context: Context) -> dict[str, Any]:
        wanted: dict[str, Any] = {"table": self.table, "storage_options": self.storage_options}
        if self.column is None:
            return {**wanted, "version": int(self.version)}
        nights = nights_of_run(context, self.zone)
        if not nights:
            raise AirflowSkipException(f"No day of {self.zone} ended in the run's data interval.")
        last = nights[-1]
        end = instant(last + timedelta(days=1), self.zone)
        return {**wanted, "column": self.column, "day": last.isoformat(), "end": end}


class DeltaTableTrigger(BaseTrigger):
    """Waits in the triggerer for what :class:`DeltaTableSensor` waits for."""

    def __init__(self, poke_interval: float, **wanted: Any) -> None:
        super().__init__()
        self.poke_interval = poke_interval
        self.wanted = wanted

    def serialize(self) -> tuple[str, dict[str, Any]]:
        return (f"{__name__}.{type(self).__name__}", {"poke_interval": self.poke_interval, **self.wanted})

    async def run(self) -> AsyncIterator[TriggerEvent]:
        try:
            while not await asyncio.to_thread(has_passed, **self.wanted):
                await asyncio.sleep(self.poke_interval)
            yield TriggerEvent({})
        except NoStatistics as problem:
            yield TriggerEvent({"problem": str(problem)})


class NoStatistics(ValueError):
    """A table's log does not tell what is asked of it."""


def has_passed(
    table: str,
    storage_options: dict[str, str] | None = None,
    version: int | None = None,
    column: str | None = None,
    day: str = "",
    end: str = "",
) -> bool:
    """Whether a table has a version, or rows behind a day; false of a table that is not there yet.

    :param day: the day, where the column holds days
    :param end: the day's end, an instant, where it holds instants
    :raises NoStatistics: where the column has none, or holds neither
    """
    from deltalake import DeltaTable
    from deltalake.exceptions import TableNotFoundError

    try:
        found = DeltaTable(table, storage_options=storage_options)
    except TableNotFoundError:
        return False
    if column is None:
        return found.version() >= version
    files = found.get_add_actions(flatten=True)
    if files.num_rows == 0:
        return False
    for name in (f"partition.{column}", f"max.{column}"):
        if name in files.schema.names:
            newest = max((value for value in files.column(name).to_pylist() if value is not None), default=None)
            break
    else:
        raise NoStatistics(
            f"The log of {table} has no statistics of a column {column}. Name a column that it has them of."
        )
    if newest is None:
        return False
    if isinstance(newest, datetime):
        moment = datetime.fromisoformat(end)
        return newest >= (moment if newest.tzinfo else moment.replace(tzinfo=None))
    try:
        return (newest if isinstance(newest, date) else date.fromisoformat(newest)) >= date.fromisoformat(day)
    except (TypeError, ValueError):
        raise NoStatistics(f"Column {column} of {table} holds neither days nor times: {newest!r}.") from None
