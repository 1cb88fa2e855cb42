package io.tributary.registry.keeping;

import io.tributary.core.TableVersion;

/**
 * A version of a table that must stay readable.
 *
 * @param by who may go back to it, for people: {@code model late_arrival@3}, {@code score
 *     departures}
 */
public record KeptVersion(TableVersion version, String by) {}
