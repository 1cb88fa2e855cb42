/** Batch scoring: the rows of an interval in, scored rows of {@code scores.<name>} out. */
package io.tributary.score;
