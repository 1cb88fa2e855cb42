package io.tributary.registry.keeping;

import io.tributary.core.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Files in a lake on a local disk that nothing refers to, because what wrote them was stopped:
 * hidden temporary files, artefacts and rows that no version of a model refers to. Only those that
 * nobody has touched for an hour, which no run is still writing.
 */
public final class Leftovers {
  /** Who has not touched a file for so long does not write it any more. */
  public static final Duration AT_WORK = Duration.ofHours(1);

  private static final Pattern HIDDEN =
      Pattern.compile("\\..+\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\.tmp");
  private static final String DIGEST = "[0-9a-f]{64}";

  private final Path lake;
  private final Instant now;

  public Leftovers(Path lake, Instant now) {
    this.lake = lake;
    this.now = now;
  }

  /**
   * Files and folders, by what they are, in words; none is there twice.
   *
   * @param artefacts that some version refers to
   * @param contents of imported rows that some version refers to
   */
  public Map<String, List<Path>> find(Set<Digest> artefacts, Set<Digest> contents)
      throws IOException {
    Map<String, List<Path>> found = new LinkedHashMap<>();
    List<Path> stored = unused("models", artefacts);
    List<Path> rows = unused("imported", contents);
    List<Path> parts = unused("registrations", artefacts);
    found.put(
        "temporary files",
        hidden().stream()
            .filter(file -> stored.stream().noneMatch(file::startsWith))
            .filter(file -> rows.stream().noneMatch(file::startsWith))
            .filter(file -> parts.stream().noneMatch(file::startsWith))
            .toList());
    found.put("artefacts that no model version has", stored);
    found.put("imported rows that no model version has", rows);
    found.put("parts of registrations that no model version has", parts);
    found.values().removeIf(List::isEmpty);
    return found;
  }

  private List<Path> hidden() throws IOException {
    try (Stream<Path> all = Files.walk(lake)) {
      return old(all.filter(f -> HIDDEN.matcher(f.getFileName().toString()).matches()).toList());
    }
  }

  /** Entries of a folder of digests that are hidden, or named by none of those in use. */
  private List<Path> unused(String folder, Set<Digest> used) throws IOException {
    if (!Files.isDirectory(lake.resolve(folder))) {
      return List.of();
    }
    Set<String> names = used.stream().map(Digest::hex).collect(Collectors.toSet());
    try (Stream<Path> all = Files.list(lake.resolve(folder))) {
      return old(
          all.filter(
                  f -> {
                    String name = f.getFileName().toString();
                    return name.startsWith(".") || (name.matches(DIGEST) && !names.contains(name));
                  })
              .toList());
    }
  }

  private List<Path> old(Collection<Path> files) throws IOException {
    List<Path> old = new ArrayList<>();
    for (Path file : files) {
      try {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(now.minus(AT_WORK))) {
          old.add(file);
        }
      } catch (NoSuchFileException gone) {
        // Its writer has ended meanwhile.
        continue;
      }
    }
    old.sort(null);
    return old;
  }
}
