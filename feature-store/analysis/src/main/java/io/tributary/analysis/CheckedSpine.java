package io.tributary.analysis;

import io.tributary.definition.TrainingSet;
import io.tributary.expression.RowExpressions;
import java.time.Instant;
import java.util.Optional;

/**
 * The rows that ask, typed.
 *
 * @param source where they come from
 * @param filter over the source's {@link CheckedSource#schema()}: one boolean column, never null,
 *     {@link CheckedView#WHERE}; empty = all rows
 * @param asOf of listed rows, over the same: one column, {@link CheckedTrainingSet#AS_OF}
 * @param origin of periodic rows: the instant from which theirs are counted, in both directions
 */
public record CheckedSpine(
    TrainingSet.Spine definition,
    CheckedSource source,
    Optional<RowExpressions> filter,
    Optional<RowExpressions> asOf,
    Optional<Instant> origin) {}
