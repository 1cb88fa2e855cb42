package io.tributary.source;

import java.io.Serializable;
import java.time.Instant;

/**
 * What a storage says of a file beside its size: a file of equal path, size and stamp has equal
 * bytes.
 *
 * @param modified as precise as the storage keeps it
 * @param tag the entity tag of an object; of a local file the instant at which anything of it last
 *     changed; empty where the storage has neither
 */
public record FileStamp(Instant modified, String tag) implements Serializable {}
