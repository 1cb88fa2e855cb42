package io.tributary.quality.expectation;

import java.util.List;

/**
 * What an expectation demands, with its arguments.
 *
 * <p>Nulls are skipped unless the rule is about them: they are in neither the count of considered
 * nor of unexpected values. NaN is a value: it lies in no range and in no set.
 */
public interface Rule {
  /** The columns that it is about; none for the table as a whole. */
  List<String> columns();

  /** How it is evaluated over columns; {@link Sql.Unfit} if it does not fit them. */
  Evaluation over(Sql columns) throws Sql.Unfit;

  /** Its type and arguments in the one spelling that digests are made of. */
  CanonicalForm canonical();
}
