"""The example's DAGs. On a worker the project lies where TRIBUTARY_EXAMPLE says, else beside this folder."""

import os
from pathlib import Path

from tributary_airflow import dags

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "nyc-flights"

globals().update(dags("nyc_flights.json", project=os.environ.get("TRIBUTARY_EXAMPLE", str(EXAMPLE))))
