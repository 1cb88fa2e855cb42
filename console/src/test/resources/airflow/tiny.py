"""DAGs of a project that does nothing but what its runs are told: fail a task, or wait."""

import os
import time

import pendulum
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG
from airflow.timetables.interval import CronDataIntervalTimetable
from airflow.timetables.trigger import CronTriggerTimetable

ZONE = "America/New_York"
START = pendulum.datetime(2014, 1, 1, tz=ZONE)


def step(**context):
    task, conf = context["task"].task_id, context["dag_run"].conf or {}
    print(f"{task} of night {conf.get('night')}")
    if conf.get("fail") == task and not os.path.exists(conf.get("unless", "")):
        context["ti"].xcom_push(key="exit_code", value=int(conf.get("code", "3")))
        raise RuntimeError(f"Cannot {task} rides: the file is broken. Deliver it again.")
    while conf.get("wait") == task and not os.path.exists(conf["until"]):
        time.sleep(0.1)


def tasks(*names):
    steps = [PythonOperator(task_id=name, python_callable=step) for name in names]
    for first, then in zip(steps, steps[1:]):
        first >> then


common = {"start_date": START, "catchup": False, "tags": ["tributary:tiny"]}
with DAG("tiny.nightly", schedule=CronTriggerTimetable("0 6 * * *", timezone=ZONE), **common):
    tasks("ingest", "materialize", "score")
with DAG("tiny.intervals", schedule=CronDataIntervalTimetable("0 6 * * *", timezone=ZONE), **common):
    tasks("ingest")
with DAG("tiny.monthly", schedule=CronDataIntervalTimetable("0 6 1 * *", timezone=ZONE), **common):
    tasks("ingest")
with DAG("tiny.train", schedule=None, **common):
    tasks("train")
with DAG("tiny.retrain", schedule=None, **common):
    tasks("train")
