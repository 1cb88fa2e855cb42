package io.tributary.pipeline;

import io.tributary.testing.Folders;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The example project with the flights of January and February alone: the same definitions, shorter
 * ranges, a quick fit.
 */
final class SmallExample {
  private static final Map<String, List<String[]>> EDITS =
      Map.of(
          "pipelines/nightly.yaml",
              List.<String[]>of(
                  new String[] {"2013-01-01/2013-12-28", "2013-01-01/2013-02-25"},
                  new String[] {"until: 2013-12-31", "until: 2013-02-26"}),
          "models/late_arrival.yaml",
              List.<String[]>of(
                  new String[] {"2013-01-01/2013-10-01", "2013-01-01/2013-02-08"},
                  new String[] {"2013-10-01/2013-11-01", "2013-02-08/2013-02-14"},
                  new String[] {"2013-11-01/2013-12-28", "2013-02-14/2013-02-25"},
                  new String[] {"epochs: 20", "epochs: 3"},
                  new String[] {"auc >= 0.72", "auc >= 0.55"}));

  private SmallExample() {}

  /** Copies the example into a folder that is not there yet. */
  static Path copyTo(Path folder) throws IOException {
    Path example = Folders.repository().resolve("examples/nyc-flights");
    try (Stream<Path> files = Files.walk(example)) {
      for (Path file :
          files
              .filter(Files::isRegularFile)
              .filter(f -> !f.startsWith(example.resolve("lake")))
              .toList()) {
        Path relative = example.relativize(file);
        Path target = folder.resolve(relative.toString());
        Files.createDirectories(target.getParent());
        if (relative.toString().equals("data/flights.csv.gz")) {
          cut(file, target);
        } else if (EDITS.containsKey(relative.toString())) {
          Files.writeString(target, edited(Files.readString(file), EDITS.get(relative.toString())));
        } else {
          Files.copy(file, target);
        }
      }
    }
    return folder;
  }

  /** Keeps the flights of the first two months. */
  private static void cut(Path from, Path to) throws IOException {
    try (BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(
                    new GZIPInputStream(Files.newInputStream(from)), StandardCharsets.UTF_8));
        BufferedWriter kept =
            new BufferedWriter(
                new OutputStreamWriter(
                    new GZIPOutputStream(Files.newOutputStream(to)), StandardCharsets.UTF_8))) {
      kept.write(lines.readLine() + "\n");
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("2013,1,") || line.startsWith("2013,2,")) {
          kept.write(line + "\n");
        }
      }
    }
  }

  private static String edited(String text, List<String[]> edits) {
    for (String[] edit : edits) {
      if (!text.contains(edit[0])) {
        throw new IllegalStateException("the example no longer says " + edit[0]);
      }
      text = text.replace(edit[0], edit[1]);
    }
    return text;
  }
}
