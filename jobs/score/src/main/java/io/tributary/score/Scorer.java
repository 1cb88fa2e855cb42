package io.tributary.score;

import io.tributary.core.PlatformException;
import io.tributary.expression.RowExpressions;
import io.tributary.model.ScoreColumns;
import io.tributary.model.StoredModel;
import io.tributary.registry.ModelVersion;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A model version that scores, in a role.
 *
 * @param role {@link ScoreColumns#CHAMPION}, {@link ScoreColumns#CHALLENGER} or {@link
 *     ScoreColumns#SHADOW}
 * @param named the alias or number by which the score set names it
 * @param decide over a row of one column, the score
 */
record Scorer(
    String role,
    String named,
    ModelVersion version,
    StoredModel model,
    Optional<RowExpressions> decide) {
  boolean isChampion() {
    return role.equals(ScoreColumns.CHAMPION);
  }

  /**
   * What asks for a prediction: the champion's is the same whichever version that is; each
   * challenger and shadow has its own.
   */
  String asks() {
    return isChampion() ? role : role + "@" + version.number();
  }

  /**
   * Checks that rows have what its model takes.
   *
   * @throws PlatformException CONTRACT_BROKEN where an input is missing or of another type
   */
  void require(StructType rows) {
    model
        .signature()
        .check(
            Arrays.stream(rows.fields())
                .collect(
                    Collectors.toMap(
                        StructField::name, f -> f.dataType().sql().toLowerCase(Locale.ROOT))));
  }

  /** Why it failed at a row, among the causes of what was thrown for it. */
  static final class Failed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int place;
    private final PlatformException why;

    private final boolean atRows;

    private Failed(int place, PlatformException why, boolean atRows) {
      super(why.getMessage(), why);
      this.place = place;
      this.why = why;
      this.atRows = atRows;
    }

    /** At a row, as it would again. */
    static PlatformException at(int place, PlatformException why) {
      return failed(place, why, true);
    }

    /** One that may not be used any more. */
    static PlatformException unused(int place, PlatformException why) {
      return failed(place, why, false);
    }

    private static PlatformException failed(int place, PlatformException why, boolean atRows) {
      return new PlatformException(why.code(), why.getMessage(), new Failed(place, why, atRows));
    }

    boolean isAtRows() {
      return atRows;
    }

    /** The place of the scorer that a throwable is about. */
    static Optional<Failed> in(Throwable thrown) {
      return PlatformException.causes(thrown).stream()
          .filter(Failed.class::isInstance)
          .map(Failed.class::cast)
          .findFirst();
    }

    int place() {
      return place;
    }

    PlatformException why() {
      return why;
    }
  }
}
