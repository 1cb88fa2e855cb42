"""The DAGs of a project, made from what ``tributary pipeline NAME --export`` wrote.

A DAG file of a project is::

    from tributary_airflow import dags

    globals().update(dags("nightly.json", project="/srv/shop"))
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from airflow.providers.common.compat.sdk import DAG, Asset, Param, chain
from airflow.timetables.interval import CronDataIntervalTimetable
from airflow.timetables.trigger import CronTriggerTimetable

from tributary_airflow.operator import BreachOperator, TributaryOperator

FORMAT = 1
"""Of the pipelines that this package reads."""

BESIDES = ("history", "train", "retrain", "backfill", "clean")
"""The names of a project's DAGs beside its pipelines'."""

_BEFORE_ALL_DATA = datetime(1970, 1, 1)
_RETRIES = {
    "retries": 6,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=30),
}


class StalePipeline(ValueError):
    """The file of a pipeline is none, or another build's; says what to write."""


def dags(
    pipeline: str,
    *,
    project: str,
    connection: str = "tributary",
    schedule: Any = None,
    train: Any = "0 12 * * 0",
    clean: Any = "0 18 * * 0",
    pool: str | None = None,
    nights_at_once: int = 1,
    besides: bool = True,
    default_args: dict[str, Any] | None = None,
    **options: Any,
) -> dict[str, DAG]:
    """The DAGs of a pipeline, by their ids: for the ``globals()`` of a DAG file.

    - ``PROJECT.PIPELINE`` for each night: check, a task for each line of the pipeline's steps, then what marks a breach
    - ``PROJECT.train``: training sets and models that the pipeline names
    - ``PROJECT.retrain``: what breaches decided to train again, compared with the champion; started by breaches
    - ``PROJECT.history``: the history in one go, its models, then its nights; started by hand, once
    - ``PROJECT.backfill``: nights from one to another in one process, started by hand
    - ``PROJECT.clean``: removes what nobody needs any more

    :param pipeline: the file that ``tributary pipeline NAME --export`` wrote; relative to the DAG file
    :param project: the project's folder on the workers
    :param connection: the id of the connection that says what starts a command
    :param schedule: of the nights; the pipeline's own cron in its zone unless it is given. Where that leaves days out,
        a run is for all nights since the last. What passes while the DAG is paused or the scheduler is down is left to
        a backfill.
    :param train: when models are trained; ``None``: by hand
    :param clean: when the lake is cleaned; ``None``: by hand
    :param pool: a pool of one slot, where the lake's file system has no locks; see ``tributary airflow setup``
    :param nights_at_once: how many nights may run beside each other, as in a backfill: each takes a process's memory
    :param besides: also the DAGs that a project has once; of its second pipeline ``False``
    :param default_args: of all tasks
    :param options: of all DAGs, such as ``tags``, ``start_date``, ``on_failure_callback``
    :raises ValueError: for an option that each DAG has its own of
    """
    own = sorted({"dag_id", "description", "params", "max_active_runs"} & options.keys())
    if own:
        raise ValueError(f"Each DAG has its own {own[0]}. How many nights may run at once says nights_at_once.")
    file = Path(inspect.stack()[1].filename).parent / pipeline
    graph = read(file)
    name = graph["project"]
    if besides and graph["pipeline"] in BESIDES:
        raise StalePipeline(
            f"Pipeline {graph['pipeline']} of {file} has the name of another DAG of its project. "
            "Give it another, or say besides=False."
        )
    tasks = _Tasks(graph, file, project, connection, pool)
    common = {
        "start_date": _first_day(graph),
        "catchup": False,
        "max_active_runs": 1,
        "default_args": {**_RETRIES, **(default_args or {})},
        **options,
        "tags": [f"tributary:{name}", *options.get("tags", [])],
    }

    def dag(of: str, what: str, build: Callable[[], None], **settings: Any) -> DAG:
        with DAG(f"{name}.{of}", description=what, **{**common, **settings}) as made:
            build()
        return made

    zone, until = graph["zone"], graph.get("until")
    nightly = [
        dag(
            graph["pipeline"],
            f"Pipeline {graph['pipeline']} of {name}, night by night" + (f", until {until}." if until else "."),
            tasks.nightly,
            schedule=_timetable(graph["schedule"], zone) if schedule is None else schedule,
            max_active_runs=nights_at_once,
            params={"night": Param(None, type=["null", "string"], format="date", description="A day of " + zone)},
        ),
    ]
    made = [
        dag(
            "retrain",
            "Trains again what breaches decided, and compares it with what is in production.",
            tasks.retrain,
            schedule=[tasks.breach],
        ),
        dag(
            "backfill",
            "Nights in one process, one after the other.",
            tasks.backfill,
            schedule=None,
            params={
                "from": Param(None, type=["null", "string"], format="date", description="The first night"),
                "to": Param(None, type=["null", "string"], format="date", description="Behind the last night"),
            },
        ),
        dag("clean", "Removes what nobody needs any more.", tasks.clean, schedule=_cron(clean, zone)),
    ]
    if graph.get("history") and until:
        made.append(dag("history", "The history in one go, its models, then its nights.", tasks.history, schedule=None))
    if any(step["phase"] == "train" for step in graph["steps"]):
        made.append(dag("train", "Makes training sets and models.", tasks.train, schedule=_cron(train, zone)))
    all_dags = [*nightly, *(made if besides else [])]
    return {dag.dag_id.replace(".", "_").replace("-", "_"): dag for dag in all_dags}


