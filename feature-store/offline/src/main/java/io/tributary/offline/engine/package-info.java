/**
 * The point-in-time engine without Spark: valid periods of event versions, exact accumulators, and
 * the sweep that answers the label rows of one entity. Other modules use {@code
 * io.tributary.offline}.
 */
package io.tributary.offline.engine;
