package io.tributary.source;

import java.io.Serializable;

/**
 * Whole records of a file, which are read without what stands before them.
 *
 * @param head the bytes at the file's beginning that a reader needs; none of the first part
 * @param linesBefore how many lines stand before the part, less those of the head
 * @param checksum CRC-32C of its bytes, the head not among them
 */
public record FilePart(long offset, long bytes, byte[] head, long linesBefore, long checksum)
    implements Serializable {}
