/**
 * The run log and lineage of a lake: the facts of a run in each commit, the events derived from
 * them, and their readers. No Spark.
 */
package io.tributary.events.runs;
