package io.tributary.registry;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The environment in which a model was fitted: equal environments produce equal bytes.
 *
 * @param machine code revision, JVM, operating system, user and host
 * @param device the name of the CPU or GPU that computed
 * @param dependencies SHA-256 of each file of the class path, by its name; empty for a registered
 *     version, whose dependencies are in the artefact store, see {@link ModelRegistry#dependencies}
 * @param dependencyDigest of the lines {@code NAME DIGEST} of them, by name
 */
public record ModelEnvironment(
    Environment machine, String device, Map<String, Digest> dependencies, Digest dependencyDigest) {
  /**
   * Digests computed in this process; without them each model would read hundreds of megabytes
   * again.
   */
  private static final Map<Read, Digest> DIGESTS = new ConcurrentHashMap<>();

  /** The maximum number of dependencies that a difference names. */
  private static final int LISTED = 5;

  /** The state of a file when it was read. */
  private record Read(Path file, long bytes, FileTime changed) {}

  public ModelEnvironment {
    dependencies = Collections.unmodifiableMap(new TreeMap<>(dependencies));
  }

  public static ModelEnvironment of(
      Environment machine, String device, Map<String, Digest> dependencies) {
    return new ModelEnvironment(machine, device, dependencies, ArtefactStore.digest(dependencies));
  }

  /**
   * In what this environment differs from an earlier one, as clauses; what decides no bytes, as
   * user and host, aside.
   *
   * @param then the earlier one's dependencies; empty where nobody knows them any more
   */
  public List<String> differences(ModelEnvironment earlier, Map<String, Digest> then) {
    List<String> differences = new ArrayList<>();
    difference("device", earlier.device, device, differences);
    difference("Java", earlier.machine.java(), machine.java(), differences);
    difference("operating system", earlier.machine.os(), machine.os(), differences);
    if (!earlier.dependencyDigest.equals(dependencyDigest)) {
      Set<String> names = new TreeSet<>(then.keySet());
      names.addAll(dependencies.keySet());
      List<String> changed =
          names.stream()
              .filter(name -> !Objects.equals(then.get(name), dependencies.get(name)))
              .toList();
      differences.add(
          then.isEmpty()
              ? "the dependencies are others, and the list of those of then is gone"
              : "%,d files of the class path are others: %s%s"
                  .formatted(
                      changed.size(),
                      String.join(", ", changed.subList(0, Math.min(LISTED, changed.size()))),
                      changed.size() > LISTED ? " …" : ""));
    }
    return differences;
  }

  private static void difference(String what, String then, String now, List<String> differences) {
    if (!then.equals(now)) {
      differences.add("%s was %s and is %s".formatted(what, then, now));
    }
  }

  /** The name of the only file of a dependency artefact. */
  static final String LIST = "dependencies.txt";

  /** The digest of the artefact with the dependencies as lines {@code NAME DIGEST}. */
  public Digest dependencyArtefact() {
    return ArtefactStore.digest(Map.of(LIST, dependencyDigest));
  }

  /** The same with the dependencies' digest alone. */
  ModelEnvironment withoutDependencies() {
    return new ModelEnvironment(machine, device, Map.of(), dependencyDigest);
  }

  /**
   * The environment of this process; its first call reads every jar of the class path, which takes
   * seconds, later ones only what has changed.
   */
  public static ModelEnvironment current(Environment machine, String device) {
    Map<String, Digest> found = new ConcurrentSkipListMap<>();
    List<String> entries =
        Pattern.compile(Pattern.quote(File.pathSeparator))
            .splitAsStream(System.getProperty("java.class.path"))
            .filter(e -> !e.isEmpty())
            .distinct()
            .toList();
    entries.parallelStream().forEach(entry -> add(Path.of(entry), found));
    return of(machine, device, found);
  }

  private static Digest digest(Path file) throws IOException {
    Read read = new Read(file.toAbsolutePath(), Files.size(file), Files.getLastModifiedTime(file));
    Digest known = DIGESTS.get(read);
    if (known == null) {
      known = Digest.ofFile(file);
      DIGESTS.put(read, known);
    }
    return known;
  }

  private static void add(Path entry, Map<String, Digest> found) {
    try {
      if (Files.isRegularFile(entry)) {
        Digest digest = digest(entry);
        Digest other = found.putIfAbsent(entry.getFileName().toString(), digest);
        if (other != null && !other.equals(digest)) {
          found.put(entry.getFileName() + "#" + digest.shortHex(), digest);
        }
      } else if (Files.isDirectory(entry)) {
        try (Stream<Path> files = Files.walk(entry)) {
          for (Path file : files.filter(Files::isRegularFile).toList()) {
            found.put(
                entry.relativize(file).toString().replace(File.separatorChar, '/'), digest(file));
          }
        }
      }
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot compute the checksum of %s: %s. Check that the class path can be read."
              .formatted(entry, e.getMessage()),
          e);
    }
  }
}
