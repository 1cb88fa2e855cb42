package io.tributary.pipeline;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Iterators;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableName;
import io.tributary.definition.Lookup;
import io.tributary.events.facts.IngestFacts;
import io.tributary.events.runs.CommitFacts;
import io.tributary.ingest.AdmittedRows;
import io.tributary.ingest.DeliveredRows;
import io.tributary.lake.InternalRows;
import io.tributary.lake.Lake;
import io.tributary.lake.LakeTable;
import io.tributary.lake.RowDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * The rows of {@code validated} tables beside those that {@code bronze} gives by the definitions,
 * look-ups and deliveries of which they were made.
 */
final class ValidatedRows implements AutoCloseable {
  private static final String LAYER = "validated";
  static final String RESTORE =
      "Find out who changed the table, and restore it from a copy of the lake";
  private static final Column[] PLACE =
      DeliveredRows.PLACE.stream().map(functions::col).toArray(Column[]::new);

  private final Lake lake;
  private final PinnedData data;
  private final Map<Map<String, Digest>, KeptProject> kept = new HashMap<>();
  private final Map<Pin, AdmittedRows> again = new HashMap<>();

  ValidatedRows(Lake lake, PinnedData data) {
    this.lake = lake;
    this.data = data;
  }

  static boolean has(Pin pin) {
    return pin.version().table().layer().equals(LAYER);
  }

  /** The table that the rows of a pin were made of. */
  static String bronze(Pin pin) {
    return TableName.of("bronze", pin.version().table().subject()).toString();
  }

  /** What the rows of a pinned table were made of, by the commit that made the last of them. */
  private record Making(CommitFacts commit, IngestFacts.Validated validated) {}

