/** Brings rows of one key together: keys as bytes, their hashes, and which of them are cut. */
package io.tributary.offline.internal.shuffle;
