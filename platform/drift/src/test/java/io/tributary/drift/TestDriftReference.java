package io.tributary.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tributary.drift.InputReference.Limits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TestDriftReference {
  private final World world = new World(1, 60, 200);
  private final DriftReference reference = world.reference(60);

  private InputReference input(String name) {
    return reference.inputs().get(World.NAMES.indexOf(name));
  }

  @Test
  void partsAddUpToTheSameStateInAnyOrder() {
    IntervalState whole = reference.empty();
    reference.count(world.columns(3, 9), world.rows(3, 9), whole);
    List<Integer> order = new ArrayList<>(List.of(3, 4, 5, 6, 7, 8));
    for (int seed = 0; seed < 5; seed++) {
      Collections.shuffle(order, new Random(seed));
      IntervalState sum = reference.empty();
      for (int day : order) {
        IntervalState part = reference.empty();
        reference.count(world.columns(day, day + 1), world.rows(day, day + 1), part);
        sum.add(part);
      }
      assertThat(sum).isEqualTo(whole);
    }
  }

  @Test
  void findsWhatGoesTogetherWithinADay() {
    assertThat(input("plain").partners())
        .extracting(partner -> World.NAMES.get(partner.input()))
        .containsExactly("tied");
    assertThat(input("noisy").partners()).isEmpty();
    assertThat(input("gappy").sibling()).hasValue(World.NAMES.indexOf("gappy_too"));
    assertThat(input("plain").sibling()).isEmpty();
  }

  /** What few rows show of any ten and sixty bins is a tenth of a nat. */
  @Test
  void whatFewRowsShowOfManyBinsIsNoInformation() {
    int rows = 3_000;
    Random random = new Random(3);
    int[] few = IntStream.generate(() -> random.nextInt(10)).limit(rows).toArray();
    int[] many = IntStream.generate(() -> random.nextInt(60)).limit(rows).toArray();
    int[] tied = Arrays.stream(few).map(x -> random.nextInt(4) == 0 ? x : 10 + x).toArray();
    assertThat(PartnerSearch.information(few, 10, many, 60)).isEqualTo(0, within(0.02));
    assertThat(PartnerSearch.information(few, 10, tied, 20)).isEqualTo(Math.log(10), within(0.02));
  }

  @Test
  void comparesInputsInFewerRowsTheMoreInputsThereAre() {
    assertThat(PartnerSearch.compared(70, 250_000)).isEqualTo(60_000);
    assertThat(PartnerSearch.compared(70, 40_000)).isEqualTo(40_000);
    assertThat(PartnerSearch.compared(1_000, 250_000)).isEqualTo(4_004);
    assertThat(PartnerSearch.compared(1_000, 1_500)).isEqualTo(1_500);
    assertThat(PartnerSearch.compared(100_000, 250_000)).isEqualTo(2_000);
    assertThat(PartnerSearch.compared(1, 250_000)).isEqualTo(60_000);
  }

  @Test
  void knowsAValueThatManyDaysReachAndNonePasses() {
    assertThat(input("bounded").hardLow()).isZero();
    assertThat(input("bounded").hardHigh()).isEqualTo(1);
    assertThat(input("zeros").hardLow()).isZero();
    assertThat(input("plain").hardLow()).isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void comparesADayOfTrainingWithTheRangeOfAllOthers() {
    double[] values = {1, 2, 9, 3, 4, 2};
    int[] days = {0, 0, 1, 1, 2, 2};
    InputReference.Range range =
        InputReference.Range.of(new Column.Numbers(values), values.length, days);
    assertThat(range.limits()).isEqualTo(new Limits(1 - 0.25 * 8, 9 + 0.25 * 8));
    assertThat(range.without(1)).isEqualTo(new Limits(1 - 0.25 * 3, 4 + 0.25 * 3));
    assertThat(range.without(0)).isEqualTo(new Limits(2 - 0.25 * 7, 9 + 0.25 * 7));
  }
}
