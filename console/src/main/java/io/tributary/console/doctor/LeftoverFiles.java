package io.tributary.console.doctor;

import io.tributary.core.Digest;
import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.online.StoredPiece;
import io.tributary.registry.RegisteredModel;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.keeping.Leftovers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Says what of {@link Leftovers} lies in a lake, or removes it. */
final class LeftoverFiles {
  private static final int SHOWN = 3;

  private final Project project;
  private final Path lake;
  private final boolean mend;
  private final Instant now;
  private final List<Finding> findings = new ArrayList<>();

  LeftoverFiles(Project project, Path lake, boolean mend, Instant now) {
    this.project = project;
    this.lake = lake;
    this.mend = mend;
    this.now = now;
  }

  List<Finding> examine(Map<String, RegisteredModel> models) {
    try {
      Set<Digest> artefacts = new HashSet<>();
      Set<Digest> contents = new HashSet<>();
      for (RegisteredModel model : models.values()) {
        for (RegisteredVersion version : model.versions()) {
          artefacts.addAll(version.artefacts());
          version.version().trainingSet().ifPresent(set -> contents.add(set.content()));
        }
      }
      Map<String, List<Path>> found = new Leftovers(lake, now).find(artefacts, contents);
      for (Map.Entry<String, List<Path>> each : found.entrySet()) {
        say(each.getKey(), each.getValue());
      }
      online();
    } catch (IOException | UncheckedIOException | PlatformException e) {
      findings.add(
          Finding.wrong(
              "leftovers",
              ErrorGroup.EXTERNAL,
              "Cannot look for leftovers in "
                  + lake
                  + ": "
                  + e.getMessage()
                  + ". Check the disk."));
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok("leftovers", "none"));
    }
    return findings;
  }

  private void online() {
    try (OnlineStore store = OnlineStores.open(project.online())) {
      List<StoredPiece> left =
          store.unused().stream()
              .filter(piece -> piece.touched().isBefore(now.minus(Leftovers.AT_WORK)))
              .toList();
      if (mend) {
        left.forEach(piece -> store.remove(piece.name()));
      }
      if (!left.isEmpty()) {
        say(
            "parts of the online store that are in no publication",
            left.stream().map(piece -> Path.of(piece.name())).toList(),
            left.stream().mapToLong(StoredPiece::bytes).sum());
      }
    }
  }

  private void say(String what, List<Path> files) throws IOException {
    if (files.isEmpty()) {
      return;
    }
    long bytes = 0;
    for (Path file : files) {
      bytes += size(file);
      if (mend) {
        delete(file);
      }
    }
    say(what, files, bytes);
  }

  private void say(String what, List<Path> files, long bytes) {
    List<String> shown =
        files.stream()
            .limit(SHOWN)
            .map(f -> f.startsWith(lake) ? lake.relativize(f).toString() : f.toString())
            .toList();
    String said =
        "%d %s, %s: %s%s"
            .formatted(
                files.size(),
                what,
                Machine.gibibytes(bytes),
                String.join(", ", shown),
                files.size() > SHOWN ? " …" : "");
    findings.add(
        mend
            ? Finding.mended("leftovers", "removed " + said)
            : Finding.leftover("leftovers", said + ". tributary doctor --mend removes them"));
  }

  private static long size(Path file) throws IOException {
    try (Stream<Path> all = Files.walk(file)) {
      long bytes = 0;
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(each);
      }
      return bytes;
    }
  }

  private static void delete(Path file) throws IOException {
    try (Stream<Path> all = Files.walk(file)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
