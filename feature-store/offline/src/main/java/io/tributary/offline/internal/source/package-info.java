/**
 * Sources as pins name them: their rows, queries over them, and the valid period of each version of
 * an event.
 */
package io.tributary.offline.internal.source;
