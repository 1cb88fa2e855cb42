/** User-defined aggregates, and the laws that they must obey. */
package io.tributary.core.aggregate;
