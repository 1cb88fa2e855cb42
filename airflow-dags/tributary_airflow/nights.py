"""Which calendar days a DAG run is for.

A run is for nights of the project's zone, and never for "now": retried or cleared a year later it is for the same.

- Of a run by a timetable, or of a backfill, those are the days that ended in its data interval, its end included and
  its start not. Where the interval is empty, as a cron trigger timetable's is, it is the last day that had ended by
  then.
- A person says it: ``{"night": "2014-01-31"}`` or ``{"from": "2014-01-01", "to": "2014-02-01"}``, the latter exclusive.
- A run that assets started is for the nights of their events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

BY_TIMETABLE = ("scheduled", "backfill")
WRITE_A_NIGHT = 'Start it with a configuration that says which, as in {"night": "2014-01-31"}.'
_DAY = timedelta(days=1)


class NoNight(ValueError):
    """What a run is for can't be told; says what to write."""


def nights_of(
    zone: str,
    run_type: str,
    conf: Mapping[str, Any],
    interval: tuple[datetime, datetime] | None,
    intervals_of_events: Iterable[str] = (),
) -> list[date]:
    """The days that a run is for, in order; empty where none ended in its interval.

    :param zone: the project's
    :param run_type: Airflow's: ``scheduled``, ``backfill``, ``manual``, ``asset_triggered``
    :param conf: what whoever started the run wrote
    :param interval: the run's data interval, as instants
    :param intervals_of_events: of the assets' events that started the run, ``FROM/TO``, as instants
    :raises NoNight: where neither says it, or what they say is no night
    """
    if conf.get("night"):
        return [_day("night", conf["night"])]
    if conf.get("from") or conf.get("to"):
        if not (conf.get("from") and conf.get("to")):
            raise NoNight(
                'A range has both ends, as in {"from": "2014-01-01", "to": "2014-02-01"}; the last is exclusive.'
            )
        first, end = _day("from", conf["from"]), _day("to", conf["to"])
        if end <= first:
            raise NoNight(f"The range ends at {end}, which is exclusive, and starts at {first}: it holds no night.")
        return [first + n * _DAY for n in range((end - first).days)]
    if run_type in BY_TIMETABLE and interval:
        return _ended_in(ZoneInfo(zone), *interval)
    found: set[date] = set()
    for text in intervals_of_events:
        found.update(_ended_in(ZoneInfo(zone), *_ends(text)))
    if not found:
        raise NoNight(f"A run of kind {run_type} does not say which night it is for. {WRITE_A_NIGHT}")
    return sorted(found)


def _ended_in(zone: ZoneInfo, start: datetime, end: datetime) -> list[date]:
    last = end.astimezone(zone).date() - _DAY
    if start == end:
        return [last]
    days = []
    day = last
    while _midnight(day + _DAY, zone) > start:
        days.append(day)
        day -= _DAY
    return days[::-1]


def _ends(text: str) -> tuple[datetime, datetime]:
    try:
        start, end = (datetime.fromisoformat(part) for part in text.split("/"))
    except ValueError:
        raise NoNight(f"An asset's event has the interval {text!r}, which is not FROM/TO. {WRITE_A_NIGHT}") from None
    if not (start.tzinfo and end.tzinfo) or end < start:
        raise NoNight(
            f"An asset's event has the interval {text!r}, whose ends are no instants in order. {WRITE_A_NIGHT}"
        )
    return start, end


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day of the zone begins: where clocks go forward at midnight, as soon as there is a time of that day."""
    return datetime.combine(day, time.min, zone)


def instant(day: date, zone: str) -> str:
    """When a day of the zone begins, in UTC."""
    return _midnight(day, ZoneInfo(zone)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(key: str, value: Any) -> date:
    try:
        day = date.fromisoformat(value)
        # Python reads other spellings too, which nothing else here does.
        if day.isoformat() != value:
            raise ValueError(value)
        return day
    except (TypeError, ValueError):
        raise NoNight(f'{key} is no day: {value!r}. Write a day, as in {{"{key}": "2014-01-31"}}.') from None
