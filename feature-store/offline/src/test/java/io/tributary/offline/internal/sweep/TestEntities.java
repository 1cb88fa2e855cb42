package io.tributary.offline.internal.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.offline.engine.Arena;
import io.tributary.offline.internal.keys.Keys;
import java.util.List;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

class TestEntities {
  @Test
  void keepsKeysApartThatComeInOneRow() {
    StructType schema = new StructType().add("a", "bigint").add("b", "bigint");
    Keys.Writer keys = Keys.of(schema, List.of("a", "b")).writer();
    Entities entities = new Entities(List.of(), schema, view -> ViewSweep.of(view, Arena.heap()));

    for (long b = 0; b < 3; b++) {
      Object[] key = {7L, b};
      assertThat(entities.of(keys.write(new GenericInternalRow(key))).number()).isEqualTo((int) b);
    }
    for (long b = 0; b < 3; b++) {
      Object[] key = {7L, b};
      Entities.Entity found = entities.of(keys.write(new GenericInternalRow(key)));
      assertThat(found.number()).isEqualTo((int) b);
      assertThat(found).hasToString("[7, " + b + "]");
    }
  }
}
