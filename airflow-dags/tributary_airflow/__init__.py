"""Tributary's pipelines as DAGs of Airflow."""

from tributary_airflow.dags import dags
from tributary_airflow.operator import TributaryOperator

__all__ = ["TributaryOperator", "dags"]
