package io.tributary.source;

import java.io.Serializable;

/**
 * Why a line or a row is in quarantine.
 *
 * @param rule what it breaks: {@code cells}, {@code type}, {@code encoding}, {@code quotes} of a
 *     line; {@code derive}, {@code event-key}, {@code event-time}, {@code known-time} of a row; the
 *     name of an expectation; {@code delivery} where nothing is wrong but the delivery
 * @param column the column or columns; empty for the line or row as a whole
 */
public record Reason(String rule, String column, String message) implements Serializable {}
