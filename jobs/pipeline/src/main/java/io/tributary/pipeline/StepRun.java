package io.tributary.pipeline;

import io.tributary.events.runs.RunRecord;

/**
 * One job that the flow ran.
 *
 * @param phase the part of the flow it belongs to: {@code load}, {@code history}, {@code train}, or
 *     the night's date
 */
record StepRun(String phase, RunRecord record) {}
