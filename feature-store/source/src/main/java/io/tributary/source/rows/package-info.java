/** Rows of a source as its validated table has them. */
package io.tributary.source.rows;
