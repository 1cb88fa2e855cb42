package io.tributary.ingest;

import io.tributary.core.Digest;

/**
 * A file of a delivery; its bytes are what it is.
 *
 * @param path relative to the project's folder where it lies in it
 */
public record DeliveredFile(String path, long bytes, Digest sha256) {}
