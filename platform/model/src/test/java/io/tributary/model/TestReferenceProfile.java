package io.tributary.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.model.ReferenceProfile.Part;
import io.tributary.model.ReferenceProfile.Range;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TestReferenceProfile {
  private static final ZoneId ZONE = ZoneId.of("America/New_York");

  private static Part part(Range range, int firstNight, int lastNight) {
    int[] order = IntStream.range(firstNight * 200, lastNight * 200).toArray();
    int[] days = Arrays.stream(order).map(row -> 15_706 + row / 200).toArray();
    double[] scores = Arrays.stream(order).mapToDouble(row -> row % 200 / 200.0).toArray();
    boolean[] labels = new boolean[order.length];
    for (int k = 0; k < labels.length; k++) {
      labels[k] = order[k] % 200 >= 100;
    }
    return new Part(range, days, scores, labels);
  }

  private static ReferenceProfile profile() {
    return ReferenceProfile.of(
        ZONE, part(Range.TRAIN, 0, 70), part(Range.VALIDATE, 70, 80), part(Range.TEST, 80, 100));
  }

  @Test
  void listsEveryNight() {
    ReferenceProfile profile = profile();
    assertThat(profile.nights()).hasSize(100);
    ReferenceProfile.Night last = profile.nights().get(99);
    assertThat(last.day()).isEqualTo(LocalDate.of(2013, 1, 1).plusDays(99));
    assertThat(last.range()).isEqualTo(Range.TEST);
    assertThat(last.outcomes().rows()).isEqualTo(200);
    assertThat(last.outcomes().auc()).contains(1.0);
    assertThat(last.outcomes().positives()).isEqualTo(100);
    assertThat(last.quantiles()).hasSize(21).startsWith(0.0).endsWith(0.995);
    assertThat(last.interval())
        .isEqualTo(Interval.parse("2013-04-10T04:00:00Z/2013-04-11T04:00:00Z"));
    assertThat(profile.nights().get(68).interval().length()).isEqualTo(Duration.ofHours(23));
  }

  @Test
  void countsTheScoresOfEachNight() {
    ReferenceProfile profile = profile();
    assertThat(profile.scores().bins())
        .hasSize(100)
        .allSatisfy(n -> assertThat(sum(n)).isEqualTo(200));
    assertThat(profile.scores().positives())
        .allSatisfy(n -> assertThat(sum(n)).isEqualTo(100))
        .allSatisfy(n -> assertThat(n).startsWith(0L, 0L, 0L, 0L).endsWith(20L, 20L, 19L));
  }

  private static long sum(List<Long> counts) {
    return counts.stream().mapToLong(Long::longValue).sum();
  }

  @Test
  void survivesJson() {
    ReferenceProfile profile = profile();
    assertThat(Json.read(Json.write(profile), ReferenceProfile.class)).isEqualTo(profile);
  }

  @Test
  void binsFewDifferentNumbersOneByOne() {
    double[] numbers = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, Double.NaN, -0.0};
    assertThat(Bins.ofNumbers(numbers)).isEqualTo(new Bins(List.of(0.0), List.of(11L, 1L)));
    assertThat(Bins.ofNumbers(new double[] {Double.NaN}))
        .isEqualTo(new Bins(List.of(), List.of(0L)));
    assertThat(Bins.ofNumbers(new double[] {5, 5})).isEqualTo(new Bins(List.of(), List.of(2L)));
  }

  @Test
  void binsManyNumbersThatAreMostlyOneByThatOne() {
    double[] numbers = IntStream.range(0, 1_000).mapToDouble(k -> k < 30 ? -k - 1 : 7).toArray();
    assertThat(Bins.ofNumbers(numbers)).isEqualTo(new Bins(List.of(-1.0), List.of(30L, 970L)));
  }
}
