"""The database below a local Airflow."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import local
import psycopg2
import pytest


def query(server: dict, sql: str) -> list[tuple]:
    where = {"host": "127.0.0.1", "port": server["database_port"], "dbname": "postgres"}
    connection = psycopg2.connect(user=local.USER, password=server["database_secret"], **where)
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
        found = cursor.fetchall()
    connection.close()
    return found


def test_what_was_known_outlives_a_killed_database(tmp_path: Path) -> None:
    server = {"database_port": local.free(0), "database_secret": "till-secret"}
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "half").touch()
    try:
        assert local.start_database(tmp_path, server)
        query(server, "create table known as select 7 as x; select 1")
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            query({**server, "database_secret": "other"}, "select 1")
        pid = json.loads((tmp_path / "postgres.pid").read_text())["pid"]
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        lock = tmp_path / "postgres" / "postmaster.pid"
        # Its id was given to another process.
        lock.write_text(lock.read_text().replace(str(pid), str(os.getpid()), 1))
        assert local.start_database(tmp_path, server)
        assert query(server, "select x from known") == [(7,)]
    finally:
        assert local.stop_all(tmp_path) == 0
    assert not lock.exists()
    assert local.is_running(tmp_path, local.DATABASE) is None
