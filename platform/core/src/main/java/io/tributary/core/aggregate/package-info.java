/** Aggregates that a project brings itself, and the laws that they keep. */
package io.tributary.core.aggregate;
