package io.tributary.ingest;

import io.tributary.events.facts.RowCounts;
import io.tributary.quality.Verdicts;

/**
 * How a delivery fared at the gate.
 *
 * @param admitted whether its rows are in {@code validated}, but for those in quarantine
 */
public record DeliveryReport(
    long delivery, boolean admitted, RowCounts counts, Verdicts verdicts) {}
