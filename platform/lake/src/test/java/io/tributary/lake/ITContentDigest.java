package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Digest;
import java.math.BigInteger;
import java.util.HexFormat;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class ITContentDigest {
  @Test
  void orderAndPartitionsDoNotMatter() {
    Dataset<Row> rows = everyType(100);

    assertThat(ContentDigest.of(rows.repartition(7).orderBy("s")))
        .isEqualTo(ContentDigest.of(rows.coalesce(1)));
    assertThat(ContentDigest.of(rows).rows()).isEqualTo(100);
  }

  @Test
  void theDigestOfKnownRowsIsTheDocumentedOne() {
    Dataset<Row> row = sql("select 7L as n, 'é' as s, cast(null as double) as x");

    // 01 0000000000000007 | 01 00000002 c3a9 | 00; the sum of one row is its digest.
    byte[] bytes = HexFormat.of().parseHex("01000000000000000701" + "00000002c3a9" + "00");
    String sum = new BigInteger(Digest.of(bytes).hex(), 16).toString(16);
    assertThat(ContentDigest.of(row).digest())
        .isEqualTo(Digest.of("struct<1\"n\":bigint,1\"s\":string,1\"x\":double,>\n1\n" + sum));
  }

  @Test
  void sumsWrapAround() {
    // 1,000 digests of 256 bits sum to more than 2^256.
    Dataset<Row> rows = everyType(1_000);

    assertThat(ContentDigest.of(rows.repartition(16)))
        .isEqualTo(ContentDigest.of(rows.coalesce(1)));
  }

  @Test
  void aRepeatedRowCounts() {
    Dataset<Row> one = sql("select 1 as a");

    assertThat(ContentDigest.of(one.union(one)).digest())
        .isNotEqualTo(ContentDigest.of(one).digest());
    assertThat(ContentDigest.of(one.union(one).union(one)).digest())
        .isNotEqualTo(ContentDigest.of(one).digest());
  }

  @Test
  void valuesThatLookAlikeDiffer() {
    assertThat(digest("select '' as a")).isNotEqualTo(digest("select cast(null as string) as a"));
    assertThat(digest("select 'ab' as a, 'c' as b"))
        .isNotEqualTo(digest("select 'a' as a, 'bc' as b"));
    assertThat(digest("select array(1, null) as a")).isNotEqualTo(digest("select array(1) as a"));
    assertThat(digest("select 0.0D as a")).isNotEqualTo(digest("select -0.0D as a"));
    assertThat(digest("select 1 as a")).isNotEqualTo(digest("select 1L as a"));
    assertThat(digest("select 1 as a")).isNotEqualTo(digest("select 1 as b"));
    assertThat(digest("select 1.10 as a")).isNotEqualTo(digest("select 1.1 as a"));
  }

  @Test
  void mapsAreEqualInAnyOrder() {
    assertThat(digest("select map('a', 1, 'b', 2) as m"))
        .isEqualTo(digest("select map('b', 2, 'a', 1) as m"));
  }

  @Test
  void aTypeWithoutBytesIsRefused() {
    assertThatThrownBy(() -> digest("select interval 1 month as m"))
        .hasMessageStartingWith("Cannot digest a frame: it has a column of type interval");
  }

  private static ContentDigest digest(String query) {
    return ContentDigest.of(sql(query));
  }

  private static Dataset<Row> sql(String query) {
    return LakeKit.SESSION.spark().sql(query);
  }

  private static Dataset<Row> everyType(int rows) {
    return LakeKit.SESSION
        .spark()
        .range(0, rows, 1, 3)
        .selectExpr(
            "id",
            "cast(id as string) s",
            "cast(id % 3 as boolean) b",
            "cast(id % 100 as tinyint) t",
            "cast(id as smallint) h",
            "cast(id as int) i",
            "id / 7 d",
            "cast(id / 7 as float) f",
            "cast(id as decimal(30, 4)) e",
            "date_from_unix_date(cast(id as int)) a",
            "timestamp_micros(id) m",
            "cast(cast(id as string) as binary) y",
            "array(id, null, id + 1) r",
            "named_struct('x', id, 'y', array(cast(id as string))) u",
            "if(id % 5 = 0, null, id) n");
  }
}
