package io.tributary.drift;

/**
 * The rate of false alarms that goes with a limit.
 *
 * @param expected over all sets of intervals that could have set it
 * @param atMost with 95 % probability, the rate of this very limit
 */
public record FalseAlarms(double expected, double atMost) {}
