/**
 * Append-only event logs on Delta tables, and the light reading of any Delta table's log. No Spark
 * in here: Delta Kernel writes, and readers go by the log's JSON.
 */
package io.tributary.events;
