package io.tributary.console.doctor;

import io.tributary.core.ErrorGroup;
import io.tributary.core.PlatformException;
import io.tributary.definition.Project;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.registry.RegisteredModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Files in a lake on a local disk that nothing refers to, because what wrote them was stopped:
 * hidden temporary files, files of the online store that are in no publication, artefacts that are
 * not registered. Only those that nobody has touched for an hour, which no run is still writing.
 */
final class Leftovers {
  private static final Duration AT_WORK = Duration.ofHours(1);
  private static final Pattern HIDDEN =
      Pattern.compile("\\..+\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\.tmp");
  private static final String ARTEFACT = "[0-9a-f]{64}";
  private static final int SHOWN = 3;

  private final Project project;
  private final Path lake;
  private final boolean mend;
  private final Instant now;
  private final List<Finding> findings = new ArrayList<>();

  Leftovers(Project project, Path lake, boolean mend, Instant now) {
    this.project = project;
    this.lake = lake;
    this.mend = mend;
    this.now = now;
  }

  List<Finding> examine(Map<String, RegisteredModel> models) {
    try {
      say("temporary files", hidden(lake));
      say("online files that are in no publication", online());
      say("artefacts that no model version has", artefacts(models));
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

  private List<Path> hidden(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return old(all.filter(f -> HIDDEN.matcher(f.getFileName().toString()).matches()).toList());
    }
  }

  private List<Path> online() throws IOException {
    try (OnlineStore store = OnlineStores.open(project.online())) {
      return old(store.unusedFiles());
    }
  }

  private List<Path> artefacts(Map<String, RegisteredModel> models) throws IOException {
    Path folder = lake.resolve("models");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    Set<String> used = new HashSet<>();
    models
        .values()
        .forEach(
            m ->
                m.versions()
                    .forEach(v -> v.artefacts().forEach(artefact -> used.add(artefact.hex()))));
    try (Stream<Path> all = Files.list(folder)) {
      return old(
          all.filter(
                  f -> {
                    String name = f.getFileName().toString();
                    return name.startsWith(".") || (name.matches(ARTEFACT) && !used.contains(name));
                  })
              .toList());
    }
  }

  private List<Path> old(List<Path> files) throws IOException {
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
    return old;
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
