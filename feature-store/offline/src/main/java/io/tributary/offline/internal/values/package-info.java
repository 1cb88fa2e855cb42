/** Spark's values as the engine takes them in and gives them back. */
package io.tributary.offline.internal.values;
