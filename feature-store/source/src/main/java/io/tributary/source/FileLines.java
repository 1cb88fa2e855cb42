package io.tributary.source;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.source.FileFacts.MalformedLine;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The lines of some files as rows, one file after the other, in a task; a row is valid until the
 * next one. Either the good lines, as bronze has them, or the malformed ones, as quarantine has
 * them. A file whose bytes are not those that were delivered ends it.
 */
public final class FileLines implements Iterator<InternalRow>, AutoCloseable {
  /** Which lines come out. */
  public enum Kind {
    GOOD,
    MALFORMED
  }

  /** Characters of malformed lines that are kept of a file or a part. */
  private static final int MOST_KEPT = 1 << 15;

  private static final UTF8String STAGE = UTF8String.fromString("parse");

  private final String source;
  private final Iterator<FoundFile> files;
  private final SourceReader reader;
  private final Kind kind;
  private final Configuration hadoop;
  private final Consumer<FileFacts> facts;
  private final GenericInternalRow meta;
  private final JoinedRow joined = new JoinedRow();

  private FoundFile file;
  private Stored stored;
  private CheckedInputStream checked;
  private DigestInputStream digested;
  private Lines lines;
  private long read;
  private long malformed;
  private long linesBefore;
  private List<MalformedLine> kept = new ArrayList<>();
  private int keptCharacters;
  private InternalRow next;

  public FileLines(
      String source,
      long delivery,
      String run,
      Iterator<FoundFile> files,
      SourceReader reader,
      Kind kind,
      Configuration hadoop,
      Consumer<FileFacts> facts) {
    this.source = source;
    this.files = files;
    this.reader = reader;
    this.kind = kind;
    this.hadoop = hadoop;
    this.facts = facts;
    this.meta =
        new GenericInternalRow(new Object[] {delivery, null, 0L, UTF8String.fromString(run)});
    TaskContext task = TaskContext.get();
    if (task != null) {
      task.addTaskCompletionListener((org.apache.spark.util.TaskCompletionListener) t -> close());
    }
  }

  @Override
  public boolean hasNext() {
    while (next == null) {
      if (lines == null) {
        if (!files.hasNext()) {
          return false;
        }
        open(files.next());
      }
      if (advances()) {
        read++;
        boolean good = lines.line().problems().isEmpty();
        if (!good) {
          malformed++;
          keep();
        }
        if (good == (kind == Kind.GOOD)) {
          meta.setLong(2, linesBefore + lines.line().number());
          next = good ? joined.apply(lines.values(), meta) : malformed();
        }
      } else {
        finish();
      }
    }
    return true;
  }

  @Override
  public InternalRow next() {
    if (!hasNext()) {
      throw new NoSuchElementException("no more lines");
    }
    InternalRow row = next;
    next = null;
    return row;
  }

  private void keep() {
    if (keptCharacters <= MOST_KEPT) {
      String raw = lines.raw();
      keptCharacters += raw.length() + 1;
      if (keptCharacters <= MOST_KEPT) {
        long number = linesBefore + lines.line().number();
        kept.add(new MalformedLine(number, raw, List.copyOf(lines.line().problems())));
      } else {
        kept.clear();
      }
    }
  }

  private InternalRow malformed() {
    List<Reason> problems = lines.line().problems();
    Object[] reasons =
        problems.stream()
            .map(
                p ->
                    (Object)
                        new GenericInternalRow(
                            new Object[] {
                              UTF8String.fromString(p.rule()),
                              UTF8String.fromString(p.column()),
                              UTF8String.fromString(p.message())
                            }))
            .toArray();
    return joined.apply(
        meta,
        new GenericInternalRow(
            new Object[] {
              UTF8String.fromString(lines.raw()), new GenericArrayData(reasons), STAGE
            }));
  }

