/** Spark and Delta: session, tables, commits, the job runner. */
package io.tributary.lake;
