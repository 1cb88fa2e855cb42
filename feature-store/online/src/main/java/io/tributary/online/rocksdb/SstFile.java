package io.tributary.online.rocksdb;

import io.tributary.core.Digest;

/**
 * One immutable file of rows in key order.
 *
 * @param name inside the view's folder
 * @param rows also those that are withdrawn
 * @param firstKey the least key, in hexadecimal
 * @param lastKey the greatest key, in hexadecimal
 */
record SstFile(
    String name, long rows, long bytes, Digest sha256, String firstKey, String lastKey) {}
