package io.tributary.lake.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.sql.delta.DeltaParquetFileFormat;
import org.apache.spark.sql.delta.actions.Action$;
import org.apache.spark.sql.delta.actions.Metadata;
import org.apache.spark.sql.delta.actions.Protocol;
import org.junit.jupiter.api.Test;
import scala.Option;

class TestColumnFormat {
  private static final Protocol PROTOCOL =
      (Protocol)
          Action$.MODULE$.fromJson(
              "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}");
  private static final Metadata METADATA =
      (Metadata)
          Action$.MODULE$.fromJson(
              """
              {"metaData":{"id":"a","format":{"provider":"parquet","options":{}},"partitionColumns":[],\
              "schemaString":"{\\"type\\":\\"struct\\",\\"fields\\":[]}","configuration":{}}}
              """);

  /** Both read alike; Spark finds what it has planned by them. */
  @Test
  void whatEqualsItHasItsHash() {
    ColumnFormat own = new ColumnFormat(PROTOCOL, METADATA);
    DeltaParquetFileFormat other =
        new DeltaParquetFileFormat(PROTOCOL, METADATA, false, true, Option.empty(), false);

    assertThat(other).isEqualTo(own).hasSameHashCodeAs(own);
    assertThat(own).isEqualTo(other);
  }
}
