/**
 * Exact sums, means and variances: they don't depend on the order of values, and are rounded once.
 */
package io.tributary.core.exact;