  private void open(FoundFile found) {
    file = found;
    read = 0;
    malformed = 0;
    kept = new ArrayList<>();
    keptCharacters = 0;
    linesBefore = 0;
    meta.update(1, UTF8String.fromString(found.path()));
    Optional<FilePart> part = found.parts().stream().findFirst();
    linesBefore = part.map(FilePart::linesBefore).orElse(0L);
    try {
      if (reader instanceof ByteReader bytes) {
        lines = open(bytes, part);
      } else {
        lines = open(reader.typed().orElseThrow(), part);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private Lines open(ByteReader bytes, Optional<FilePart> part) throws IOException {
    Path path = new Path(file.location());
    FSDataInputStream opened = path.getFileSystem(hadoop).open(path, 1 << 16);
    if (part.isEmpty()) {
      stored = new Stored(opened, Long.MAX_VALUE);
      digested = new DigestInputStream(stored, Digest.sha256());
      return bytes.open(file.path(), digested);
    }
    stored = new Stored(opened, part.get().bytes());
    opened.seek(part.get().offset());
    checked = new CheckedInputStream(stored, new CRC32C());
    byte[] head = part.get().head();
    PushbackInputStream withHead = new PushbackInputStream(checked, Math.max(1, head.length));
    withHead.unread(head);
    return bytes.open(file.path(), withHead);
  }

  private Lines open(TypedFiles typed, Optional<FilePart> part) throws IOException {
    if (!hasItsStamp() && !hasItsDigest()) {
      throw changed(null);
    }
    try {
      return typed.open(
          file.path(),
          file.location(),
          part.map(FilePart::offset).orElse(0L),
          part.map(FilePart::bytes).orElse(file.bytes()),
          hadoop);
    } catch (PlatformException e) {
      throw explained(e);
    }
  }

  private boolean advances() {
    try {
      return lines.next();
    } catch (PlatformException e) {
      throw stored == null ? explained(e) : e;
    }
  }

  /** Of what ends the reading of a file where it lies: whether the file is to blame. */
  private PlatformException explained(PlatformException thrown) {
    Optional<Throwable> storage =
        PlatformException.causes(thrown).stream().filter(FileErrors::isOfStorage).findFirst();
    try {
      return storage.isPresent()
          ? FileErrors.isChanged(storage.get())
              ? changed(thrown)
              : FileErrors.of(source, file.path(), new Path(file.location()), thrown)
          : isAsItWas() ? thrown : changed(thrown);
    } catch (IOException e) {
      return failed(e);
    }
  }

  private void finish() {
    try {
      if (!isAsItWas()) {
        throw changed(null);
      }
    } catch (IOException e) {
      throw failed(e);
    } finally {
      close();
    }
    long offset = file.parts().isEmpty() ? 0 : file.parts().get(0).offset();
    facts.accept(
        new FileFacts(
            file.path(), offset, read, malformed, lines.shiftedTimes(), List.copyOf(kept)));
    lines = null;
  }

  /**
   * Whether what was read is what was delivered, and where bytes count in their order all of it.
   */
  private boolean isAsItWas() throws IOException {
    if (stored == null) {
      return hasItsStamp() || hasItsDigest();
    }
    if (file.parts().isEmpty()) {
      digested.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digested.getMessageDigest().digest()).equals(file.sha256());
    }
    FilePart part = file.parts().get(0);
    checked.transferTo(OutputStream.nullOutputStream());
    boolean ends = part.offset() + part.bytes() < file.bytes() || stored.isAtEnd();
    return ends && checked.getChecksum().getValue() == part.checksum();
  }

  private boolean hasItsStamp() throws IOException {
    Path path = new Path(file.location());
    FileStatus now = path.getFileSystem(hadoop).getFileStatus(path);
    return now.getLen() == file.bytes()
        && !file.stamp().isEmpty()
        && file.stamp().get(0).equals(FileStamp.of(now));
  }

  /** Where a file was touched or linked its stamp is another, its bytes are the same. */
  private boolean hasItsDigest() throws IOException {
    Path path = new Path(file.location());
    try (InputStream in = path.getFileSystem(hadoop).open(path, 1 << 16)) {
      return Digest.of(in).hex().equals(file.sha256());
    }
  }

  /** What is open of a file that was not read to its end. */
  @Override
  public void close() {
    if (lines != null) {
      lines.close();
    }
    if (stored != null) {
      try {
        stored.close();
      } catch (IOException e) {
        throw failed(e);
      } finally {
        stored = null;
      }
    }
  }

  private PlatformException changed(Exception cause) {
    return new PlatformException(
        ErrorCode.CONFLICT,
        "Cannot load file %s of source %s: it was changed or removed while it was being read. %s"
            .formatted(file.path(), source, whole(file)),
        cause);
  }

  private PlatformException failed(IOException e) {
    return FileErrors.isChanged(e)
        ? changed(e)
        : FileErrors.of(source, file.path(), new Path(file.location()), e);
  }

  /** What to do about a file that changes while it is read. */
  public static String whole(FoundFile file) {
    return FileErrors.isLocal(new Path(file.location()))
        ? "Deliver it whole: write it under a name that begins with a dot, rename it at last, and run ingest again."
        : "Run ingest again once it stays as it is.";
  }

  /** The stored bytes: what the storage throws is told from what is wrong with the bytes. */
  private final class Stored extends FilterInputStream {
    private long left;

    /**
     * @param most after so many bytes it ends
     */
    Stored(InputStream in, long most) {
      super(in);
      this.left = most;
    }

    /** Whether nothing stands behind the last byte that may be read. */
    boolean isAtEnd() throws IOException {
      return left == 0 && in.read() < 0;
    }

    @Override
    public int read() {
      try {
        int one = left == 0 ? -1 : super.read();
        left -= one < 0 ? 0 : 1;
        return one;
      } catch (IOException e) {
        throw failed(e);
      }
    }

    @Override
    public int read(byte[] bytes, int from, int length) {
      try {
        int n = left == 0 ? -1 : super.read(bytes, from, (int) Math.min(left, length));
        left -= Math.max(0, n);
        return n;
      } catch (IOException e) {
        throw failed(e);
      }
    }
  }
}
