/** Spark and Delta: session, tables, commits. */
package io.tributary.lake;
