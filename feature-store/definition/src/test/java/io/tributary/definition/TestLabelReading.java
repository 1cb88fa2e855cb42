package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.PlatformException;
import io.tributary.definition.Aggregate.Function;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code label} of a training set may say. */
class TestLabelReading {
  private static final String FILE = "training-sets/spending.yaml";
  private static final Duration MICROSECOND = Duration.of(1, ChronoUnit.MICROS);

  @TempDir Path folder;

  @Test
  void readsAnOutcomeOverAnInterval() throws IOException {
    FullProject.write(folder, FullProject.files());
    TrainingSet.Label label =
        ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty())
            .trainingSets()
            .get("spending")
            .label();

    assertThat(label.source()).isEqualTo("orders");
    assertThat(label.value().sql()).isEqualTo("sum(amount) / count(*) from orders where not big");
    TrainingSet.Outcome outcome = label.outcome().orElseThrow();
    assertThat(outcome.during()).hasToString("[0d, 90d)");
    assertThat(outcome.maturity()).isEqualTo(Duration.ofDays(2));
    assertThat(outcome.keys()).isEqualTo(Map.of("customer", "customer"));
    assertThat(outcome.events().orElseThrow().sql()).isEqualTo("not big");
    assertThat(outcome.value().sql()).isEqualTo("_sum_amount / _count");
    assertThat(outcome.value().location()).hasToString(FILE + ":8");
    assertThat(outcome.filter().orElseThrow().sql()).isEqualTo("_count > 0");
    assertThat(outcome.aggregates())
        .extracting(Feature.Windowed::name, f -> f.aggregate().function())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("_sum_amount", Function.SUM),
            org.assertj.core.groups.Tuple.tuple("_count", Function.COUNT));
    assertThat(((Window.Physical) outcome.aggregates().get(0).window()).length())
        .isEqualTo(Duration.ofDays(90));
  }

  @Test
  void boundsAreExactToTheMicrosecond() {
    OutcomeWindow closedOpen = OutcomeWindow.parse("[0d, 90d)");
    assertThat(closedOpen.after()).isEqualTo(MICROSECOND.negated());
    assertThat(closedOpen.until()).isEqualTo(Duration.ofDays(90).minus(MICROSECOND));
    assertThat(closedOpen.end()).isEqualTo(Duration.ofDays(90));
    OutcomeWindow openClosed = OutcomeWindow.parse(" ( 1h ,1d ] ");
    assertThat(openClosed.after()).isEqualTo(Duration.ofHours(1));
    assertThat(openClosed.until()).isEqualTo(Duration.ofDays(1));
    assertThat(openClosed.length()).isEqualTo(Duration.ofHours(23));
    assertThat(openClosed)
        .hasToString("(1h, 1d]")
        .isEqualTo(OutcomeWindow.parse(openClosed.toString()));
    assertThat(OutcomeWindow.parse("(0d, 1d)").length())
        .isEqualTo(Duration.ofDays(1).minus(MICROSECOND));
    assertThat(OutcomeWindow.parse("[1d, 1d]").length()).isEqualTo(MICROSECOND);
  }

  @Test
  void refusesWhatIsNoInterval() {
    refused("0d, 90d", "it is two durations in brackets");
    refused("(0d, 0d]", "it is empty. Let it end after it begins.");
    refused("[1d, 1d)", "it is empty.");
    refused("(2d, 1d]", "it is empty.");
    refused("(-1d, 6d]", "it begins before the row's as-of");
    refused("(0d, 3 calendar-days]", "it is two durations in brackets");
    refused("(0d, 3w]", "\"3w\" is no duration.");
    refused("(0d, 100000d]", "100000d is too far away. Write at most 99999d.");
  }

  private static void refused(String text, String why) {
    assertThatThrownBy(() -> OutcomeWindow.parse(text))
        .isInstanceOf(PlatformException.class)
        .hasMessageStartingWith("Cannot read interval \"" + text + "\": ")
        .hasMessageContaining(why);
  }

  @Test
  void takesTheSameNamesAsAList() throws IOException {
    Map<String, String> files = new LinkedHashMap<>(FullProject.files());
    files.computeIfPresent(FILE, (f, text) -> text.replace("{customer: customer}", "[customer]"));
    FullProject.write(folder, files);
    assertThat(
            ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty())
                .trainingSets()
                .get("spending")
                .label()
                .outcome()
                .orElseThrow()
                .keys())
        .isEqualTo(Map.of("customer", "customer"));
  }

  @Test
  void sameTextIsTheSameAggregate() throws IOException {
    TrainingSet.Outcome outcome =
        read("  value: count(state = 'A') + count(state = 'a') + count(state  =  'a') from orders");
    assertThat(outcome.value().sql())
        .isEqualTo("_count_state_a + _count_state_a_2 + _count_state_a_2");
    assertThat(outcome.aggregates()).hasSize(3); // and the count of "where"
    assertThat(outcome.aggregates().get(0).argument().orElseThrow().sql()).isEqualTo("state = 'A'");
    assertThat(read("  value: (max(amount) is distinct from 3) from orders").value().sql())
        .isEqualTo("(_max_amount is distinct from 3)");
    assertThat(read("  value: max(amount) is distinct from 3 from orders").value().sql())
        .isEqualTo("_max_amount is distinct from 3");
  }

  @Test
  void takesAnAggregateOfTheProjectsOwn() throws IOException {
    TrainingSet.Outcome outcome =
        read("  value: abs(com.acme.Fold(amount)) > coalesce(min(amount), 3) from orders");
    assertThat(outcome.value().sql())
        .isEqualTo("abs(_com_acme_fold_amount) > coalesce(_min_amount, 3)");
    assertThat(outcome.aggregates().get(0).aggregate().implementation()).contains("com.acme.Fold");
  }

  private TrainingSet.Outcome read(String value) throws IOException {
    Map<String, String> files = new LinkedHashMap<>(FullProject.files());
    files.computeIfPresent(
        FILE,
        (f, text) ->
            text.replace("  value: sum(amount) / count(*) from orders where not big", value));
    FullProject.write(folder, files);
    return ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty())
        .trainingSets()
        .get("spending")
        .label()
        .outcome()
        .orElseThrow();
  }

  @Test
  void saysWhatAnOutcomeLacks() throws IOException {
    String value = "value: sum(amount) / count(*) from orders where not big";
    fails(value, "value: sum(amount)", 8, "no source of events is named.");
    fails(value, "value: amount from orders", 8, "made of aggregates, and here is none.");
    fails(value, "value: avg(amount) from orders", 8, "no aggregate \"avg\". Write mean.");
    fails(
        value, "value: sum(amount) from order", 8, "no source \"order\". Did you mean \"orders\"?");
    fails(value, "value: sum(amount) from customers", 8, "source \"customers\" is static");
    fails(value, "value: sum(amount) from orders big", 8, "after the source stands \"where\"");
    fails(value, "value: time_since_last() from orders", 8, "time_since_last looks back");
    fails("  keys: {customer: customer}\n", "", 10, "\"keys\" is missing");
    fails("{customer: customer}", "{custmer: customer}", 12, "source \"orders\" has no column");
    fails("{customer: customer}", "{customer: costumer}", 12, "source \"baskets\" has no column");
    fails("\"[0d, 90d)\"", "\"[-1d, 6d)\"", 10, "begins before the row's as-of");
    fails("maturity: 2d", "maturity: 200000d", 11, "\"maturity\" is too long.");
    fails("  maturity: 2d", "  source: orders", 11, "Leave \"source\" out.");
    fails("  during: \"[0d, 90d)\"\n", "", 8, "no interval says which.");
    fails(
        "  during: \"[0d, 90d)\"\n",
        "",
        10,
        "\"maturity\" belongs to an outcome over an interval.");
    fails("name: spent", "name: customer", 7, "is already a column of source \"baskets\"");
  }

  private void fails(String from, String to, int line, String why) throws IOException {
    Map<String, String> files = new LinkedHashMap<>(FullProject.files());
    assertThat(files.get(FILE)).contains(from);
    files.computeIfPresent(FILE, (f, text) -> text.replace(from, to));
    FullProject.write(folder, files);
    assertThatThrownBy(() -> ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty()))
        .isInstanceOf(PlatformException.class)
        .satisfies(
            e ->
                assertThat(List.of(e.getMessage().split("\n")))
                    .anyMatch(m -> m.contains(FILE + ":" + line + ")") && m.contains(why)));
  }
}
