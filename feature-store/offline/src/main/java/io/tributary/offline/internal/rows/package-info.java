/** Rows as Spark holds them, and where Scala's types end. */
package io.tributary.offline.internal.rows;
