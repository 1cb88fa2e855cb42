package io.tributary.ingest;

import java.io.Serializable;

/** What reading a file to its end showed. */
record FileFacts(String path, long lines, long malformed, long shiftedTimes)
    implements Serializable {}
