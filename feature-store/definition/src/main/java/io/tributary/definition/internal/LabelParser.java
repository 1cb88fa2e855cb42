package io.tributary.definition.internal;

import io.tributary.definition.OutcomeWindow;
import io.tributary.definition.Source;
import io.tributary.definition.SqlText;
import io.tributary.definition.TrainingSet;
import io.tributary.definition.TrainingSet.Label;
import io.tributary.definition.TrainingSet.Outcome;
import io.tributary.definition.internal.SqlTokens.Unreadable;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What stands in {@code label} of a training set. */
final class LabelParser {
  /** Stands for the source of the rows until it is known. */
  private static final String ROWS = "";

  static final YamlKey<String> NAME =
      YamlKey.required("name", YamlTypes.NAME_TYPE, "The label's column.");
  private static final YamlKey<String> SOURCE =
      YamlKey.optional(
          "source",
          YamlTypes.NAME_TYPE,
          "with `during`, the one that `value` names; else the row that asks",
          "The source that tells the outcome, joined by its event key. Where no source is named, the"
              + " row itself says it, in columns that it then does not ask with.");
  private static final YamlKey<SqlText> VALUE =
      YamlKey.required(
          "value",
          YamlTypes.SQL,
          "The outcome: from that source's columns; with `during` an expression of aggregates and"
              + " their source, `count(*) = 0 from purchases where amount > 0`.");
  private static final YamlKey<SqlText> WHERE =
      YamlKey.optional(
          "where",
          YamlTypes.SQL,
          "every outcome counts",
          "Only outcomes for which this is true; the others are counted, and scored all the same."
              + " With `during` of aggregates, as `value`.");
  private static final YamlKey<OutcomeWindow> DURING =
      YamlKey.optional(
          "during",
          YamlTypes.parsed(
              "an interval after the as-of",
              "\"(0d, 90d]\" or \"[0d, 90d)\"",
              (value, text) -> OutcomeWindow.parse(text)),
          "the row's own event",
          "An outcome over an interval: of events whose event time lies in it, relative to the"
              + " row's as-of.");
  private static final YamlKey<Duration> MATURITY =
      YamlKey.optional(
          "maturity",
          YamlTypes.DURATION,
          "0s",
          "With `during`: how long after its end an outcome is read, and usable only then.");
  private static final YamlKey<Map<String, String>> KEYS =
      YamlKey.optional(
          "keys",
          columns(),
          "the source's event key",
          "With `during`: the source's column: the rows' column, by which events belong to a row;"
              + " or a list where they have the same names.");

  static final YamlKey<Label> LABEL =
      YamlKey.required(
          "label",
          Structures.object(
              "what is predicted",
              List.of(NAME, SOURCE, VALUE, WHERE, DURING, MATURITY, KEYS),
              LabelParser::bind),
          "What is to be predicted.");

  private LabelParser() {}

  private static YamlType<Map<String, String>> columns() {
    YamlType<Map<String, String>> map =
        Structures.map(YamlTypes.COLUMN_TYPE, YamlTypes.COLUMN_TYPE);
    YamlType<List<String>> list = Structures.oneOrMore(YamlTypes.COLUMN_TYPE);
    return new YamlType<>(
        map.name() + ", or a list of names that both have",
        "{customer: customer_id} or [customer]",
        List.of(),
        value ->
            value.isMapping()
                ? map.bind(value)
                : list.bind(value)
                    .map(
                        names -> {
                          Map<String, String> same = new LinkedHashMap<>();
                          names.forEach(name -> same.put(name, name));
                          return same;
                        }));
  }

  private static Optional<Label> bind(YamlFields f) {
    for (YamlKey<?> key : List.of(NAME, SOURCE, VALUE, WHERE, DURING, MATURITY, KEYS)) {
      f.find(key);
    }
    return f.has(DURING) ? overInterval(f) : ofEvent(f);
  }

  private static Optional<Label> ofEvent(YamlFields f) {
    for (YamlKey<?> key : List.of(MATURITY, KEYS)) {
      if (f.has(key)) {
        f.problem(
            key,
            "\""
                + key.name()
                + "\" belongs to an outcome over an interval. Write \"during\" as well, or leave it"
                + " out.");
      }
    }
    Optional<SqlText> value = f.find(VALUE);
    if (value.isPresent() && names(value.get())) {
      f.problem(
          VALUE,
          "the outcome is aggregated from a source's events, and no interval says which. Write"
              + " during: \"(0d, 90d]\".");
    }
    Optional<String> name = f.find(NAME);
    Optional<String> source = f.find(SOURCE);
    if (name.isEmpty() || value.isEmpty() || (source.isEmpty() && !f.lacks(SOURCE))) {
      return Optional.empty();
    }
    return Optional.of(
        source.isPresent()
            ? new Label(name.get(), source.get(), value.get(), f.find(WHERE))
            : Label.ofRow(name.get(), ROWS, value.get(), f.find(WHERE)));
  }

  private static boolean names(SqlText value) {
    try {
      return OutcomeText.namesSource(SqlTokens.of(value.sql()));
    } catch (Unreadable e) {
      return false; // said when the text was read
    }
  }

