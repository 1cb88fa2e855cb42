/**
 * Sums, means and variances that lose nothing on the way, so that they don't depend on the order of
 * what is added, and are rounded once.
 */
package io.tributary.core.exact;
