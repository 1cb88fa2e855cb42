package io.tributary.lake.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class TestSessionSettings {
  @Test
  void withoutAMasterItRunsInTheProcessOnAllCores() {
    SparkConf conf = SessionSettings.of(new SparkConf(false), Map.of(), 3);

    assertThat(conf.get("spark.master")).isEqualTo("local[3]");
    assertThat(conf.get("spark.sql.shuffle.partitions")).isEqualTo("6");
    assertThat(conf.get("spark.ui.enabled")).isEqualTo("false");
  }

  @Test
  void aClusterKeepsWhatItsSubmitterSays() {
    SparkConf given =
        new SparkConf(false)
            .set("spark.master", "spark://host:7077")
            .set("spark.ui.enabled", "true");

    SparkConf conf = SessionSettings.of(given, Map.of(), 3);

    assertThat(conf.get("spark.master")).isEqualTo("spark://host:7077");
    assertThat(conf.get("spark.ui.enabled")).isEqualTo("true");
    assertThat(conf.contains("spark.sql.shuffle.partitions")).isFalse();
    assertThat(conf.contains("spark.driver.host")).isFalse();
    assertThat(given.contains("spark.sql.extensions")).isFalse();
  }

  @Test
  void nobodyChangesWhatResultsDependOn() {
    SparkConf given = new SparkConf(false).set("spark.sql.session.timeZone", "Asia/Tokyo");

    SparkConf conf =
        SessionSettings.of(
            given,
            Map.of("spark.sql.ansi.enabled", "false", "spark.sql.shuffle.partitions", "7"),
            3);

    assertThat(conf.get("spark.sql.session.timeZone")).isEqualTo("UTC");
    assertThat(conf.get("spark.sql.ansi.enabled")).isEqualTo("true");
    assertThat(conf.get("spark.sql.shuffle.partitions")).isEqualTo("7");
  }

  @Test
  void anObjectStoreThatFailsFailsTheRunInMinutesUnlessItsUserHasMorePatience() {
    SparkConf given = new SparkConf(false).set("spark.hadoop.fs.s3a.retry.limit", "9");

    SparkConf conf = SessionSettings.of(given, Map.of(), 3);

    assertThat(conf.get("spark.hadoop.fs.s3a.retry.limit")).isEqualTo("9");
    assertThat(conf.get("spark.hadoop.fs.s3a.attempts.maximum")).isEqualTo("1");
    assertThat(conf.get("spark.hadoop.fs.s3a.connection.timeout")).isEqualTo("20000");
  }
}
