package io.tributary.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.ColumnOrigin;
import io.tributary.core.ColumnReference;
import io.tributary.core.Definition;
import io.tributary.definition.ProjectReader;
import io.tributary.expression.Evaluator;
import io.tributary.expression.ExpressionFailure;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Where the columns of the example come from, told by hand and by changing each in turn. */
class TestColumnLineage {
  private static CheckedProject project;
  private static final Map<String, Definition> DEFINITIONS = new TreeMap<>();

  @BeforeAll
  static void check() {
    project =
        CheckedProject.check(
            ProjectReader.read(Path.of("../../examples/nyc-flights"), Map.of(), Optional.empty()));
    project
        .definitions(List.of("scores departures"))
        .forEach(d -> DEFINITIONS.put(d.reference(), d));
  }

  private static ColumnOrigin origin(String column) {
    ColumnReference reference = ColumnReference.parse(column);
    return DEFINITIONS.get(reference.thing()).columns().get(reference.column());
  }

  private static void comesFrom(String column, List<String> values, List<String> conditions) {
    assertThat(origin(column).values())
        .as("values of " + column)
        .extracting(ColumnReference::toString)
        .containsExactlyInAnyOrderElementsOf(values);
    assertThat(origin(column).conditions())
        .as("conditions of " + column)
        .extracting(ColumnReference::toString)
        .containsExactlyInAnyOrderElementsOf(conditions);
  }

  @Test
  void toldByHand() {
    comesFrom("source flights.arr_delay", List.of(), List.of());
    comesFrom("source flights.cancelled", List.of("source flights.dep_time"), List.of());
    comesFrom(
        "source flights.destination_zone",
        List.of("source airports.tzone"),
        List.of("source flights.dest"));
    comesFrom(
        "source schedule.scheduled_departure",
        List.of("source flights.scheduled_departure"),
        List.of());
    comesFrom(
        "view carrier_history@1.late_share_6h",
        List.of("source flights.arr_delay"),
        List.of(
            "source flights._event_time",
            "source flights._known_time",
            "source flights.cancelled",
            "source flights.carrier"));
    comesFrom(
        "view carrier_history@1.flights_6h",
        List.of(),
        List.of(
            "source flights._event_time",
            "source flights._known_time",
            "source flights.cancelled",
            "source flights.carrier"));
    comesFrom(
        "view carrier_history@1.trend",
        List.of("view carrier_history@1.late_share_1d", "view carrier_history@1.late_share_30d"),
        List.of());
    comesFrom(
        "training-set late_arrival.carrier_history__trend",
        List.of("view carrier_history@1.trend"),
        List.of("training-set late_arrival._as_of", "training-set late_arrival.carrier"));
    comesFrom(
        "training-set late_arrival.clock__minute_of_day",
        List.of("training-set late_arrival.scheduled_departure", "view clock@1.minute_of_day"),
        List.of());
    comesFrom(
        "training-set late_arrival.late",
        List.of("source flights.arr_delay"),
        List.of("source flights.cancelled"));
    comesFrom(
        "model late_arrival.carrier_history__trend",
        List.of("training-set late_arrival.carrier_history__trend"),
        List.of());
    assertThat(origin("scores departures.score").values())
        .contains(
            ColumnReference.parse("model late_arrival.score"),
            ColumnReference.parse("training-set late_arrival.carrier_history__trend"));
    comesFrom("scores departures.decision", List.of("scores departures.score"), List.of());
  }

  @Test
  void everyColumnThatIsNamedIsThere() {
    for (Definition definition : DEFINITIONS.values()) {
      definition
          .columns()
          .forEach(
              (column, origin) -> {
                List<ColumnReference> named = new ArrayList<>(origin.values());
                named.addAll(origin.conditions());
                for (ColumnReference each : named) {
                  assertThat(origin(each.toString()))
                      .as(definition.reference() + "." + column + " <- " + each)
                      .isNotNull();
                }
              });
    }
  }

  @Test
  void declaredColumnsKeepTheirTags() {
    assertThat(origin("source flights.tailnum").tags()).containsExactly("aircraft");
  }

  /** A result that changes with a column comes from it. */
  @Test
  void whatChangesAResultIsAmongItsOrigins() {
    Random random = new Random(7);
    for (String name : List.of("flights", "weather", "planes")) {
      CheckedSource source = project.source(name);
      Map<String, Set<String>> origins = source.rows().origins();
      StructType input = source.input();
      Evaluator evaluator = source.rows().evaluator();
      StructType output = source.rows().schema();
      int changes = 0;
      for (int round = 0; round < 2_000; round++) {
        Object[] row = random(input, random);
        Object[] before = evaluate(evaluator, row, output);
        int column = random.nextInt(input.size());
        Object[] other = row.clone();
        other[column] = random(input.apply(column).dataType(), random);
        Object[] after = evaluate(evaluator, other, output);
        if (before == null || after == null) {
          continue;
        }
        for (int i = 0; i < output.size(); i++) {
          if (!Objects.equals(before[i], after[i])) {
            changes++;
            String changed = input.apply(column).name().toLowerCase(Locale.ROOT);
            Set<String> from = new TreeSet<>();
            origins.get(output.apply(i).name()).forEach(path -> from.add(path.split("\\.", 2)[0]));
            assertThat(from).as(name + "." + output.apply(i).name()).contains(changed);
          }
        }
      }
      assertThat(changes).as(name).isPositive();
    }
  }

  private static Object[] evaluate(Evaluator evaluator, Object[] row, StructType output) {
    try {
      InternalRow result = evaluator.evaluate(new GenericInternalRow(row)).copy();
      Object[] values = new Object[output.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = result.isNullAt(i) ? null : result.get(i, output.apply(i).dataType());
      }
      return values;
    } catch (ExpressionFailure e) {
      return null;
    }
  }

  private static Object[] random(StructType schema, Random random) {
    return Arrays.stream(schema.fields())
        .map(StructField::dataType)
        .map(type -> random(type, random))
        .toArray();
  }

  private static Object random(DataType type, Random random) {
    if (random.nextInt(6) == 0) {
      return null;
    }
    if (type instanceof StructType struct) {
      return new GenericInternalRow(random(struct, random));
    }
    if (type.equals(DataTypes.IntegerType)) {
      return 1 + random.nextInt(12);
    }
    if (type.equals(DataTypes.LongType)) {
      return (long) random.nextInt(9);
    }
    if (type.equals(DataTypes.DoubleType)) {
      return (double) random.nextInt(9);
    }
    if (type.equals(DataTypes.TimestampType)) {
      return 1_360_000_000_000_000L + random.nextInt(1_000) * 60_000_000L;
    }
    if (type.equals(DataTypes.DateType)) {
      return 15_000 + random.nextInt(300);
    }
    if (type.equals(DataTypes.BooleanType)) {
      return random.nextBoolean();
    }
    return UTF8String.fromString("America/" + (random.nextBoolean() ? "Chicago" : "New_York"));
  }
}
