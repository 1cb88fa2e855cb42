package io.tributary.source;

import java.io.Serializable;

/** What reading a file to its end showed. */
public record FileFacts(String path, long lines, long malformed, long shiftedTimes)
    implements Serializable {}
