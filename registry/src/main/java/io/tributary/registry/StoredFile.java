package io.tributary.registry;

import io.tributary.core.Digest;

/**
 * A file of an artefact.
 *
 * @param size in bytes
 */
public record StoredFile(long size, Digest digest) {}
