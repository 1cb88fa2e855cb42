/**
 * How the point-in-time engine runs on Spark: rows to shuffles to sweeps and back. Not for other
 * modules.
 */
package io.tributary.offline.internal;