  private static Optional<Label> overInterval(YamlFields f) {
    if (f.has(SOURCE)) {
      f.problem(
          SOURCE,
          "an outcome over an interval names its source in \"value\", as in count(*) from"
              + " purchases. Leave \"source\" out.");
    }
    if (f.lacks(KEYS)) {
      f.problem(
          DURING,
          "\"keys\" is missing: nothing says which events belong to a row. Write keys:"
              + " {SOURCE'S COLUMN: ROWS' COLUMN}.");
    }
    if (f.find(KEYS).filter(Map::isEmpty).isPresent()) {
      f.problem(KEYS, "\"keys\" names no column. Write one.");
    }
    f.find(MATURITY)
        .filter(m -> m.compareTo(OutcomeWindow.FARTHEST) > 0)
        .ifPresent(
            m ->
                f.problem(
                    MATURITY,
                    "\"maturity\" is too long. Write at most "
                        + OutcomeWindow.FARTHEST.toDays()
                        + "d."));
    Optional<OutcomeWindow> during = f.find(DURING);
    if (during.isEmpty() || f.find(VALUE).isEmpty()) {
      return Optional.empty();
    }
    OutcomeText text = new OutcomeText(during.get());
    YamlValue valueAt = f.value(VALUE).orElseThrow();
    YamlValue at = valueAt;
    try {
      OutcomeText.Parts parts = text.parse(valueAt, valueAt.rawText());
      Optional<SqlText> filter = Optional.empty();
      if (f.find(WHERE).isPresent()) {
        at = f.value(WHERE).orElseThrow();
        filter = Optional.of(text.condition(at, at.rawText()));
      }
      if (f.find(NAME).isEmpty() || f.find(KEYS).isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(
          new Label(
              f.find(NAME).get(),
              parts.source().text(),
              f.find(VALUE).get(),
              f.find(WHERE),
              Optional.of(
                  new Outcome(
                      during.get(),
                      f.or(MATURITY, Duration.ZERO),
                      f.find(KEYS).get(),
                      parts.events(),
                      text.aggregates(),
                      parts.value(),
                      filter))));
    } catch (Unreadable e) {
      f.problemAt(
          at.lineAt(e.offset()),
          at.subject() + ", " + at.positionAt(e.offset()) + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  /** The same label, where it is of the row with the source of the rows. */
  static Label of(TrainingSet.Spine rows, Label label) {
    return label.ofRow()
        ? Label.ofRow(label.name(), rows.source(), label.value(), label.where())
        : label;
  }

  /** Checks that a label's source is there and fits the rows, once all files have been read. */
  static void refer(YamlValue labelAt, Label label, Links links) {
    if (label.ofRow()) {
      return;
    }
    YamlValue at = sourceAt(labelAt);
    links.<Source>refer(
        DefinitionKind.SOURCE,
        label.source(),
        at,
        source -> {
          if (source.isStatic()) {
            at.problem(
                "source \""
                    + source.name()
                    + "\" is static: nothing happens in it. Take a source of events.");
            return;
          }
          label
              .outcome()
              .ifPresentOrElse(
                  o -> o.keys().keySet().forEach(c -> Links.column(source, c, keyAt(labelAt, c))),
                  () -> {
                    if (source.eventKey().isEmpty()) {
                      at.problem(
                          "source \""
                              + source.name()
                              + "\" has no events with a key, and an outcome is joined by event"
                              + " key. Write its \"event-key\", or an outcome over an interval by"
                              + " \"during\".");
                    }
                  });
        });
  }

  /** Checks a label against the rows that ask and their source. */
  static void checkAgainst(
      TrainingSet.Spine spine, Source rows, YamlValue labelAt, Label label, Links links) {
    if (label.ofRow()) {
      if (spine instanceof TrainingSet.Spine.Periodic) {
        inside(labelAt, NAME)
            .problem(
                "\"label\": missing \"source\": rows that ask every so often say nothing themselves."
                    + " Write an outcome over an interval by \"during\", or the source that tells"
                    + " it.");
      }
      return;
    }
    if (SpineParser.columns(spine, rows).contains(label.name())) {
      inside(labelAt, NAME)
          .problem(
              "the label \""
                  + label.name()
                  + "\" is already a column of source \""
                  + rows.name()
                  + "\". Rename the label.");
    }
    if (label.outcome().isPresent()) {
      label
          .outcome()
          .get()
          .keys()
          .forEach((theirs, mine) -> SpineParser.column(spine, rows, mine, keyAt(labelAt, theirs)));
      return;
    }
    links
        .<Source>find(DefinitionKind.SOURCE, label.source())
        .filter(outcome -> !outcome.isStatic())
        .ifPresent(
            outcome ->
                outcome
                    .eventKey()
                    .forEach(c -> SpineParser.column(spine, rows, c, sourceAt(labelAt))));
  }

  private static YamlValue sourceAt(YamlValue labelAt) {
    return find(labelAt, SOURCE).orElseGet(() -> inside(labelAt, VALUE));
  }

  private static YamlValue keyAt(YamlValue labelAt, String column) {
    YamlValue keys = inside(labelAt, KEYS);
    return keys.entries().stream()
        .filter(e -> e.key().equals(column))
        .map(YamlValue.Entry::value)
        .findFirst()
        .orElse(keys);
  }

  private static YamlValue inside(YamlValue mapping, YamlKey<?> key) {
    return find(mapping, key).orElse(mapping);
  }

  private static Optional<YamlValue> find(YamlValue mapping, YamlKey<?> key) {
    return mapping.entries().stream()
        .filter(e -> e.key().equals(key.name()))
        .map(YamlValue.Entry::value)
        .findFirst();
  }

  static Map<String, Object> render(TrainingSet.Label label) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("name", label.name());
    if (label.outcome().isEmpty() && !label.ofRow()) {
      tree.put("source", label.source());
    }
    tree.put("value", label.value().sql());
    label.where().ifPresent(w -> tree.put("where", w.sql()));
    label
        .outcome()
        .ifPresent(
            o -> {
              tree.put("during", o.during().text());
              tree.put("maturity", io.tributary.core.Durations.print(o.maturity()));
              tree.put("keys", o.keys());
            });
    return tree;
  }
}
