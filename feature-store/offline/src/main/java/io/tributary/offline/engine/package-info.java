/**
 * The point-in-time engine without Spark: valid periods of event versions, exact accumulators, and
 * the sweep that answers the label rows of one entity. Other modules need only {@link
 * io.tributary.offline.engine.EngineDigest} of it.
 */
package io.tributary.offline.engine;
