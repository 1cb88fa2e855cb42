package io.tributary.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.events.facts.Duplicates;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.runs.RunRecord;
import io.tributary.ingest.gate.DuplicateKeys;
import io.tributary.ingest.ledger.LineSet;
import io.tributary.ingest.quarantine.Quarantine;
import io.tributary.source.rows.SourceRules;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events that come in several rows of equal known time and other values. */
class ITDuplicateKeys {
  private static final String PURCHASES =
      """
      source: purchases
      read: {format: csv, path: "data/purchases*.csv"}
      columns:
        customer: string
        day: {type: date, format: dd/MM/yyyy}
        amount: double
      event-key: [customer, day]
      event-time: day
      availability-delay: end-of-day
      """;

  @TempDir Path folder;
  private SmallProject project;

  @BeforeEach
  void makeProject() {
    project = new SmallProject(folder);
    project.write("sources/purchases.yaml", PURCHASES);
  }

  private void deliver(String file, String... lines) {
    project.write(
        "data/purchases" + file + ".csv",
        "customer,day,amount\n" + String.join("\n", lines) + "\n");
  }

  private RunRecord ingest() {
    return project.run(project.job("purchases"));
  }

  private static Map<Long, Duplicates> duplicates(RunRecord run) {
    return run.facts(IngestFacts.class).orElseThrow().judged().orElseThrow().duplicates();
  }

  @Test
  void countsThemByDeliveryAlsoAgainstWhatWasDeliveredBefore() {
    deliver("1", "a,01/01/2021,1", "a,01/01/2021,2", "b,01/01/2021,5", "a,01/01/2021,2");
    RunRecord first = ingest();

    assertThat(duplicates(first))
        .containsExactly(
            Map.entry(
                1L,
                new Duplicates(1, 1, List.of("data/purchases1.csv:2", "data/purchases1.csv:3"))));
    assertThat(first.facts(IngestFacts.class).orElseThrow().judged().orElseThrow().unmet())
        .containsExactly(
            "event-key(customer, day): observed 1 row has the event key and known time of"
                + " another, with other values, of 1 event (as data/purchases1.csv:2 and"
                + " data/purchases1.csv:3)");
    assertThat(project.list("validated.purchases", "customer", "amount"))
        .containsExactly("a 1.0", "a 2.0", "a 2.0", "b 5.0");

    deliver("2", "b,01/01/2021,5", "b,02/01/2021,7");
    assertThat(duplicates(ingest())).isEmpty();
    deliver("3", "b,02/01/2021,8", "b,02/01/2021,9", "c,01/01/2021,1");
    assertThat(duplicates(ingest()))
        .containsExactly(
            Map.entry(
                3L,
                new Duplicates(1, 2, List.of("data/purchases2.csv:3", "data/purchases3.csv:2"))));
  }

  @Test
  void tellsApartWhereANullStandsAndWhereAnArrayEnds() {
    project.write(
        "sources/purchases.yaml",
        """
        source: purchases
        read: {format: json, path: "data/purchases*.jsonl"}
        columns:
          id: int
          known: timestamp
          a: int
          b: int
          first: array<int>
          then: array<int>
          nested: struct<x:int,y:array<string>>
        event-key: [id]
        event-time: known
        known-time: known
        on-duplicate-key: refuse
        """);
    String[][] pairs = {
      {"'a':5", "'b':5"},
      {"'first':[1],'then':[2,3]", "'first':[1,2],'then':[3]"},
      {"'first':[null,1]", "'first':[1,null]"},
      {"'first':[]", "'first':[null]"},
      {"'first':[]", "'first':null"},
      {"'nested':{'x':1,'y':null}", "'nested':{'x':null,'y':['1']}"},
      {"'nested':{'x':1,'y':[null]}", "'nested':{'x':1,'y':[]}"},
      {"'nested':{'x':null,'y':null}", "'nested':null"},
    };
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < pairs.length; i++) {
      // The first comes twice: an exact repeat, which changes nothing.
      for (String values : List.of(pairs[i][0], pairs[i][0], pairs[i][1])) {
        lines.append("{'id':%d,'known':'2021-01-01T00:00:00Z',%s".formatted(i, values));
        for (String column : List.of("a", "b", "first", "then", "nested")) {
          lines.append(values.contains("'" + column + "'") ? "" : ",'" + column + "':null");
        }
        lines.append("}\n");
      }
    }
    project.write("data/purchases1.jsonl", lines.toString().replace('\'', '"'));