  private Making making(Pin pin) {
    return lake.table(pin.version().table()).commits().stream()
        .filter(commit -> commit.version().version() <= pin.version().version())
        .flatMap(commit -> commit.facts().stream())
        .flatMap(
            facts ->
                facts.facts(IngestFacts.class).flatMap(IngestFacts::validated).stream()
                    .map(validated -> new Making(facts, validated)))
        .reduce((before, last) -> last)
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.NOT_FOUND,
                    "Cannot derive table %s: its log no longer has the commit that made version %d. Keep logs for longer: set retention in tributary.yaml."
                        .formatted(pin.version().table(), pin.version().version())));
  }

  private KeptProject project(Making making) {
    return kept.computeIfAbsent(
        making.commit().definitions(), definitions -> KeptProject.of(lake, definitions));
  }

  /** Whether a table's content is that of its last delivery alone. */
  boolean isStatic(Pin pin) {
    return project(making(pin))
        .checked()
        .source(pin.version().table().subject())
        .definition()
        .isStatic();
  }

  /** What the rows of a pin were completed from: the look-ups that made all of them. */
  List<Pin> lookups(Pin pin) {
    return making(pin).commit().inputs();
  }

  /** The last delivery that a pin shows. */
  long last(Pin pin) {
    return pin.deliveries().orElseGet(() -> making(pin).validated().lastDelivery());
  }

  /**
   * The rows that were looked up: of reference data those of the delivery that counted. Where the
   * table no longer has them, they are made again.
   */
  private Dataset<Row> lookedUp(Pin pin) {
    Pin readable = data.readable(pin);
    Optional<String> gone = data.gone(readable);
    if (gone.isPresent() && !isMadeAnew(pin)) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND, "Cannot read what was looked up: %s.".formatted(gone.get()));
    }
    Dataset<Row> rows =
        gone.isEmpty() ? lake.table(pin.version().table()).read(readable) : again(pin).rows();
    return rows.where(col(LakeTable.DELIVERY).equalTo(pin.deliveries().orElseThrow()));
  }

  /**
   * What pins name, as it can be read now.
   *
   * @param pins by which tables are read
   * @param instead rows that tables no longer have, made again, by source
   * @param gone why what others name can't be read, each a sentence without its end
   */
  record Readable(List<Pin> pins, Map<String, Dataset<Row>> instead, List<String> gone) {}

  /**
   * Of a table that other rules have made anew since, and whose version of then is gone, rows are
   * made again: of {@code bronze}, by the rules, look-ups and verdicts of then. They stay until
   * this is closed.
   */
  Readable readable(List<Pin> recorded) {
    List<Pin> pins = new ArrayList<>();
    Map<String, Dataset<Row>> instead = new LinkedHashMap<>();
    List<String> gone = new ArrayList<>();
    for (Pin pin : recorded) {
      Pin readable = data.readable(pin);
      pins.add(readable);
      Optional<String> why = data.gone(readable);
      if (why.isPresent() && isMadeAnew(pin)) {
        try {
          instead.put(pin.version().table().subject(), ofThen(pin));
        } catch (PlatformException e) {
          gone.add(why.get());
          gone.add(e.getMessage().replaceFirst("\\.$", ""));
        }
      } else {
        why.ifPresent(gone::add);
      }
    }
    return new Readable(List.copyOf(pins), instead, List.copyOf(gone));
  }

  private Dataset<Row> ofThen(Pin pin) {
    Column delivery = col(LakeTable.DELIVERY);
    return again(pin)
        .rows()
        .where(isStatic(pin) ? delivery.equalTo(last(pin)) : delivery.leq(last(pin)));
  }

  /** Whether other rules have made the rows of a pin anew since, in the same table. */
  private boolean isMadeAnew(Pin pin) {
    return has(pin) && data.isHere(pin) && data.readable(pin).deliveries().isEmpty();
  }

  /**
   * Why rows that were made again of {@code bronze} may be others than those of then: deliveries of
   * which another number was admitted, each as a clause, and the first row that is another in
   * {@code bronze} than in the table of now.
   */
  List<Reproduction.Cause> otherwise(Pin pin) {
    List<Reproduction.Cause> why = new ArrayList<>();
    again(pin).otherwise().forEach(other -> why.add(new Reproduction.Cause("data", other)));
    LakeTable table = lake.table(pin.version().table());
    firstOther(table.pin(last(Pin.of(table.requireVersion()))), Suspected.BRONZE)
        .ifPresent(other -> why.add(new Reproduction.Cause("row", other)));
    return why;
  }

  private AdmittedRows again(Pin pin) {
    // Of reference data one delivery counts.
    Optional<Long> only = isStatic(pin) ? Optional.of(last(pin)) : Optional.empty();
    Pin key = new Pin(pin.version(), only, Set.of());
    AdmittedRows known = again.get(key);
    if (known == null) {
      Making making = making(pin);
      CheckedProject project = project(making).checked();
      List<Lookup> declared = project.source(pin.version().table().subject()).definition().lookup();
      List<Pin> pins = making.commit().inputs();
      known =
          AdmittedRows.at(
              lake,
              project,
              pin.version(),
              only,
              lookup -> lookedUp(pins.get(declared.indexOf(lookup))));
      again.put(key, known);
    }
    return known;
  }

  @Override
  public void close() {
    again.values().forEach(AdmittedRows::close);
    again.clear();
  }

  /**
   * The first row, by delivery, file and line, that isn't in a pinned table as it was delivered, as
   * a clause and who must act; empty where all are. Of rows that were made anew by other rules
   * since, nothing says which were kept out then: that one is missing is not told.
   *
   * @param pin that can be read
   * @throws PlatformException when the rows can't be derived
   */
  Optional<String> firstOther(Pin pin) {
    return firstOther(pin, Suspected.VALIDATED);
  }

  /** Which of the two tables is taken to be another than it was, where they differ. */
  private enum Suspected {
    VALIDATED,
    BRONZE
  }

  private Optional<String> firstOther(Pin pin, Suspected suspected) {
    TableName table = pin.version().table();
    String source = table.subject();
    Making making = making(pin);
    Dataset<Row> stored = lake.table(table).read(pin);
    Dataset<Row> made =
        DeliveredRows.again(
            lake,
            project(making).checked(),
            source,
            lookups(pin).stream().map(this::lookedUp).toList(),
            last(pin));
    List<String> columns =
        Stream.of(made.columns())
            .filter(n -> !DeliveredRows.PLACE.contains(n) && !n.equals(DeliveredRows.RELEASED))
            .toList();
    List<String> there = List.of(stored.columns());
    List<String> gone = columns.stream().filter(name -> !there.contains(name)).toList();
    if (!gone.isEmpty()) {
      return Optional.of(
          "column %s of %s is gone. %s".formatted(String.join(", ", gone), table, RESTORE));
    }
    Dataset<Row> now = placed(stored, columns, "_now", "_stored");
    Dataset<Row> then = placed(made, columns, "_then", "_made");
    Dataset<Row> both =
        now.join(then, DeliveredRows.PLACE.toArray(String[]::new), "full_outer")
            .where(
                not(col("_now").eqNullSafe(col("_then")))
                    .or(coalesce(col("_stored"), lit(0)).gt(coalesce(col("_made"), lit(0)))));
    Dataset<Row> others =
        pin.deliveries().isPresent()
            ? withoutKeptOut(both, made, source)
            : both.where(col("_stored").isNotNull());
    return others.orderBy(PLACE).limit(1).collectAsList().stream()
        .findFirst()
        .map(
            row ->
                suspected == Suspected.BRONZE
                    ? otherInBronze(table, row, columns, stored, made)
                    : other(table, row, columns, stored, made));
  }

  /** Rows by their places: how many, and the digest of their values. */
  private static Dataset<Row> placed(
      Dataset<Row> rows, List<String> columns, String digest, String number) {
    StructType schema = rows.schema();
    StructType digested = new StructType();
    for (String name : DeliveredRows.PLACE) {
      digested = digested.add(schema.apply(name));
    }
    StructType result = digested.add(digest, DataTypes.BinaryType);
    int[] place = DeliveredRows.PLACE.stream().mapToInt(schema::fieldIndex).toArray();
    return InternalRows.map(
            rows,
            result,
            part -> {
              RowDigest values = RowDigest.of("validated", schema, columns);
              UnsafeProjection projection = UnsafeProjection.create(result);
              GenericInternalRow row = new GenericInternalRow(place.length + 1);
              return Iterators.map(
                  part,
                  from -> {
                    for (int i = 0; i < place.length; i++) {
                      row.update(i, from.get(place[i], schema.apply(place[i]).dataType()));
                    }
                    row.update(place.length, values.of(from));
                    return projection.apply(row);
                  });
            })
        .groupBy(PLACE)
        .agg(min(col(digest)).as(digest), count(lit(1)).as(number));
  }

  /** Without the rows that aren't stored because the suite kept them out, or for a release. */
  private Dataset<Row> withoutKeptOut(Dataset<Row> rows, Dataset<Row> made, String source) {
    Dataset<Row> out = made.where(col(DeliveredRows.RELEASED)).select(PLACE);
    TableName quarantine = TableName.of("quarantine", source);
    if (lake.find(quarantine).isPresent()) {
      LakeTable table = lake.table(quarantine);
      out = out.unionByName(table.read(table.requireVersion()).select(PLACE));
    }
    return rows.join(
            out.distinct().withColumn("_out", lit(true)),
            DeliveredRows.PLACE.toArray(String[]::new),
            "left_outer")
        .where(col("_stored").isNotNull().or(col("_out").isNull()));
  }

  private static String other(
      TableName table, Row found, List<String> columns, Dataset<Row> stored, Dataset<Row> made) {
    String row =
        "row of %s line %d in %s (delivery %d)"
            .formatted(
                found.getAs("_file"),
                found.<Long>getAs("_line"),
                table,
                found.<Long>getAs(LakeTable.DELIVERY));
    if (found.isNullAt(found.fieldIndex("_then"))) {
      return "the %s was never delivered: bronze.%s has none there. %s"
          .formatted(row, table.subject(), RESTORE);
    }
    if (found.isNullAt(found.fieldIndex("_now"))) {
      return "the %s is missing, and quarantine.%s doesn't have it either. %s"
          .formatted(row, table.subject(), RESTORE);
    }
    if (found.<Long>getAs("_stored") > found.<Long>getAs("_made")) {
      return "the %s is there %d times. %s".formatted(row, found.<Long>getAs("_stored"), RESTORE);
    }
    return "the %s is not what was delivered: column %s. %s"
        .formatted(row, changed(found, columns, stored, made), RESTORE);
  }

  /** The same of rows that were made of {@code bronze}, and are not those of then. */
  private static String otherInBronze(
      TableName table, Row found, List<String> columns, Dataset<Row> stored, Dataset<Row> made) {
    String row =
        "row of %s line %d in bronze.%s (delivery %d)"
            .formatted(
                found.getAs("_file"),
                found.<Long>getAs("_line"),
                table.subject(),
                found.<Long>getAs(LakeTable.DELIVERY));
    if (found.isNullAt(found.fieldIndex("_then"))
        || !found.isNullAt(found.fieldIndex("_now"))
            && found.<Long>getAs("_stored") > found.<Long>getAs("_made")) {
      return "the %s is missing, and %s has it. %s".formatted(row, table, RESTORE);
    }
    if (found.isNullAt(found.fieldIndex("_now"))) {
      return "the %s is in neither %s nor quarantine.%s. %s"
          .formatted(row, table, table.subject(), RESTORE);
    }
    return "the %s is another than in %s: column %s. %s"
        .formatted(row, table, changed(found, columns, stored, made), RESTORE);
  }

  private static String changed(
      Row found, List<String> columns, Dataset<Row> stored, Dataset<Row> made) {
    Row now = at(stored, found, columns);
    Row then = at(made, found, columns);
    return columns.stream()
        .filter(name -> !Objects.deepEquals(now.getAs(name), then.getAs(name)))
        .collect(Collectors.joining(", "));
  }

  private static Row at(Dataset<Row> rows, Row place, List<String> columns) {
    Column there = lit(true);
    for (String name : DeliveredRows.PLACE) {
      there = there.and(col(name).equalTo(lit(place.get(place.fieldIndex(name)))));
    }
    return rows.where(there)
        .select(columns.stream().map(name -> col("`" + name + "`")).toArray(Column[]::new))
        .head();
  }
}
