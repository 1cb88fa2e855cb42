/** How one feature of one entity came by its value. */
package io.tributary.offline.internal.explain;
