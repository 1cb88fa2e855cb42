package io.tributary.registry;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.events.AtomicFiles;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * An archive with a version of a model, opened to be read: a zip file whose entries are stored, not
 * deflated, so that the same version gives the same bytes, and none is larger than the file. Its
 * last entry, {@link #MANIFEST}, has name, size and SHA-256 of each other one; the file's comment
 * is the SHA-256 of the manifest. All of it is checked when it is opened.
 */
final class ArchiveFile implements Closeable {
  static final String MANIFEST = "manifest.json";

  private static final int FORMAT = 1;

  /**
   * That of each entry: the first day of 1980 would be written by the zone of this process, too.
   */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

  /** Parts that a path below a folder has: none leads out of it, none is hidden. */
  private static final Pattern NAME =
      Pattern.compile(
          "[^/\\\\:\\p{Cntrl}.][^/\\\\:\\p{Cntrl}]*(/[^/\\\\:\\p{Cntrl}.][^/\\\\:\\p{Cntrl}]*)*");

  /** The maximum size of a manifest, in bytes; one of 100,000 entries is smaller. */
  private static final long MOST_OF_MANIFEST = 16 << 20;

  /**
   * One file of the archive.
   *
   * @param size in bytes
   */
  record Entry(String name, long size, Digest sha256) {}

  /** Where the version comes from, as {@link Origin} has it, and what there is of it. */
  record Manifest(
      int format,
      String lake,
      String project,
      ModelReference version,
      String event,
      Instant at,
      Principal by,
      List<Entry> entries) {
    Manifest {
      entries = List.copyOf(entries);
    }

    static Manifest of(
        String lake,
        String project,
        ModelReference version,
        String event,
        Instant at,
        Principal by,
        List<Entry> entries) {
      return new Manifest(FORMAT, lake, project, version, event, at, by, entries);
    }
  }

  private record Head(int format) {}

  private final Path file;
  private final ZipFile zip;
  private final Manifest manifest;
  private final Digest digest;

  private ArchiveFile(Path file, ZipFile zip) throws IOException {
    this.file = file;
    this.zip = zip;
    byte[] stored = bytes(MANIFEST, MOST_OF_MANIFEST);
    this.digest = Digest.of(stored);
    this.manifest = manifest(new String(stored, StandardCharsets.UTF_8));
    requireEntries();
    if (!digest.hex().equals(zip.getComment())) {
      throw altered(MANIFEST);
    }
  }

  /**
   * Opens an archive and checks all of it.
   *
   * @throws PlatformException NOT_FOUND where there is no such file; REFUSED when it is of another
   *     format; CORRUPT when it is no archive, is cut off or was altered, naming the entry
   */
  static ArchiveFile open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot import %s: there is no such file. Name an archive that tributary registry export has written."
              .formatted(file));
    }
    try {
      ZipFile zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8);
      try {
        return new ArchiveFile(file, zip);
      } catch (IOException | RuntimeException e) {
        zip.close();
        throw e;
      }
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      throw corrupt(file, "it is no archive, or was cut off or altered (" + e.getMessage() + ")");
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot import %s: %s. Check that it can be read.".formatted(file, e.getMessage()),
          e);
    }
  }

  private Manifest manifest(String text) {
    Head head;
    try {
      head = Json.read(text, Head.class);
    } catch (PlatformException e) {
      throw altered(MANIFEST);
    }
    if (head.format() != FORMAT) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot import %s: it is of format %d, and this build reads format %d. Use the build that wrote it, or a later one."
              .formatted(file, head.format(), FORMAT));
    }
    try {
      Manifest read = Json.read(text, Manifest.class);
      List.of(read.lake(), read.project(), read.version(), read.event(), read.at(), read.by());
      read.entries()
          .forEach(e -> Objects.requireNonNull(e.sha256(), Objects.requireNonNull(e.name())));
      return read;
    } catch (PlatformException | NullPointerException e) {
      throw altered(MANIFEST);
    }
  }

  private void requireEntries() throws IOException {
    Map<String, Entry> expected = new LinkedHashMap<>();
    for (Entry entry : manifest.entries()) {
      if (!NAME.matcher(entry.name()).matches()) {
        throw corrupt(file, "its entry \"" + entry.name() + "\" has no name of a file in a folder");
      }
      if (entry.name().equals(MANIFEST) || expected.put(entry.name(), entry) != null) {
        throw corrupt(file, "its entry " + entry.name() + " is there twice");
      }
    }
    int found = 0;
    for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); found++) {
      String name = all.nextElement().getName();
      if (!name.equals(MANIFEST) && !expected.containsKey(name)) {
        throw corrupt(file, "its entry " + name + " is not in " + MANIFEST);
      }
    }
    for (Entry entry : expected.values()) {
      requireBytes(entry);
    }
    if (found != expected.size() + 1) {
      throw corrupt(file, "one of its entries is there twice");
    }
  }

  private void requireBytes(Entry entry) throws IOException {
    ZipEntry there = zip.getEntry(entry.name());
    if (there == null) {
      throw corrupt(file, entry.name() + " is missing");
    }
    requireStored(there, entry.size());
    try (InputStream in = zip.getInputStream(there)) {
      if (!Digest.of(in).equals(entry.sha256())) {
        throw altered(entry.name());
      }
    } catch (ZipException | EOFException e) {
      throw altered(entry.name());
    }
  }

  private void requireStored(ZipEntry entry, long most) {
    if (entry.getMethod() != ZipEntry.STORED || entry.getSize() > most) {
      throw altered(entry.getName());
    }
  }

  private byte[] bytes(String name, long most) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw corrupt(file, "it has no " + name);
    }
    requireStored(entry, most);
    try (InputStream in = zip.getInputStream(entry)) {
      return in.readAllBytes();
    } catch (ZipException | EOFException e) {
      throw altered(name);
    }
  }

  private PlatformException altered(String name) {
    return corrupt(file, name + " is not what was exported");
  }

  static PlatformException corrupt(Path file, String why) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot import %s: %s. Copy the archive again from where it was exported, or export it again."
            .formatted(file, why));
  }

  Path file() {
    return file;
  }

  Manifest manifest() {
    return manifest;
  }

  /** The digest of its manifest, and so of all that is in it. */
  Digest digest() {
    return digest;
  }

  /** The bytes of an entry, as they were when the archive was opened. */
  byte[] read(Entry entry) {
    try {
      byte[] bytes = bytes(entry.name(), entry.size());
      if (Digest.of(bytes).equals(entry.sha256())) {
        return bytes;
      }
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot import %s: %s. Check that it can be read.".formatted(file, e.getMessage()),
          e);
    }
    throw altered(entry.name());
  }

  /** Copies an entry of any size, with the bytes that it had when the archive was opened. */
  void copy(Entry entry, OutputStream out) throws IOException {
    MessageDigest sha = Digest.sha256();
    try (InputStream in = zip.getInputStream(zip.getEntry(entry.name()))) {
      new DigestInputStream(in, sha).transferTo(out);
    }
    if (!entry.sha256().hex().equals(HexFormat.of().formatHex(sha.digest()))) {
      throw altered(entry.name());
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }

  /** Adds the entries of an archive that is being written. */
  static final class Writer {
    private final ZipOutputStream zip;
    private final List<Entry> entries = new ArrayList<>();

    private Writer(ZipOutputStream zip) {
      this.zip = zip;
    }

    void add(String name, byte[] bytes) throws IOException {
      add(name, () -> new ByteArrayInputStream(bytes));
    }

    /** Adds what is read twice, as a zip file has the checksum before the bytes. */
    void add(String name, Source source) throws IOException {
      CRC32 crc = new CRC32();
      MessageDigest sha = Digest.sha256();
      long size;
      try (InputStream in = source.open()) {
        size =
            new DigestInputStream(new CheckedInputStream(in, crc), sha)
                .transferTo(OutputStream.nullOutputStream());
      }
      ZipEntry entry = new ZipEntry(name);
      entry.setMethod(ZipEntry.STORED);
      entry.setTimeLocal(TIME);
      entry.setCrc(crc.getValue());
      entry.setSize(size);
      zip.putNextEntry(entry);
      try (InputStream in = source.open()) {
        in.transferTo(zip);
      }
      zip.closeEntry();
      entries.add(new Entry(name, size, new Digest(HexFormat.of().formatHex(sha.digest()))));
    }

    /** What has been added. */
    List<Entry> entries() {
      return List.copyOf(entries);
    }
  }

  /** Bytes that can be read again from their beginning. */
  interface Source {
    InputStream open() throws IOException;
  }

  /** Adds all entries but the manifest, and returns this. */
  interface Content {
    Manifest addTo(Writer writer) throws IOException;
  }

  /**
   * Writes an archive, whole or not at all, in place of a file of its name.
   *
   * @return the digest of its manifest
   */
  static Digest write(Path file, Content content) throws IOException {
    Digest[] digest = new Digest[1];
    AtomicFiles.replace(file, out -> digest[0] = write(out, content));
    return digest[0];
  }

  private static Digest write(OutputStream out, Content content) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out, StandardCharsets.UTF_8);
    Writer writer = new Writer(zip);
    byte[] manifest = Json.write(content.addTo(writer)).getBytes(StandardCharsets.UTF_8);
    writer.add(MANIFEST, manifest);
    Digest digest = Digest.of(manifest);
    zip.setComment(digest.hex());
    zip.finish();
    return digest;
  }
}
