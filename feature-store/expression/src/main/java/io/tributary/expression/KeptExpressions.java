package io.tributary.expression;

import io.tributary.core.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.CodeSource;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;

/**
 * What a project's expressions were resolved to in earlier processes, in one file a project: to
 * parse and type them anew takes a second of each command.
 *
 * <p>A result is found by all that it depends on: the expression's text, the columns that it may
 * use, the dialect, and the code that resolved it. What is found is thus right, however old; a file
 * of other code, a torn one and one that can't be read are as none, and a folder that can't be
 * written keeps nothing. Processes may share a folder: each replaces a project's file as a whole.
 *
 * <p>Used by one thread.
 */
public final class KeptExpressions {
  /** The folder of this process's files; {@code bin/tributary} names it. */
  private static final String FOLDER = "tributary.expressions";

  private static final String FORMAT = "kept expressions 1";

  /** Of so many projects files stay; the one that was used least recently goes first. */
  static final int MOST_FILES = 64;

  private static final int DIGEST_BYTES = 32;

  private final Optional<Path> file;
  private final String code;
  private final Map<String, Kept> known;
  private final Map<String, Kept> used = new HashMap<>();

  /**
   * A resolved expression without the tree that is computed.
   *
   * @param type of its value, all nullable
   */
  record Kept(DataType type, Set<Integer> positions, Set<String> columns, String meaning) {
    ResolvedExpression named(String name, Supplier<Expression> bound) {
      StructField column = new StructField(name, type, true, Metadata.empty());
      return new ResolvedExpression(column, bound, positions, columns, meaning);
    }
  }

  private KeptExpressions(Optional<Path> file, String code) {
    this.file = file;
    this.code = code;
    this.known = file.map(this::read).orElseGet(Map::of);
  }

  /** Finds nothing and keeps nothing. */
  public static KeptExpressions none() {
    return new KeptExpressions(Optional.empty(), "");
  }

  /** Those of a project, where this process was told a folder for them. */
  public static KeptExpressions of(Path project) {
    return Optional.ofNullable(System.getProperty(FOLDER))
        .flatMap(folder -> code().map(code -> of(project, Path.of(folder), code)))
        .orElseGet(KeptExpressions::none);
  }

  /**
   * Those of a project in a folder.
   *
   * @param code names what resolves them: with other code they may be others
   */
  public static KeptExpressions of(Path project, Path folder, String code) {
    return new KeptExpressions(Optional.of(file(project, folder)), code);
  }

  private static Path file(Path project, Path folder) {
    return folder.resolve(Digest.of(project.toAbsolutePath().normalize().toString()).hex());
  }

  /**
   * Whether it looks as if expressions of a project had to be resolved: nothing is kept of it, or
   * only what is older than its definitions.
   */
  public static boolean isBehind(Path project, FileTime lastChange) {
    String folder = System.getProperty(FOLDER);
    try {
      return folder == null
          || Files.getLastModifiedTime(file(project, Path.of(folder))).compareTo(lastChange) <= 0;
    } catch (IOException e) {
      return true;
    }
  }

  /** The bytes of the jar that this class is in, and Spark's version; empty outside of a jar. */
  private static Optional<String> code() {
    CodeSource source = KeptExpressions.class.getProtectionDomain().getCodeSource();
    try {
      Path jar = Path.of(source.getLocation().toURI());
      return Files.isRegularFile(jar)
          ? Optional.of(Digest.ofFile(jar).hex() + " " + SqlDialect.version())
          : Optional.empty();
    } catch (Exception e) {
      return Optional.empty();
    }
  }

  Optional<Kept> find(String key) {
    Kept found = known.get(key);
    if (found != null) {
      used.put(key, found);
    }
    return Optional.ofNullable(found);
  }

  void keep(String key, Kept resolved) {
    used.put(key, resolved);
  }

  /** Writes what this process has used, or marks it as used where all of it was there. */
  public void save() {
    if (file.isEmpty() || used.isEmpty()) {
      return;
    }
    Path to = file.get();
    try {
      if (known.keySet().containsAll(used.keySet())) {
        // Newer than the definitions, also where those changed in what is no expression.
        Files.setLastModifiedTime(to, FileTime.from(Instant.now()));
        return;
      }
      Files.createDirectories(to.getParent());
      Path hidden = Files.createTempFile(to.getParent(), ".", ".tmp");
      try {
        Files.write(hidden, bytes());
        Files.move(hidden, to, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(hidden);
      }
      removeOldest(to.getParent());
    } catch (IOException | UncheckedIOException noRoom) {
      // The next process resolves them again.
    }
  }

  private static void removeOldest(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> in = Files.list(folder)) {
      files = in.toList();
    }
    if (files.size() > MOST_FILES) {
      Map<Path, FileTime> times = new HashMap<>();
      for (Path each : files) {
        times.put(each, Files.getLastModifiedTime(each));
      }
      for (Path old :
          files.stream()
              .sorted(Comparator.comparing(times::get))
              .limit(files.size() - MOST_FILES)
              .toList()) {
        Files.deleteIfExists(old);
      }
    }
  }

  private byte[] bytes() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    write(out, FORMAT);
    write(out, code);
    out.writeInt(used.size());
    for (Map.Entry<String, Kept> entry : used.entrySet()) {
      Kept kept = entry.getValue();
      write(out, entry.getKey());
      write(out, Types.json(kept.type()));
      out.writeInt(kept.positions().size());
      for (int position : kept.positions()) {
        out.writeInt(position);
      }
      out.writeInt(kept.columns().size());
      for (String column : kept.columns()) {
        write(out, column);
      }
      write(out, kept.meaning());
    }
    out.flush();
    out.write(Digest.sha256().digest(bytes.toByteArray()));
    return bytes.toByteArray();
  }

  private Map<String, Kept> read(Path from) {
    try {
      byte[] bytes = Files.readAllBytes(from);
      int length = bytes.length - DIGEST_BYTES;
      byte[] content = Arrays.copyOf(bytes, Math.max(0, length));
      if (length < 0
          || !Arrays.equals(
              Digest.sha256().digest(content), 0, DIGEST_BYTES, bytes, length, bytes.length)) {
        return Map.of();
      }
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(content));
      if (!text(in).equals(FORMAT) || !text(in).equals(code)) {
        return Map.of();
      }
      Map<String, Kept> entries = new HashMap<>();
      for (int left = in.readInt(); left > 0; left--) {
        String key = text(in);
        DataType type = Types.ofJson(text(in));
        Set<Integer> positions = new TreeSet<>();
        for (int n = in.readInt(); n > 0; n--) {
          positions.add(in.readInt());
        }
        Set<String> columns = new TreeSet<>();
        for (int n = in.readInt(); n > 0; n--) {
          columns.add(text(in));
        }
        entries.put(key, new Kept(type, positions, columns, text(in)));
      }
      return entries;
    } catch (IOException notThere) {
      return Map.of();
    }
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }
}
