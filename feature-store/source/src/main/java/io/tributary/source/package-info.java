/** Files of a source as lines of its contract. */
package io.tributary.source;
