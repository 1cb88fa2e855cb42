"""Which days a run is for."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from tributary_airflow.nights import NoNight, instant, nights_of

NEW_YORK = "America/New_York"


def at(text: str, zone: str = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def scheduled(start: str, end: str, zone: str = NEW_YORK, of: str = "UTC") -> list[str]:
    return [day.isoformat() for day in nights_of(zone, "scheduled", {}, (at(start, of), at(end, of)))]


def test_a_cron_trigger_is_for_the_day_that_has_ended() -> None:
    assert scheduled("2014-02-01T06:00", "2014-02-01T06:00", of=NEW_YORK) == ["2014-01-31"]
    assert scheduled("2014-02-01T00:00", "2014-02-01T00:00", of=NEW_YORK) == ["2014-01-31"]
    # In UTC it is the first of February already, in New York still the evening before.
    assert scheduled("2014-02-01T02:00", "2014-02-01T02:00") == ["2014-01-30"]


def test_a_data_interval_is_for_the_days_that_ended_in_it() -> None:
    assert scheduled("2014-01-31T06:00", "2014-02-01T06:00", of=NEW_YORK) == ["2014-01-31"]
    assert scheduled("2014-01-31T00:00", "2014-02-01T00:00", of=NEW_YORK) == ["2014-01-31"]
    assert scheduled("2014-01-31T00:00", "2014-02-01T00:00", of="UTC") == ["2014-01-30"]


def test_a_week_is_for_its_seven_days_and_an_hour_mostly_for_none() -> None:
    week = scheduled("2014-02-03T06:00", "2014-02-10T06:00", of=NEW_YORK)
    assert week == [f"2014-02-0{n}" for n in range(3, 10)]
    assert scheduled("2014-02-03T06:00", "2014-02-03T07:00", of=NEW_YORK) == []
    assert scheduled("2014-02-02T23:30", "2014-02-03T00:30", of=NEW_YORK) == ["2014-02-02"]


def test_runs_one_after_the_other_have_each_day_once() -> None:
    """Whatever the hour, also over the days with 23 and 25 hours."""
    for hour in range(24):
        ends = [datetime(2014, 3, 6 + n, hour, tzinfo=ZoneInfo("UTC")) for n in range(6)]
        days = [
            day
            for start, end in zip(ends, ends[1:], strict=False)
            for day in nights_of(NEW_YORK, "backfill", {}, (start, end))
        ]
        assert days == sorted(set(days)), hour
        assert [(b - a).days for a, b in zip(days, days[1:], strict=False)] == [1] * (len(days) - 1), hour


def test_clocks_change() -> None:
    assert scheduled("2014-03-09T06:00", "2014-03-10T06:00", of=NEW_YORK) == ["2014-03-09"]
    assert instant(date(2014, 3, 9), NEW_YORK) == "2014-03-09T05:00:00Z"
    assert instant(date(2014, 3, 10), NEW_YORK) == "2014-03-10T04:00:00Z"
    # In Santiago the day began at one o'clock.
    assert instant(date(2019, 9, 8), "America/Santiago") == "2019-09-08T04:00:00Z"


def test_a_person_says_it() -> None:
    assert nights_of("UTC", "manual", {"night": "2014-01-31"}, None) == [date(2014, 1, 31)]
    both = {"from": "2014-01-30", "to": "2014-02-02"}
    assert nights_of("UTC", "manual", both, None) == [date(2014, 1, 30), date(2014, 1, 31), date(2014, 2, 1)]


def test_what_a_person_says_comes_before_an_interval() -> None:
    interval = (at("2020-01-01T00:00"), at("2020-01-02T00:00"))
    assert nights_of("UTC", "scheduled", {"night": "2014-01-31"}, interval) == [date(2014, 1, 31)]


@pytest.mark.parametrize("run_type", ["manual", "asset_triggered", "operator_triggered", "asset_materialization"])
def test_now_is_no_night(run_type: str) -> None:
    now = datetime(2026, 1, 1, 13, 7, tzinfo=ZoneInfo("UTC"))
    with pytest.raises(NoNight, match=r'\{"night": "2014-01-31"\}'):
        nights_of("UTC", run_type, {"night": None}, (now, now))


@pytest.mark.parametrize(
    ("conf", "says"),
    [
        ({"night": "31.1.2014"}, "night is no day: '31.1.2014'"),
        ({"night": 20140131}, "night is no day: 20140131"),
        ({"night": "20140131"}, "night is no day: '20140131'"),
        ({"night": "2014-1-31"}, "night is no day: '2014-1-31'"),
        ({"night": "2014-W05-5"}, "night is no day: '2014-W05-5'"),
        ({"from": "2014-01-31"}, "both ends"),
        ({"from": "2014-01-31", "to": "2014-01-31"}, "holds no night"),
        ({"from": "2014-01-31", "to": "soon"}, "to is no day: 'soon'"),
    ],
)
def test_what_is_no_night_is_refused(conf: dict, says: str) -> None:
    with pytest.raises(NoNight, match=says):
        nights_of("UTC", "manual", conf, None)


def test_assets_say_it() -> None:
    events = ["2014-02-01T05:00:00Z/2014-02-02T05:00:00Z", "2014-01-31T05:00:00Z/2014-02-01T05:00:00Z"]
    assert nights_of(NEW_YORK, "asset_triggered", {}, None, events) == [date(2014, 1, 31), date(2014, 2, 1)]


@pytest.mark.parametrize(
    "interval", ["None", "2014-01-31", "2014-01-31/2014-02-01", "b/a", "2014-02-02T00:00Z/2014-02-01T00:00Z"]
)
def test_an_event_without_an_interval_is_no_night(interval: str) -> None:
    with pytest.raises(NoNight, match="An asset's event has the interval"):
        nights_of(NEW_YORK, "asset_triggered", {}, None, [interval])
