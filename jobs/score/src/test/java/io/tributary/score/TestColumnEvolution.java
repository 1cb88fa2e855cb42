package io.tributary.score;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class TestColumnEvolution {
  private static StructType columns(String ddl) {
    return StructType.fromDDL(ddl);
  }

  @Test
  void addsColumnsAndFieldsAndRemovesNone() {
    assertThat(
            ColumnEvolution.merged(
                columns("id int not null, place struct<code: string>, old double"),
                columns("ID bigint, place struct<code: string, tz: string>, score double")))
        .isEqualTo(
            columns("id bigint, place struct<code: string, tz: string>, old double, score double"));
  }

  @Test
  void namesWhatNeedsAWiderType() {
    assertThat(
            ColumnEvolution.widened(
                columns("id int, n bigint, place struct<height: int, code: string>, text string"),
                columns("id bigint, n int, place struct<height: bigint, code: string>")))
        .containsExactly("id int to bigint", "place.height int to bigint");
  }
}
