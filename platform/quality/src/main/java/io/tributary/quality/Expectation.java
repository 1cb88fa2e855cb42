package io.tributary.quality;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One thing that a suite expects of the rows of a delivery.
 *
 * <p>Nulls are skipped by all but {@link NotNull} and {@link Null}: they are in neither the count
 * of considered nor of unexpected values. NaN is a value: it lies in no range and in no set.
 */
public sealed interface Expectation {
  Terms terms();

  /** The columns that it is about; none for the table as a whole. */
  List<String> columns();

  /** An expectation that each considered row meets or breaks. */
  sealed interface OfRows extends Expectation {
    /** The least share of considered rows that must meet it, 0 to 1. */
    double mostly();
  }

  /** An expectation of the delivery as a whole. */
  sealed interface OfTable extends Expectation {}

  /**
   * What all expectations have.
   *
   * @param position its place in the suite, from 1
   * @param type its name in the suite, {@code expect_column_values_to_not_be_null}
   * @param text its name and arguments, for people: {@code expect_…(column=month, min_value=1)}
   * @param condition which rows it is about; empty = all
   * @param written the expectation as the suite has it, JSON without what only people read; empty
   *     where it is of no suite
   */
  record Terms(
      int position,
      String type,
      String text,
      Optional<RowCondition> condition,
      Severity severity,
      String written) {}

  /** Values are there. */
  record NotNull(Terms terms, String column, double mostly) implements OfRows {
    @Override
    public List<String> columns() {
      return List.of(column);
    }
  }

  /** Values are missing. */
  record Null(Terms terms, String column, double mostly) implements OfRows {
    @Override
    public List<String> columns() {
      return List.of(column);
    }
  }

  /** Values lie in a range. */
  record Between(Terms terms, String column, Range range, double mostly) implements OfRows {
    @Override
    public List<String> columns() {
      return List.of(column);
    }
  }

  /** Values are among some. */
  record InSet(Terms terms, String column, List<Constant> values, double mostly) implements OfRows {
    public InSet {
      values = List.copyOf(values);
    }

    @Override
    public List<String> columns() {
      return List.of(column);
    }
  }

  /** Values are none of some. */
  record NotInSet(Terms terms, String column, List<Constant> values, double mostly)
      implements OfRows {
    public NotInSet {
      values = List.copyOf(values);
    }

    @Override
    public List<String> columns() {
      return List.of(column);
    }
  }

  /**
   * Texts in which a regular expression of Java's dialect is found, anywhere unless it says {@code
   * ^} or {@code $}: Great Expectations does the same on Spark ({@code rlike}) and on pandas
   * ({@code str.contains}).
   */
  record MatchesRegex(Terms terms, String column, String regex, double mostly) implements OfRows {
    @Override
    public List<String> columns() {
      return List.of(column);
    }
  }

  /** Texts in which a regular expression is not found, see {@link MatchesRegex}. */
  record MatchesNoRegex(Terms terms, String column, String regex, double mostly) implements OfRows {
    @Override
    public List<String> columns() {
      return List.of(column);
    }
  }

  /** Texts whose length in characters (code points) lies in a range. */
  record LengthBetween(Terms terms, String column, Range range, double mostly) implements OfRows {
    @Override
    public List<String> columns() {
      return List.of(column);
    }
  }

  /** Values, or combinations of values, that occur once; each of several equal rows breaks it. */
  record Unique(Terms terms, List<String> columns, Missing ignored, double mostly)
      implements OfRows {
    public Unique {
      columns = List.copyOf(columns);
    }

    /** Which rows are skipped. */
    public enum Missing {
      /** Rows in which all of the columns are null. */
      ALL,
      /** Rows in which any of the columns is null. */
      ANY
    }
  }

  /** The number of rows lies in a range. */
  record RowCountBetween(Terms terms, Range range) implements OfTable {
    @Override
    public List<String> columns() {
      return List.of();
    }
  }

  /** A statistic of a numeric column lies in a range; it is not met where there are no values. */
  record StatisticBetween(Terms terms, String column, Statistic statistic, Range range)
      implements OfTable {
    @Override
    public List<String> columns() {
      return List.of(column);
    }

    /** Of the values that are not null, as doubles. */
    public enum Statistic {
      MEAN,
      MIN,
      MAX,
      SUM;

      /** Its name as a {@link Metric}. */
      public String metric() {
        return name().toLowerCase(Locale.ROOT);
      }
    }
  }

  /**
   * The table has a column.
   *
   * @param index its place, from 0
   */
  record ColumnExists(Terms terms, String column, OptionalInt index) implements OfTable {
    @Override
    public List<String> columns() {
      return List.of(column);
    }
  }

  /**
   * A column has one of some types.
   *
   * @param types in Spark SQL's DDL, normalised
   */
  record ColumnHasType(Terms terms, String column, List<String> types) implements OfTable {
    public ColumnHasType {
      types = List.copyOf(types);
    }

    @Override
    public List<String> columns() {
      return List.of(column);
    }
  }
}
