package io.tributary.quality;

/**
 * A number that says something of some rows.
 *
 * @param name {@code rows}, {@code nulls}, {@code considered}, {@code unexpected}, {@code
 *     unexpected_share}, {@code min}, {@code max}, {@code mean}, {@code sum}, in snake_case
 */
public record Metric(String name, double value) {}
