"""The look-up join on Feast's Spark offline store, parquet to parquet; runs in Feast's own environment.

usage: feast_join.py apply|join DATA OUT CORES MEMORY_GB PARTITIONS COLUMN:TYPE...
"""

import sys
from datetime import timedelta
from pathlib import Path

from feast import Entity, FeatureStore, FeatureView, Field, RepoConfig
from feast.infra.offline_stores.contrib.spark_offline_store.spark import get_spark_session_or_start_new_with_repoconfig
from feast.infra.offline_stores.contrib.spark_offline_store.spark_source import SparkSource
from feast.types import Float64, Int64, String
from feast.value_type import ValueType

step, folder, out, cores, memory, partitions = sys.argv[1:7]
columns = dict(column.split(":") for column in sys.argv[7:])
types = {"double": Float64, "bigint": Int64, "string": String}

store = FeatureStore(
    config=RepoConfig(
        project="bench",
        provider="local",
        registry=f"{folder}/feast.db",
        entity_key_serialization_version=3,
        online_store=None,
        offline_store={
            "type": "spark",
            "spark_conf": {
                "spark.master": f"local[{cores}]",
                "spark.driver.memory": f"{memory}g",
                "spark.driver.bindAddress": "127.0.0.1",
                "spark.driver.host": "127.0.0.1",
                "spark.ui.enabled": "false",
                "spark.sql.session.timeZone": "UTC",
                "spark.sql.shuffle.partitions": partitions,
            },
        },
    )
)
if step == "apply":
    events = SparkSource(name="events", path=f"{folder}/events", file_format="parquet", timestamp_field="t")
    key = Entity(name="key", join_keys=["key"], value_type=ValueType.INT64)
    fields = [Field(name=name, dtype=types[kind]) for name, kind in columns.items()]
    store.apply([key, FeatureView(name="history", entities=[key], ttl=timedelta(0), source=events, schema=fields)])
else:
    spark = get_spark_session_or_start_new_with_repoconfig(store.config.offline_store)
    spark.read.parquet(f"{folder}/labels.parquet").createOrReplaceTempView("labels")
    rows = store.get_historical_features(
        entity_df="select id, key, as_of from labels", features=[f"history:{name}" for name in columns]
    )
    rows.to_spark_df().write.parquet(str(Path(out).absolute()))
    spark.stop()
