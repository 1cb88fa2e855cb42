/** Keys of rows, their hashes, and which of them are hot. */
package io.tributary.offline.internal.keys;
