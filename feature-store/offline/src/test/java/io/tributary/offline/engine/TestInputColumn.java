package io.tributary.offline.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TestInputColumn {
  /** Of three entities after each other: where the first null comes decides when bits are kept. */
  @Test
  void knowsWhichItemsAreNull() {
    for (int first : new int[] {0, 1, 63, 64, 65, 127, 128, 129, 299, 300}) {
      InputColumn column = new InputColumn(InputType.INTEGER, Arena.heap());
      SplittableRandom random = new SplittableRandom(first);
      for (int entity = 0; entity < 3; entity++) {
        column.clear();
        List<Long> values = new ArrayList<>();
        for (int item = 0; item < (entity == 1 ? 70 : 300); item++) {
          boolean isNull = item == first || item > first && random.nextBoolean();
          values.add(isNull ? null : random.nextLong());
          if (isNull) {
            column.setNull(item);
          } else {
            column.setLong(item, values.get(item));
          }
        }
        for (int item = 0; item < values.size(); item++) {
          String what = "first null %s, entity %s, item %s".formatted(first, entity, item);
          assertThat(column.isPresent(item)).as(what).isEqualTo(values.get(item) != null);
          if (values.get(item) != null) {
            assertThat(column.longAt(item)).as(what).isEqualTo(values.get(item));
          }
        }
      }
    }
  }
}
