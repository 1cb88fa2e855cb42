package io.tributary.offline.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Accuracy;
import io.tributary.definition.Aggregate;
import io.tributary.definition.Aggregate.Function;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.SourceLocation;
import io.tributary.definition.SqlText;
import io.tributary.definition.ViewId;
import io.tributary.definition.Window;
import java.math.BigInteger;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestOverflow {
  private static final long HOUR = 3_600_000_000L;

  private static EntitySweep sweep(Function function) {
    return sweep(function, Optional.empty());
  }

  private static EntitySweep sweep(Function function, Optional<String> by) {
    return sweep(function, by, InputType.INTEGER);
  }

  private static EntitySweep sweep(Function function, Optional<String> by, InputType amount) {
    SourceLocation mark = new SourceLocation("features/amounts.yaml", 1);
    FeatureView view =
        new FeatureView(
            ViewId.parse("amounts@1"),
            "",
            "",
            List.of("account"),
            Map.of(),
            Optional.of("payments"),
            Optional.empty(),
            List.of(
                new Feature.Windowed(
                    "total_1h",
                    new Aggregate(function, List.of()),
                    Optional.of(new SqlText("amount", mark)),
                    Optional.empty(),
                    by.map(column -> new SqlText(column, mark)),
                    Window.parse("1h"))),
            List.of(),
            Optional.empty(),
            List.of(),
            false,
            true,
            Accuracy.EXACT,
            Duration.ZERO,
            Optional.empty(),
            true,
            Map.of(),
            ZoneId.of("UTC"),
            List.of(),
            "active",
            mark);
    return EntitySweep.of(
        ViewPlan.of(
            view,
            List.of(new ViewPlan.Input(Optional.of("amount"), Optional.empty(), by)),
            by.isEmpty() ? List.of(amount) : List.of(amount, InputType.INTEGER),
            Optional.empty()),
        Arena.heap());
  }

  private static void add(EntitySweep sweep, long at, long amount) {
    int item = sweep.add(at, at, at, Long.MAX_VALUE, new byte[0], 0, false);
    sweep.input(0).setLong(item, amount);
  }

  @Test
  void onlyAResultOutsideLongIsAnError() {
    EntitySweep sweep = sweep(Function.SUM);
    FeatureValues out = new FeatureValues(1);
    add(sweep, 0, Long.MAX_VALUE);
    add(sweep, 1, Long.MAX_VALUE);
    add(sweep, 2, -Long.MAX_VALUE);
    sweep.begin();
    sweep.at(2);
    sweep.read(2, out, "[a1]");
    assertThat(out.longAt(0)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void theErrorNamesViewFeatureAndKey() {
    EntitySweep sweep = sweep(Function.SUM);
    add(sweep, 0, Long.MAX_VALUE);
    add(sweep, 1, 1);
    sweep.begin();
    sweep.at(HOUR - 1);
    assertThatThrownBy(() -> sweep.read(HOUR - 1, new FeatureValues(1), "[a1]"))
        .isInstanceOf(PlatformException.class)
        .hasMessage(
            "Cannot compute feature amounts@1.total_1h of [a1]: its sum does not fit into a bigint. Sum cast(… as decimal(38,0)), which is exact, or mend the data.")
        .extracting(e -> ((PlatformException) e).code())
        .isEqualTo(ErrorCode.INVALID_VALUE);
  }

  /** A cast to decimal(38,0) would take the digits behind the point away. */
  @Test
  void aDecimalsErrorKeepsItsScale() {
    for (int scale : new int[] {0, 2}) {
      EntitySweep sweep = sweep(Function.SUM, Optional.empty(), InputType.decimal(scale));
      for (int i = 0; i < 2; i++) {
        int item = sweep.add(i, i, i, Long.MAX_VALUE, new byte[0], 0, false);
        sweep.input(0).setObject(item, BigInteger.TEN.pow(38).subtract(BigInteger.ONE));
      }
      sweep.begin();
      sweep.at(1);
      assertThatThrownBy(() -> sweep.read(1, new FeatureValues(1), "[a1]"))
          .hasMessage(
              "Cannot compute feature amounts@1.total_1h of [a1]: its sum needs more than 38 digits"
                  + (scale == 0 ? "" : " with the 2 behind the point")
                  + ", and no decimal has more. Sum cast(… as double), which keeps 15 of them, or mend the data.");
    }
  }

  @Test
  void aSumByADimensionThatDoesNotFitIsAnErrorToo() {
    EntitySweep sweep = sweep(Function.SUM, Optional.of("shop"));
    add(sweep, 0, Long.MAX_VALUE);
    sweep.input(1).setLong(0, 1);
    add(sweep, 1, 1);
    sweep.input(1).setLong(1, 2);
    add(sweep, 2, 1);
    sweep.input(1).setLong(2, 1);
    sweep.begin();
    FeatureValues out = new FeatureValues(1);
    sweep.at(1);
    sweep.read(1, out, "[a1]");
    Pairs sums = (Pairs) out.objectAt(0);
    assertThat(sums.keys()).containsExactly(1L, 2L);
    assertThat(sums.values()).containsExactly(Long.MAX_VALUE, 1L);
    sweep.at(2);
    assertThatThrownBy(() -> sweep.read(2, new FeatureValues(1), "[a1]"))
        .isInstanceOf(PlatformException.class)
        .hasMessageStartingWith(
            "Cannot compute feature amounts@1.total_1h of [a1]: its sum does not fit");
  }

  @Test
  void aMeanOfIntegersNeverOverflows() {
    EntitySweep sweep = sweep(Function.MEAN);
    FeatureValues out = new FeatureValues(1);
    add(sweep, 0, Long.MAX_VALUE);
    add(sweep, 1, Long.MAX_VALUE);
    sweep.begin();
    sweep.at(1);
    sweep.read(1, out, "[a1]");
    assertThat(out.doubleAt(0)).isEqualTo(0x1p63);
  }

  @Test
  void spansThatEndBeyondTimeDoNotWrapAround() {
    EntitySweep sweep = sweep(Function.SUM);
    FeatureValues out = new FeatureValues(1);
    add(sweep, Long.MAX_VALUE - 5, 7);
    sweep.begin();
    sweep.at(Long.MAX_VALUE - 1);
    sweep.read(Long.MAX_VALUE - 1, out, "[a1]");
    assertThat(out.longAt(0)).isEqualTo(7);
  }
}