def read(file: Path) -> dict[str, Any]:
    """A pipeline's graph.

    :raises StalePipeline: where there is none, or in a format that this package does not know
    """
    export = f"Export it: tributary pipeline NAME --project DIR --export {file}"
    try:
        graph = json.loads(file.read_text(encoding="utf-8"))
        known = graph.get("format") == FORMAT and "mains" in graph
    except FileNotFoundError:
        raise StalePipeline(f"There is no pipeline {file}. {export}") from None
    except (ValueError, AttributeError):
        raise StalePipeline(f"{file} is no pipeline. {export}") from None
    if "error" in graph:
        raise StalePipeline(f"{file} is no pipeline, but why there is none: {graph['error']['message']} {export}")
    if not known:
        raise StalePipeline(f"{file} was written by another version of Tributary. {export}")
    return graph


class _Tasks:
    """Makes the tasks of one project's DAGs."""

    def __init__(self, graph: dict[str, Any], file: Path, project: str, connection: str, pool: str | None) -> None:
        self.graph = graph
        self.file = file
        self.common = {"project": project, "connection": connection, **({"pool": pool} if pool else {})}
        self.pool = pool
        self.breach = self._asset("breach")

    def nightly(self) -> None:
        night = {"zone": self.graph["zone"], "until": self.graph.get("until")}
        lines = self._lines("interval")
        tasks = [self._step(task, steps, **(night if steps[0]["span"] == "interval" else {})) for task, steps in lines]
        chain(self._check(), *tasks)
        monitors = [task for task in tasks if task.command == "monitor"]
        if monitors:
            breach = BreachOperator(task_id="breach", monitors=[task.task_id for task in monitors], breach=self.breach)
            # Whatever else of the night fails: a breach is told.
            monitors >> breach

    def train(self) -> None:
        chain(self._check(), *(self._step(task, steps) for task, steps in self._lines("train")))

    def retrain(self) -> None:
        self._check() >> self._task("retrain", "retrain")

    def history(self) -> None:
        self._check() >> self._task("run", "run", subjects=[self.graph["pipeline"]])

    def backfill(self) -> None:
        self._check() >> self._task("run", "run", subjects=[self.graph["pipeline"]], zone=self.graph["zone"])

    def clean(self) -> None:
        self._check() >> self._task("clean", "clean")

    def _check(self) -> TributaryOperator:
        """What each DAG begins with: it goes by what the project says now, and on a lake that locks or in a pool."""
        locks = [] if self.pool else ["--needs-locks"]
        return self._task("check", "check", options=["--exported", str(self.file), *locks])

    def _lines(self, phase: str) -> list[tuple[str, list[dict[str, Any]]]]:
        """Steps of one command that stand together are one task, named by the command; twice the same are numbered.

        A process takes seconds to start, and does what is unchanged in less.
        """
        lines: list[tuple[str, list[dict[str, Any]]]] = []
        steps = (step for step in self.graph["steps"] if step["phase"] == phase)
        for command, together in groupby(steps, key=lambda step: step["command"]):
            before = sum(1 for _, line in lines if line[0]["command"] == command)
            lines.append((command if before == 0 else f"{command}_{before + 1}", list(together)))
        return lines

    def _step(self, task: str, steps: list[dict[str, Any]], **when: Any) -> TributaryOperator:
        makes = {name: self._asset(name) for step in steps for name in step["makes"]}
        command, subjects = steps[0]["command"], [step["subject"] for step in steps]
        # Nights beside each other may take snapshots at once; else one would find the other at the same work.
        alone = {} if command == "materialize" else {"max_active_tis_per_dag": 1}
        return self._task(task, command, subjects=subjects, makes=makes, **alone, **when)

    def _task(self, task: str, command: str, **arguments: Any) -> TributaryOperator:
        return TributaryOperator(
            task_id=task, command=command, main=self.graph["mains"][command], **self.common, **arguments
        )

    def _asset(self, name: str) -> Asset:
        return Asset(f"tributary://{self.graph['project']}/{name}")


def _first_day(graph: dict[str, Any]) -> datetime:
    """No run is for data from before the history."""
    zone = ZoneInfo(graph["zone"])
    history = graph.get("history")
    if not history:
        return _BEFORE_ALL_DATA.replace(tzinfo=zone)
    return datetime.fromisoformat(history.partition("/")[0]).astimezone(zone)


def _timetable(schedule: str, zone: str) -> Any:
    """Of the pipeline's own cron: where it leaves days out, its runs have intervals, so that no night is left out."""
    fields = schedule.split()
    every_day = len(fields) == 5 and fields[2:] == ["*"] * 3
    return (CronTriggerTimetable if every_day else CronDataIntervalTimetable)(schedule, timezone=zone)


def _cron(schedule: Any, zone: str) -> Any:
    return CronTriggerTimetable(schedule, timezone=zone) if isinstance(schedule, str) else schedule
