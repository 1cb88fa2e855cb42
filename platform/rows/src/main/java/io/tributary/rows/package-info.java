/** Rows in partitions, and the port to what computes them. */
package io.tributary.rows;
