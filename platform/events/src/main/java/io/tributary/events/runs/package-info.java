/**
 * The run log and lineage of a lake: what a run leaves in each commit, the events made of it, and
 * how they are read. No Spark.
 */
package io.tributary.events.runs;
