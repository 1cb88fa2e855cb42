package io.tributary.quality;

/**
 * A number that says something of some rows.
 *
 * @param name in snake_case: {@code rows}, {@code nulls}, {@code considered}, {@code unexpected},
 *     {@code unexpected_share}, {@code duplicates}, {@code min}, {@code max}, {@code mean}, {@code
 *     sum}
 */
public record Metric(String name, double value) {}
