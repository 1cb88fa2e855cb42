package io.tributary.quality.expectation;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What has to be computed of rows to judge them, and what is demanded of it: of one kind. */
public sealed interface Evaluation {
  /** What is done for each kind. */
  interface Kinds<T> {
    T of(OfRows rows);

    T of(OfRepeats repeats);

    T of(OfStatistic statistic);

    T of(OfColumns columns);
  }

  /** What is done for its kind. */
  <T> T by(Kinds<T> kinds);

  /** The same of those rows alone for which a condition, in Spark SQL, is true. */
  Evaluation where(String condition);

  /**
   * Each considered row meets a predicate, or breaks it.
   *
   * @param considered which rows it is about, in Spark SQL; null counts as no; empty = all
   * @param met whether a considered row meets it, in Spark SQL; never null
   * @param mostly the least share of considered rows that must meet it, 0 to 1
   */
  record OfRows(Optional<String> considered, String met, double mostly) implements Evaluation {
    @Override
    public <T> T by(Kinds<T> kinds) {
      return kinds.of(this);
    }

    @Override
    public Evaluation where(String condition) {
      return new OfRows(both(condition, considered), met, mostly);
    }
  }

  /**
   * Each considered row whose columns are not all null is the only one with its values of them.
   *
   * @param mostly the least share of considered rows that must be, 0 to 1
   */
  record OfRepeats(Optional<String> considered, List<String> columns, double mostly)
      implements Evaluation {
    @Override
    public <T> T by(Kinds<T> kinds) {
      return kinds.of(this);
    }

    @Override
    public Evaluation where(String condition) {
      return new OfRepeats(both(condition, considered), columns, mostly);
    }
  }

  /**
   * A statistic lies in a range; it does not where there are no values.
   *
   * @param column a numeric one; empty for the number of rows
   */
  record OfStatistic(
      Optional<String> considered, Statistic statistic, Optional<String> column, Range range)
      implements Evaluation {
    @Override
    public <T> T by(Kinds<T> kinds) {
      return kinds.of(this);
    }

    @Override
    public Evaluation where(String condition) {
      return new OfStatistic(both(condition, considered), statistic, column, range);
    }
  }

  /**
   * The columns themselves are right or wrong; no row is looked at.
   *
   * @param observed a column's type as text, its place as a number, or that there is none
   */
  record OfColumns(boolean met, JsonNode observed) implements Evaluation {
    @Override
    public <T> T by(Kinds<T> kinds) {
      return kinds.of(this);
    }

    @Override
    public Evaluation where(String condition) {
      return this;
    }
  }

  /** Of the values of a column that are not null, as doubles; or of rows. */
  enum Statistic {
    ROWS,
    MEAN,
    MIN,
    MAX,
    SUM;

    /** Its name among metrics. */
    public String metric() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static Optional<String> both(String condition, Optional<String> considered) {
    return Optional.of(
        considered.map(c -> "(" + condition + ") and (" + c + ")").orElse("(" + condition + ")"));
  }
}