    assertThatThrownBy(this::ingest)
        .hasMessageContaining(
            "observed %1$d rows have the event key and known time of another, with other values, of %1$d events"
                .formatted(pairs.length));
    assertThat(project.has("validated.purchases")).isFalse();
  }

  @Test
  void aDeliveryThatBringsOneIsRejectedWhereTheSourceSaysSo() {
    project.write("sources/purchases.yaml", PURCHASES + "on-duplicate-key: refuse\n");
    deliver("1", "a,01/01/2021,1", "b,01/01/2021,5");
    assertThat(duplicates(ingest())).isEmpty();
    deliver("2", "b,01/01/2021,6", "c,01/01/2021,1", "d,01/01/2021,1", "d,01/01/2021,2");

    assertThatThrownBy(this::ingest)
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining(
            "event-key(customer, day): observed 2 rows have the event key and known time of"
                + " another, with other values, of 2 events (as data/purchases1.csv:3 and"
                + " data/purchases2.csv:2). Its rows are in quarantine.purchases; what was admitted"
                + " before is as it was. Add to event-key the column that distinguishes such rows, or"
                + " declare with known-time or sequence which is later, or write on-duplicate-key: count")
        .extracting(e -> ((PlatformException) e).code())
        .isEqualTo(ErrorCode.EXPECTATIONS_FAILED);
    assertThat(project.list("validated.purchases", "customer", "amount"))
        .containsExactly("a 1.0", "b 5.0");
    assertThat(project.list("quarantine.purchases", "_line", "reasons[0].rule"))
        .containsExactly(
            "2 on-duplicate-key", "3 delivery", "4 on-duplicate-key", "5 on-duplicate-key");

    // Those at fault before those that the rejection alone holds.
    Quarantine quarantine = Quarantine.of(project.checked().project(), "purchases", project.lake());
    assertThat(quarantine.held(Quarantine.Selection.ALL, 3).list())
        .extracting(Quarantine.HeldRow::line)
        .containsExactly(2L, 4L, 5L);

    project.write("sources/purchases.yaml", PURCHASES);
    assertThat(duplicates(ingest()).values())
        .extracting(Duplicates::events, Duplicates::rows)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(2L, 2L));
    assertThat(project.table("validated.purchases").count()).isEqualTo(6);
  }

  @Test
  void whatWasAdmittedWhileTheyWereCountedStaysHoweverOftenItIsMadeAnew() {
    deliver("1", "a,01/01/2021,1");
    ingest();
    deliver("2", "a,01/01/2021,2", "b,01/01/2021,1");
    ingest();
    for (String twice : List.of("2 * amount", "amount + amount")) {
      project.write(
          "sources/purchases.yaml",
          PURCHASES.replace("event-key", "derive:\n  twice: " + twice + "\nevent-key")
              + "on-duplicate-key: refuse\n");
      assertThat(duplicates(ingest())).containsOnlyKeys(2L);
      assertThat(project.table("validated.purchases").count()).isEqualTo(3);
    }
    deliver("3", "b,01/01/2021,2");
    assertThatThrownBy(this::ingest).hasMessageContaining("Cannot admit delivery 3");
  }

  @Test
  void whatWasAdmittedWhileTheyWereRefusedIsNotTakenBack() {
    String fine = PURCHASES.replace("amount: double", "amount: int") + "on-duplicate-key: refuse\n";
    project.write("sources/purchases.yaml", fine.replace("customer, day", "customer, day, amount"));
    deliver("1", "a,01/01/2021,1");
    ingest();
    deliver("2", "a,01/01/2021,2");
    assertThat(duplicates(ingest())).isEmpty();
    project.write("sources/purchases.yaml", fine);

    assertThatThrownBy(this::ingest)
        .hasMessageContaining("Cannot rebuild validated.purchases by its changed rules: delivery 2")
        .hasMessageContaining("1 row has the event key and known time")
        .hasMessageContaining("The table is as it was. Add to event-key the column")
        .hasMessageEndingWith("or write on-duplicate-key: count and one of them counts.");
    project.write("sources/purchases.yaml", fine.replace("key: refuse", "key: count"));
    assertThat(duplicates(ingest())).containsOnlyKeys(2L);
  }

  /** Against a naive walk through the deliveries, and without a pass for each that is refused. */
  @Test
  void decidesAllDeliveriesInOrderAtOnce() {
    SourceRules rules = SourceRules.of(project.checked(), "purchases");
    LongAccumulator read = project.lake().spark().sparkContext().longAccumulator();
    UserDefinedFunction seen =
        functions
            .udf(
                (org.apache.spark.sql.api.java.UDF1<Long, Long>)
                    delivery -> {
                      read.add(1);
                      return delivery;
                    },
                DataTypes.LongType)
            .asNondeterministic();
    Random random = new Random(11);
    for (int round = 0; round < 4; round++) {
      List<Row> former = new ArrayList<>();
      List<Row> fresh = new ArrayList<>();
      List<Set<Long>> refusable = List.of(new HashSet<>(), new HashSet<>());
      List<List<Long>> order = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      for (long delivery = 1; delivery <= 30; delivery++) {
        int kind = random.nextInt(4);
        for (int line = 1; line <= 3 + round; line++) {
          (kind == 3 ? former : fresh)
              .add(
                  RowFactory.create(
                      "c" + random.nextInt(round == 0 ? 9 : 60),
                      java.time.LocalDate.EPOCH,
                      (double) random.nextInt(3),
                      Instant.EPOCH,
                      random.nextInt(8) == 0,
                      delivery,
                      "f",
                      (long) line));
        }
        if (kind < 3) {
          order.get(kind).add(delivery);
        }
        if (kind == 1 || kind == 2) {
          refusable.get(kind - 1).add(delivery);
        }
      }
      Map<Long, Long> expected = new TreeMap<>();
      Set<Long> refused = new HashSet<>();
      Map<String, Set<Double>> kept = new HashMap<>();
      former.forEach(r -> add(kept, r));
      for (int kind = 0; kind < 3; kind++) {
        for (long delivery : order.get(kind)) {
          Map<String, Set<Double>> with = new HashMap<>();
          kept.forEach((key, values) -> with.put(key, new HashSet<>(values)));
          long further =
              fresh.stream().filter(r -> r.getLong(5) == delivery && add(with, r)).count();
          if (further > 0) {
            expected.put(delivery, further);
          }
          if (further > 0 && kind > 0) {
            refused.add(delivery);
          } else {
            kept.putAll(with);
          }
        }
      }

      DuplicateKeys keys = new DuplicateKeys(rules);
      read.reset();
      Dataset<Row> rows =
          rows(fresh).withColumn("_delivery", seen.apply(functions.col("_delivery")));
      DuplicateKeys.Found found =
          keys.find(rows, rows, fresh.size(), Optional.of(rows(former)), refusable);
      assertThat(found.refused()).isEqualTo(refused).hasSizeGreaterThan(2);
      Map<Long, Long> counted = new TreeMap<>();
      found.of().forEach((delivery, duplicates) -> counted.put(delivery, duplicates.rows()));
      assertThat(counted).isEqualTo(expected);
      assertThat(read.value()).isLessThanOrEqualTo(8L * fresh.size());
      keys.release();
    }
  }

  /** Whether a row is a further version of an event. */
  private static boolean add(Map<String, Set<Double>> kept, Row row) {
    if (row.getBoolean(4)) {
      return false;
    }
    Set<Double> values = kept.computeIfAbsent(row.getString(0), k -> new HashSet<>());
    return values.add(row.getDouble(2)) && values.size() > 1;
  }

  private Dataset<Row> rows(List<Row> rows) {
    return project
        .lake()
        .spark()
        .createDataFrame(
            rows,
            StructType.fromDDL(
                "customer string, day date, amount double, _known_time timestamp, _deleted boolean, _delivery bigint, _file string, _line bigint"));
  }

  @Test
  void aPersonMayReleaseOneOfTheRows() {
    project.write("sources/purchases.yaml", PURCHASES + "on-duplicate-key: refuse\n");
    deliver("1", "a,01/01/2021,1", "a,01/01/2021,2", "b,01/01/2021,5");
    assertThatThrownBy(this::ingest).hasMessageContaining("Cannot admit delivery 1");

    Quarantine quarantine = Quarantine.of(project.checked().project(), "purchases", project.lake());
    quarantine.release(
        new Quarantine.Selection(
            java.util.Optional.empty(),
            java.util.Optional.empty(),
            java.util.Optional.empty(),
            Map.of("data/purchases1.csv", LineSet.parse("3-4"))),
        "the second is the correction",
        Principal.osUser("ann"));
    assertThat(duplicates(ingest())).isEmpty();
    assertThat(project.list("validated.purchases", "customer", "amount"))
        .containsExactly("a 2.0", "b 5.0");
  }

  /** Against a naive count over all rows, with corrections, withdrawals, repeats and a sequence. */
  @Test
  void equalsANaiveCount() {
    project.write(
        "sources/purchases.yaml",
        """
        source: purchases
        read: {format: csv, path: "data/purchases*.csv"}
        columns:
          customer: string
          day: int
          amount: double
          known: timestamp
          gone: boolean
          lsn: bigint
        event-key: [customer, day]
        sequence: lsn
        event-time: known
        known-time: known
        tombstone: gone
        """);
    Random random = new Random(7);
    Map<List<String>, Map<String, Long>> versions = new HashMap<>();
    Map<Long, long[]> expected = new TreeMap<>();
    Map<Long, Duplicates> found = new TreeMap<>();
    for (long delivery = 1; delivery <= 4; delivery++) {
      List<String> lines = new ArrayList<>();
      Set<List<String>> events = new HashSet<>();
      long rows = 0;
      for (int i = 0; i < 60; i++) {
        String known = "2021-01-0" + (delivery + random.nextInt(3)) + "T00:00:00Z";
        List<String> key =
            List.of(
                "c" + random.nextInt(4),
                "" + random.nextInt(2),
                known,
                random.nextInt(2) == 0 ? "3" : "7");
        String amount = random.nextInt(5) == 0 ? "" : "" + random.nextInt(3);
        boolean gone = random.nextInt(4) == 0;
        lines.add(String.join(",", key.get(0), key.get(1), amount, known, "" + gone, key.get(3)));
        Map<String, Long> seen = versions.computeIfAbsent(key, k -> new HashMap<>());
        if (!gone && !seen.containsKey(amount)) {
          rows += seen.isEmpty() ? 0 : 1;
          if (!seen.isEmpty()) {
            events.add(key);
          }
          seen.put(amount, delivery);
        }
      }
      expected.put(delivery, new long[] {events.size(), rows});
      project.write(
          "data/purchases" + delivery + ".csv",
          "customer,day,amount,known,gone,lsn\n" + String.join("\n", lines) + "\n");
      found.putAll(duplicates(ingest()));
    }
    assertThat(expected.values()).allMatch(e -> e[1] > 0);
    expected.forEach(
        (delivery, e) ->
            assertThat(List.of(found.get(delivery).events(), found.get(delivery).rows()))
                .as("delivery " + delivery)
                .containsExactly(e[0], e[1]));
  }
}
