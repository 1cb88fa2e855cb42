package io.tributary.definition;

/** A named expression: a column computed from the columns before it. */
public record Derivation(String name, SqlText expression) {}
