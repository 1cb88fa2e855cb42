package io.tributary.source;

import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.core.SeenValue;
import io.tributary.core.TimeFormat;
import io.tributary.definition.Column;
import io.tributary.definition.Source;
import io.tributary.expression.Types;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that a source's deliveries must have, and how they may differ from that: which may be
 * missing, which may have a former name, and whether others may be there. Travels to executors.
 */
public final class Contract implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int MOST_COLUMNS = 40;
  private static final int MOST_CHARACTERS = 60;

  /** Stands in {@link #match} for a column that is not there. */
  public static final int MISSING = -1;

  private final String source;
  private final StructType columns;
  private final boolean[] optional;
  private final TimeFormat[] formats;
  private final boolean ignoresOthers;
  private final Map<String, Integer> places = new HashMap<>();

  private Contract(Source source) {
    this.source = source.name();
    this.columns =
        new StructType(
            source.columns().stream()
                .map(
                    c ->
                        new StructField(
                            c.name(), Types.of(c.type()).orElseThrow(), true, Metadata.empty()))
                .toArray(StructField[]::new));
    this.optional = new boolean[columns.size()];
    this.formats =
        source.columns().stream().map(c -> c.format().orElse(null)).toArray(TimeFormat[]::new);
    this.ignoresOthers = source.ignoresOthers();
    for (int i = 0; i < optional.length; i++) {
      Column column = source.columns().get(i);
      optional[i] = column.optional();
      places.put(column.name(), i);
      for (String was : column.was()) {
        places.put(was, i);
      }
    }
  }

  public static Contract of(Source source) {
    return new Contract(source);
  }

  /** The source's name. */
  public String source() {
    return source;
  }

  /** The columns by their present names, all nullable. */
  public StructType columns() {
    return columns;
  }

  /** Whether columns that are not in it are left out. */
  public boolean ignoresOthers() {
    return ignoresOthers;
  }

  /** How a text writes a column's days or instants, where it says so itself. */
  public Optional<TimeFormat> format(int column) {
    return Optional.ofNullable(formats[column]);
  }

  /** The column that has or had a name; {@link #MISSING} where none has. */
  public int find(String name) {
    return places.getOrDefault(name, MISSING);
  }

  /** Compares columns that go by their places too: the contract's order counts. */
  public int[] matchInOrder(String what, List<String> found) {
    return match(what, found, found, List.of(columns.fieldNames()), true);
  }

  /** Compares columns that go by their names, whatever their order. */
  public int[] match(String what, List<String> found) {
    return match(what, found, found, List.of(columns.fieldNames()), false);
  }

  /** The same for columns with types, which the message shows. */
  public int[] match(String what, StructType found) {
    return match(what, List.of(found.fieldNames()), typed(found), typed(columns), false);
  }

  /** The same where each column of what was found is shown otherwise than by its name. */
  public int[] match(String what, List<String> found, List<String> shown) {
    return match(what, found, shown, typed(columns), false);
  }

  /** Columns with their types, for messages. */
  public static List<String> typed(StructType columns) {
    return Arrays.stream(columns.fields())
        .map(f -> f.name() + " " + f.dataType().catalogString())
        .toList();
  }

  /**
   * Finds the contract's columns among those of a file.
   *
   * @return for each column of the contract its place in the file, or {@link #MISSING}
   * @throws PlatformException CONTRACT_BROKEN when they differ by more than the contract allows
   */
  private int[] match(
      String what,
      List<String> found,
      List<String> foundShown,
      List<String> contractShown,
      boolean inOrder) {
    int[] at = new int[columns.size()];
    Arrays.fill(at, MISSING);
    Set<String> others = new LinkedHashSet<>();
    Set<String> twice = new LinkedHashSet<>();
    for (int i = 0; i < found.size(); i++) {
      int column = find(found.get(i));
      if (column == MISSING) {
        others.add(found.get(i));
      } else if (at[column] == MISSING) {
        at[column] = i;
      } else {
        String before = found.get(at[column]);
        twice.add(before.equals(found.get(i)) ? before : before + " and " + found.get(i));
      }
    }
    List<String> missing = new ArrayList<>();
    for (int c = 0; c < at.length; c++) {
      if (at[c] == MISSING && !optional[c]) {
        missing.add(columns.apply(c).name());
      }
    }
    List<String> why = new ArrayList<>();
    if (!missing.isEmpty()) {
      why.add("it lacks " + shown(missing));
    }
    if (!others.isEmpty() && !ignoresOthers) {
      List<String> named = new ArrayList<>();
      for (String name : others) {
        String shown = name.isEmpty() ? "a column without name" : SeenValue.of(shown(name));
        named.add(shown + Nearest.of(name, missing).map(n -> " (is " + n + " meant?)").orElse(""));
      }
      why.add("it has " + few(named) + ", which the contract does not");
    }
    if (!twice.isEmpty()) {
      why.add("it has " + shown(twice) + " more than once");
    }
    if (why.isEmpty() && inOrder) {
      checkOrder(at, found, why);
    }
    if (!why.isEmpty()) {
      throw broken(
          what,
          String.join("; ", why)
              + ". It has ["
              + few(columnsFound(found, foundShown))
              + "], the contract ["
              + shown(contractShown)
              + "]. Deliver the contract's columns, or correct them in the source (optional, was and"
              + " other-columns declare what may differ).");
    }
    return at;
  }

  /** Of a file without a header the first line's values stand where names should. */
  private List<String> columnsFound(List<String> found, List<String> shown) {
    return IntStream.range(0, found.size())
        .mapToObj(
            i ->
                find(found.get(i)) == MISSING
                    ? SeenValue.of(shown(shown.get(i)))
                    : shown(shown.get(i)))
        .toList();
  }

  private void checkOrder(int[] at, List<String> found, List<String> why) {
    List<Integer> expected = new ArrayList<>();
    for (int c = 0; c < at.length; c++) {
      if (at[c] != MISSING) {
        expected.add(c);
      }
    }
    int next = 0;
    for (int i = 0; i < found.size(); i++) {
      int column = find(found.get(i));
      if (column == MISSING) {
        continue;
      }
      if (column != expected.get(next)) {
        why.add(
            "its columns stand in another order: column "
                + (i + 1)
                + " is "
                + shown(found.get(i))
                + ", not "
                + columns.apply(expected.get(next)).name());
        return;
      }
      next++;
    }
  }

  /** {@code Cannot load <what> of source <source>: <why>}. */
  public PlatformException broken(String what, String why) {
    return new PlatformException(
        ErrorCode.CONTRACT_BROKEN, "Cannot load " + what + " of source " + source + ": " + why);
  }

  private static String shown(Collection<String> names) {
    return few(names.stream().map(Contract::shown).toList());
  }

  private static String few(List<String> names) {
    return names.size() <= MOST_COLUMNS
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, MOST_COLUMNS))
            + " and "
            + (names.size() - MOST_COLUMNS)
            + " more";
  }

  /**
   * A name that a terminal can show: a file that is no table has any bytes where its header should
   * be.
   */
  private static String shown(String name) {
    StringBuilder shown = new StringBuilder();
    name.codePoints()
        .limit(MOST_CHARACTERS)
        .forEach(
            c -> {
              if (Character.isISOControl(c)) {
                shown.append("\\x%02X".formatted(c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    return name.codePointCount(0, name.length()) > MOST_CHARACTERS ? shown + "…" : shown.toString();
  }
}
