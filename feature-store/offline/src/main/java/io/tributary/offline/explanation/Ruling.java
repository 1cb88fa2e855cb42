package io.tributary.offline.explanation;

import java.util.Optional;

/**
 * The one rule that keeps a version of an event out of a feature's value: of those that do, the
 * first in the order of {@link Exclusion}.
 *
 * @param rule its number in the point-in-time contract
 * @param by the version that counts instead; of those corrected, withdrawn or outranked
 */
public record Ruling(Exclusion exclusion, int rule, Optional<Place> by) {}
