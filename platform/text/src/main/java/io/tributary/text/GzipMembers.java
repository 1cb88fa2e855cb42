package io.tributary.text;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * What gzip has packed (RFC 1952), all members of it. Unlike Java's own stream it does not take
 * whatever is no further member for the end: a member whose header is damaged would be lost
 * silently, and so would all behind the first where the stream below can't say how much is left.
 */
final class GzipMembers extends InputStream {
  private static final int HEADER_CHECKSUM = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;

  private final InputStream in;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 checksum = new CRC32();
  private final byte[] buffer;
  private int position;
  private int limit;
  private boolean ended;

  GzipMembers(InputStream in, int bufferSize) throws IOException {
    this.in = in;
    this.buffer = new byte[bufferSize];
    header("Not in GZIP format");
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!ended) {
      int n = inflate(bytes, offset, length);
      if (n > 0) {
        checksum.update(bytes, offset, n);
        return n;
      }
      if (inflater.finished()) {
        position = limit - inflater.getRemaining();
        trailer();
        ended = !fill();
        if (ended) {
          inflater.end();
        } else {
          header("what lies behind its end was not packed by gzip");
          inflater.reset();
          checksum.reset();
        }
      } else if (inflater.needsDictionary()) {
        throw new ZipException("it asks for a dictionary");
      } else {
        position = limit;
        require();
        inflater.setInput(buffer, position, limit - position);
      }
    }
    return -1;
  }

  private int inflate(byte[] bytes, int offset, int length) throws IOException {
    if (inflater.getTotalIn() == 0 && inflater.needsInput() && position < limit) {
      inflater.setInput(buffer, position, limit - position);
    }
    try {
      return inflater.inflate(bytes, offset, length);
    } catch (DataFormatException e) {
      throw new ZipException(e.getMessage() == null ? "no deflate data" : e.getMessage());
    }
  }

  private void trailer() throws IOException {
    long crc = number() | number() << 16;
    long size = number() | number() << 16;
    if (crc != checksum.getValue()) {
      throw new ZipException("its checksum is another");
    }
    if (size != (inflater.getBytesWritten() & 0xffffffffL)) {
      throw new ZipException("its length is another");
    }
  }

  private void header(String otherwise) throws IOException {
    if (number() != 0x8b1f || next() != 8) {
      throw new ZipException(otherwise);
    }
    int flags = next();
    skip(6);
    if ((flags & EXTRA) != 0) {
      skip((int) number());
    }
    if ((flags & NAME) != 0) {
      skipText();
    }
    if ((flags & COMMENT) != 0) {
      skipText();
    }
    if ((flags & HEADER_CHECKSUM) != 0) {
      skip(2);
    }
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      next();
    }
  }

  private void skipText() throws IOException {
    while (next() != 0) {
      // up to the zero that ends it
    }
  }

  private long number() throws IOException {
    return next() | (long) next() << 8;
  }

  private int next() throws IOException {
    require();
    return buffer[position++] & 0xff;
  }

  private void require() throws IOException {
    if (!fill()) {
      throw new EOFException("no more compressed data");
    }
  }

  /** Whether there is another byte in the buffer, which is read anew when it is used up. */
  private boolean fill() throws IOException {
    while (position == limit) {
      int n = in.read(buffer, 0, buffer.length);
      if (n < 0) {
        return false;
      }
      position = 0;
      limit = n;
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
