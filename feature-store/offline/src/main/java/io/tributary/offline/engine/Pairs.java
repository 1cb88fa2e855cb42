package io.tributary.offline.engine;

/**
 * A map as a feature's value: keys that are all different, in the contract's order of values, and
 * for each its value or null; both as {@link FeatureValues} has them.
 */
public record Pairs(Object[] keys, Object[] values) {}
