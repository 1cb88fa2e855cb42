package io.tributary.source;

import java.io.InputStream;

/** A way to read files of one format byte after byte. */
public interface ByteReader extends SourceReader {
  /**
   * Opens a file and checks that it has the columns of the contract.
   *
   * @param path the file's name, for messages
   * @param bytes the file as it is stored; read to its end, and not closed
   * @throws io.tributary.core.PlatformException CONTRACT_BROKEN when the columns are not those of
   *     the contract, UNREADABLE_FILE when the file is empty or broken
   */
  Lines open(String path, InputStream bytes);
}
