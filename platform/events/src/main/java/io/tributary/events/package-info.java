/**
 * Append-only event logs on Delta tables, and a light reader of any Delta table's log. No Spark:
 * Delta Kernel writes, and readers parse the log's JSON.
 */
package io.tributary.events;
