package io.tributary.definition.internal;

import io.tributary.core.Durations;
import io.tributary.definition.Problems;
import io.tributary.definition.Source;
import io.tributary.definition.SqlText;
import io.tributary.definition.TrainingSet.Spine;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What stands under {@code rows} of a training set. */
final class SpineParser {
  static final YamlKey<String> SOURCE =
      YamlKey.required(
          "source",
          YamlTypes.NAME_TYPE,
          "The source whose events ask, or with \"every\" make entities known; the rows of a static"
              + " source ask as they stand.");
  private static final YamlKey<SqlText> AS_OF =
      YamlKey.optional(
          "as-of", YamlTypes.SQL, "then `every` says when", "The instant at which a row asks.");
  private static final YamlKey<SqlText> WHERE =
      YamlKey.optional(
          "where",
          YamlTypes.SQL,
          "all",
          "Only rows for which this is true, as they were known at their as-of; never a condition on"
              + " the outcome.");
  private static final YamlKey<Duration> EVERY =
      YamlKey.optional(
          "every",
          YamlTypes.DURATION,
          "then `as-of` says when",
          "A row for each entity known by then, at instants so far apart.");
  private static final YamlKey<List<String>> ENTITY =
      YamlKey.optional(
          "entity",
          Structures.distinct(YamlTypes.COLUMN_TYPE),
          "needed with `every`",
          "With `every`: the source's columns that make an entity, and the columns of the rows.");
  private static final YamlKey<Instant> FROM =
      YamlKey.optional(
          "from",
          YamlTypes.INSTANT,
          "the first event on; instants count from 2001-01-01, a Monday, in the project's zone",
          "With `every`: the first instant, from which the others are counted.");
  private static final YamlKey<Instant> TO =
      YamlKey.optional(
          "to",
          YamlTypes.INSTANT,
          "the end of the pinned data",
          "With `every`: the training set asks before it. Scores are asked for in their interval.");

  static final YamlType<Spine> ROWS =
      Structures.object(
          "the rows that ask",
          List.of(SOURCE, AS_OF, WHERE, EVERY, ENTITY, FROM, TO),
          SpineParser::bind);

  private SpineParser() {}

  private static Optional<Spine> bind(YamlFields f) {
    Optional<String> source = f.find(SOURCE);
    Optional<SqlText> asOf = f.find(AS_OF);
    Optional<SqlText> where = f.find(WHERE);
    Optional<Duration> every = f.find(EVERY);
    Optional<List<String>> entity = f.find(ENTITY);
    Optional<Instant> from = f.find(FROM);
    Optional<Instant> to = f.find(TO);
    if (f.has(AS_OF) && f.has(EVERY)) {
      f.problem(
          EVERY,
          "\"rows\" has both \"as-of\" and \"every\": either each row says when it asks, or all ask"
              + " at the same instants. Keep one.");
    } else if (f.lacks(AS_OF) && f.lacks(EVERY)) {
      f.problemAt(
          f.mapping().line(),
          "\"rows\": missing \"as-of\". Write it: "
              + AS_OF.doc()
              + " Or write \"every\": "
              + EVERY.doc());
    }
    if (f.has(AS_OF) && !f.has(EVERY)) {
      for (YamlKey<?> key : List.of(ENTITY, FROM, TO)) {
        if (f.has(key)) {
          f.problem(
              key,
              "\""
                  + key.name()
                  + "\" belongs to \"every\", and these rows have \"as-of\". Leave it"
                  + " out.");
        }
      }
    }
    if (f.has(EVERY) && !f.has(AS_OF)) {
      if (f.lacks(ENTITY) || entity.filter(List::isEmpty).isPresent()) {
        f.problem(
            f.has(ENTITY) ? ENTITY : EVERY,
            "\"every\" asks for entities, and \"entity\" names no column. Write the columns that make"
                + " one, as in entity: [customer].");
      }
      every
          .filter(d -> d.isZero() || d.isNegative())
          .ifPresent(
              zero -> f.problem(EVERY, "\"every\" is no time at all. Write one as in every: 7d."));
      if (from.isPresent() && to.isPresent() && !from.get().isBefore(to.get())) {
        f.problem(TO, "\"to\" is not after \"from\", so there is no instant. Move one.");
      }
    }
    if (!f.complete() || source.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        every.isPresent()
            ? new Spine.Periodic(source.get(), where, entity.orElseThrow(), every.get(), from, to)
            : new Spine.Listed(source.get(), where, asOf.orElseThrow()));
  }

  /**
   * What can be said of the rows once their source is known.
   *
   * @param rows where they are written
   * @param sourceAt where their source is named
   */
  static void check(Spine spine, Source source, YamlValue rows, YamlValue sourceAt) {
    if (!(spine instanceof Spine.Periodic periodic)) {
      return;
    }
    if (source.isStatic()) {
      sourceAt.problem(
          "source \""
              + source.name()
              + "\" is static: its rows have no time from which on an entity is known."
              + " Take a source of events.");
    }
    rows.entries().stream()
        .filter(e -> e.key().equals(ENTITY.name()))
        .findFirst()
        .ifPresent(e -> periodic.entity().forEach(c -> Links.column(source, c, e.value())));
  }

  /** The columns that a row has, its as-of aside. */
  static List<String> columns(Spine spine, Source source) {
    return spine instanceof Spine.Periodic periodic ? periodic.entity() : source.columnNames();
  }

  /** What has the columns, as messages call it: {@code source "orders" has}. */
  static String subject(Spine spine, Source source) {
    return spine instanceof Spine.Periodic periodic
        ? "the entity " + periodic.entity() + " has"
        : "source \"" + source.name() + "\" has";
  }

  /** Says that the rows have no such column. */
  static void column(Spine spine, Source source, String column, YamlValue at) {
    if (spine instanceof Spine.Periodic periodic) {
      if (!periodic.entity().contains(column)) {
        at.problem(
            Problems.unknown(
                "the rows ask every so often for an entity and have no column \"" + column + "\"",
                column,
                periodic.entity()));
      }
    } else {
      Links.column(source, column, at);
    }
  }

  static Map<String, Object> render(Spine spine) {
    Map<String, Object> rows = new LinkedHashMap<>();
    rows.put("source", spine.source());
    spine.where().ifPresent(w -> rows.put("where", w.sql()));
    if (spine instanceof Spine.Listed listed) {
      rows.put("as-of", listed.asOf().sql());
    } else if (spine instanceof Spine.Periodic periodic) {
      rows.put("every", Durations.print(periodic.every()));
      rows.put("entity", periodic.entity());
      periodic.from().ifPresent(t -> rows.put("from", t.toString()));
      periodic.to().ifPresent(t -> rows.put("to", t.toString()));
    }
    return rows;
  }
}
