package io.tributary.definition.internal;

import java.util.List;
import java.util.Map;

/** The reference of all keys, {@code docs/configuration.md}, written from what the binder reads. */
public final class ConfigurationReference {
  private static final Map<DefinitionKind, String> ABOUT =
      Map.of(
          DefinitionKind.SOURCE,
              "Where rows come from, the contract of their columns, and what their time and identity"
                  + " are.",
          DefinitionKind.VIEW,
              "Features of an entity, computed from a source; or, with `request`, from what a request"
                  + " brings.",
          DefinitionKind.TRAINING_SET,
              "Who asks and when, what is to be predicted, and with which features.",
          DefinitionKind.MODEL,
              "How a training set is split and encoded, the network, how it is fitted, and when it is"
                  + " good enough.",
          DefinitionKind.SCORES,
              "A registered model over the rows of a training set, without its label.",
          DefinitionKind.MONITOR,
              "What is asked of a model each night: are its inputs as in training, are its predictions,"
                  + " are its scores within bounds, are all rows there, and do matured outcomes agree"
                  + " as well as the test rows' did?",
          DefinitionKind.PIPELINE, "What runs each night, and what before the first.");

  private static final int WIDTH = 120;

  private final StringBuilder out = new StringBuilder();

  private ConfigurationReference() {}

  public static String markdown() {
    return new ConfigurationReference().write();
  }

  private String write() {
    out.append(
        """
        # Configuration

        Every key of every file of a project. Written from the table that the reader itself uses: don't edit it, run

        ```bash
        mvn -q -pl feature-store/definition -am test -Dtest=TestConfigurationReference -Dsurefire.failIfNoSpecifiedTests=false -Dwrite-docs=true
        ```

        A project is a folder with a `tributary.yaml`; the other files stand in `sources/`, `features/`, `training-sets/`,
        `models/`, `scores/`, `monitors/` and `pipelines/`, one definition a file, under any name that ends in `.yaml` or
        `.yml`. `expectations/` holds Great Expectations suites. The files are YAML 1.2 in UTF-8, without anchors. All that is
        wrong with a project is said at once, each with file and line; `tributary show THING` prints a definition with every
        default written out.

        - **Names** are snake_case; names that begin with `_` or hold `__` are the platform's own.
        - **Durations** are physical, exact to the microsecond: `250us 20ms 90s 90m 6h 7d`, a day is 86,400 seconds.
          **Instants** are ISO 8601 with an offset; a bare date is the start of that day in the zone. **Intervals** are
          `from/to`, half open.
        - **Expressions** are Spark SQL (ANSI, no sub-queries, no clock). One is always a whole value in block style, never
          inside `{}` or `[]`.
        - **Features** are either look-ups, an expression over the newest row's columns, or `AGGREGATE(EXPRESSION, PARAMETERS)
          [where EXPRESSION] [by EXPRESSION] over WINDOW, WINDOW...`, which makes one feature a window: `late_share:
          mean(arr_delay > 15) over 6h, 1d` makes `late_share_6h` and `late_share_1d`.
          - A window is a duration, or days of a calendar: `7 calendar-days in America/New_York` (in the view's zone where none
            is named) begins at the same local time seven days earlier and ends the feature's name with `_7_calendar_days`.
          - [Aggregates](aggregates.md) are a list of functions, with what each takes and gives. A look-up has its
            expression's type; with `by` a feature is a map from the dimension's type to what its aggregate gives.
            `tributary show VIEW` says the type of each feature that takes a column or a cast.
          - `by` splits an aggregate by a dimension: `spent: sum(amount) by category over 7d` is a map from each category in the
            window to its sum, which is what `sum(amount) where category = ...` would be; so too `last_k(amount, 3) by
            category`, a map of arrays, or `time_since_last() by category`. In `derived`, `spent_7d['books']` takes one out; it
            is null where the window has none.
          - The full name of a class in place of AGGREGATE, `com.acme.Concentration(amount) over 7d`, is [an aggregate of your
            own](aggregates.md#of-your-own).
        - **Variables**: `${NAME}` and `${NAME:-default}` in `tributary.yaml` stand for environment variables. Passwords and
          tokens are `${NAME}` and nothing else, and never printed.
        """);
    section("tributary.yaml", "The project.", ProjectFileParser.KEYS);
    for (DefinitionKind kind : DefinitionKind.values()) {
      section(kind.folder() + "/*.yaml", ABOUT.get(kind), kind.keys());
    }
    return out.toString();
  }

  private void section(String title, String about, List<YamlKey<?>> keys) {
    out.append("\n## ").append(title).append("\n\n").append(wrapped(about, ""));
    list("", keys);
  }

  private void list(String path, List<YamlKey<?>> keys) {
    if (!path.isEmpty()) {
      out.append("\n### ").append(path).append('\n');
    }
    out.append('\n');
    for (YamlKey<?> key : keys) {
      out.append(
          wrapped(
              "- **`%s`**: %s Value: %s; %s."
                  .formatted(key.name(), key.doc(), value(key.type()), absent(key)),
              "  "));
    }
    for (YamlKey<?> key : keys) {
      if (!key.type().keys().isEmpty()) {
        String inner = path.isEmpty() ? key.name() : path + "." + key.name();
        list(inner, key.type().keys());
      }
    }
  }

  private static String value(YamlType<?> type) {
    return type.example().isEmpty() ? type.name() : type.name() + ", as in " + type.example();
  }

  private static String absent(YamlKey<?> key) {
    if (key.required()) {
      return "required";
    }
    if (key.otherwise().startsWith("needed")) {
      return key.otherwise();
    }
    return key.byDefault()
        .map(value -> "default `" + value + "`")
        .orElse("if not written: " + key.otherwise());
  }

  /** A text over as many lines as it takes; none begins with what would be a list. */
  private static String wrapped(String text, String indent) {
    StringBuilder lines = new StringBuilder();
    int width = 0;
    for (String word : text.split(" (?![-+*] )", -1)) {
      boolean fits = width == 0 || width + 1 + word.length() <= WIDTH;
      String before = width == 0 ? "" : fits ? " " : "\n" + indent;
      lines.append(before).append(word);
      width = fits ? width + 1 + word.length() : indent.length() + word.length();
    }
    return lines.append('\n').toString();
  }
}
