"""The local Airflow that one command starts with a project's DAGs."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from conftest import DAYS, FIRST, TRIBUTARY, copy


@pytest.mark.long
def test_a_demo_runs_a_night_in_the_lake_that_is_named(made: Path, tmp_path: Path) -> None:
    project, lake = copy(made, tmp_path, "shown"), tmp_path / "elsewhere"
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "TRIBUTARY_HEAP": "2g"}

    def said(*words: str) -> str:
        command = [TRIBUTARY, "airflow", *words, "--project", project]
        ran = subprocess.run(command, env=environment, text=True, capture_output=True)
        assert ran.returncode == 0, ran.stderr[-4000:]
        return ran.stdout

    try:
        server = json.loads(said("demo", "--lake", str(lake), "--json"))
        for name in ("url", "user", "password"):
            environment[f"TRIBUTARY_AIRFLOW_{name.upper()}"] = server[name]
        night = FIRST.replace(month=2, day=DAYS - 33).isoformat()
        said("trigger", "--night", night, "--unpause", "--follow")
        assert (lake / "features" / "customer_history_v1").is_dir()
        assert not (project / "lake").exists()
        again = json.loads(said("demo", "--lake", str(lake), "--json"))
        assert again == server, "it goes on"
    finally:
        said("demo", "--stop", "--lake", str(lake))
    with pytest.raises(urllib.error.URLError, match="Connection refused"):
        urllib.request.urlopen(server["url"])
