package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.definition.Model.Part;
import io.tributary.definition.Model.Split;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a split comes to over given rows. */
class TestDealtSplit {
  private static final ZoneId ZONE = ZoneId.of("America/New_York");
  // The last microsecond of 14 March in New York, six days after the clocks went forward.
  private static final Instant NEWEST = Instant.parse("2013-03-15T03:59:59.999999Z");

  private static Part part(String range, Integer percent) {
    return new Part(
        Optional.ofNullable(range).map(r -> AsOfRange.parse(r, ZONE)),
        Optional.ofNullable(percent).map(p -> p * 100));
  }

  private static DealtSplit deal(Part train, Part validate, Part test) {
    Split split = new Split(List.of(), "", train, Optional.ofNullable(validate), test);
    return DealtSplit.of(
        new Model(
            "churn",
            "",
            "churn",
            split,
            Map.of(),
            List.of(),
            new Model.Fit("adam", 0.1, 1, 1, 1, 1),
            List.of(),
            List.of(),
            List.of(),
            false,
            Model.Promotion.AUTOMATIC,
            0.005,
            new Model.Retrain(Duration.ofDays(7)),
            new SourceLocation("models/churn.yaml", 1)),
        NEWEST,
        ZONE);
  }

  private static List<String> parts(DealtSplit split) {
    return split.parts().stream().map(part -> part.name() + ": " + part).toList();
  }

  @Test
  void daysAreOfTheProjectsCalendarAlsoOverAChangeOfClocks() {
    DealtSplit split = deal(part("-30d/-6d", null), part("-6d/-2d", null), part("-2d/0d", null));
    assertThat(split.end()).isEqualTo("2013-03-15T04:00:00Z");
    assertThat(parts(split))
        .containsExactly(
            "train: 2013-02-13T05:00:00Z/2013-03-09T05:00:00Z",
            "validate: 2013-03-09T05:00:00Z/2013-03-13T04:00:00Z",
            "test: 2013-03-13T04:00:00Z/2013-03-15T04:00:00Z");
  }

  @Test
  void sharesAreDealtInOrderAndAPartWithoutOneHasAllKeys() {
    assertThat(
            parts(deal(part("-30d/-10d", 70), part("-30d/-10d", 20), part("2013-03-05/0d", null))))
        .containsExactly(
            "train: 2013-02-13T05:00:00Z/2013-03-05T05:00:00Z, buckets 0 to 6999",
            "validate: 2013-02-13T05:00:00Z/2013-03-05T05:00:00Z, buckets 7000 to 8999",
            "test: 2013-03-05T05:00:00Z/2013-03-15T04:00:00Z");
    assertThat(parts(deal(part(null, 60), part(null, 15), part("-9d/0d", 25))))
        .containsExactly(
            "train: any as-of, buckets 0 to 5999",
            "validate: any as-of, buckets 6000 to 7499",
            "test: 2013-03-06T05:00:00Z/2013-03-15T04:00:00Z, buckets 7500 to 9999");
  }

  @Test
  void validationIsTheLastBucketsOfTraining() {
    DealtSplit split = deal(part("-30d/-10d", null), null, part("-10d/0d", null));
    assertThat(parts(split))
        .containsExactly(
            "train: 2013-02-13T05:00:00Z/2013-03-05T05:00:00Z, buckets 0 to 8499",
            "validate: 2013-02-13T05:00:00Z/2013-03-05T05:00:00Z, buckets 8500 to 9999",
            "test: 2013-03-05T05:00:00Z/2013-03-15T04:00:00Z");
    assertThat(split.parts().get(1).written()).isEmpty();
    assertThat(parts(deal(part(null, 80), null, part(null, 20))))
        .containsExactly(
            "train: any as-of, buckets 0 to 6799",
            "validate: any as-of, buckets 6800 to 7999",
            "test: any as-of, buckets 8000 to 9999");
  }

  @Test
  void saysWhatTheDatasEndMakesImpossible() {
    assertThatThrownBy(() -> deal(part("2013-03-01/-14d", null), null, part("-14d/0d", null)))
        .hasMessage(
            "Cannot train model churn: the train part of its split, 2013-03-01T05:00:00Z/-14d, is"
                + " empty, because its data ends at 2013-03-15T04:00:00Z. Load what is missing, or"
                + " begin the part earlier.");
    assertThatThrownBy(() -> deal(part("2013-01-01/2013-03-05", null), null, part("-20d/0d", null)))
        .hasMessageStartingWith(
            "Cannot train model churn: the parts train (2013-01-01T05:00:00Z/2013-03-05T05:00:00Z,"
                + " buckets 0 to 8499) and test (2013-02-23T05:00:00Z/2013-03-15T04:00:00Z) of its"
                + " split overlap, because its data ends at 2013-03-15T04:00:00Z: rows would serve");
  }
}
