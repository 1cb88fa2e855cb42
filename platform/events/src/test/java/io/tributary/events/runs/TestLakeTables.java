package io.tributary.events.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import org.junit.jupiter.api.Test;

class TestLakeTables {
  @Test
  void aLakeIsNotKeptWhereTwoRunsCouldCommitTheSameVersion() {
    assertThatThrownBy(() -> LakeTables.path("s3a://bucket/lake/", TableName.of("bronze", "rides")))
        .hasMessage(
            "Cannot open lake s3a://bucket/lake/: Hadoop's client for s3a: can't create a file only"
                + " if it is not there, so that of two runs that commit at once one would be lost."
                + " Put the lake on a local disk, on HDFS or on another file system with an atomic"
                + " rename; sources may stay where they are.")
        .extracting(PlatformException::codeOf)
        .isEqualTo(ErrorCode.REFUSED);
    assertThat(LakeTables.normal("hdfs://host:8020/lake/")).isEqualTo("hdfs://host:8020/lake");
    assertThat(LakeTables.normal("/lake/")).isEqualTo("/lake");
  }
}
