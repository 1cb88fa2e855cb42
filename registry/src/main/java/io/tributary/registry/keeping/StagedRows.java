package io.tributary.registry.keeping;

import io.tributary.core.Digest;
import io.tributary.core.TableName;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.facts.DeliveryVerdict;
import io.tributary.events.runs.LakeTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Copies of rows in {@code LAKE/platform/staging} that no delivery waits for: its source has not
 * been ingested since, or is in the project no more.
 */
public final class StagedRows {
  private static final String KEPT = ".jsonl.gz";

  private StagedRows() {}

  /**
   * Those that were written before an instant, and are of no delivery that is not admitted yet.
   *
   * @param lake a folder of a local disk
   */
  public static List<Path> unneeded(Path lake, Instant before) throws IOException {
    Path staging = lake.resolve("platform/staging");
    if (!Files.isDirectory(staging)) {
      return List.of();
    }
    Set<String> awaited = awaited(lake);
    List<Path> unneeded = new ArrayList<>();
    try (Stream<Path> all = Files.walk(staging)) {
      for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(KEPT)
            && !awaited.contains(name.substring(0, name.length() - KEPT.length()))
            && Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
          unneeded.add(file);
        }
      }
    }
    return unneeded;
  }

  private record Delivered(String source, long number, List<File> files) {}

  private record File(Digest sha256) {}

  private record Judged(String source, long number, DeliveryVerdict.Outcome outcome) {}

  private static Set<String> awaited(Path lake) {
    Map<String, List<File>> delivered = new HashMap<>();
    Map<String, DeliveryVerdict.Outcome> judged = new HashMap<>();
    for (Event event :
        EventLog.open(LakeTables.path(lake.toString(), TableName.of("platform", "deliveries")))
            .read()
            .events()) {
      if (event.kind().equals("delivered")) {
        Delivered body = event.body(Delivered.class);
        delivered.put(body.source + "/" + body.number, body.files);
      } else if (event.kind().equals("judged")) {
        Judged body = event.body(Judged.class);
        judged.put(body.source + "/" + body.number, body.outcome);
      }
    }
    Set<String> awaited = new HashSet<>();
    delivered.forEach(
        (delivery, files) -> {
          // A rejected one is judged again by another suite.
          if (judged.getOrDefault(delivery, DeliveryVerdict.Outcome.REJECTED)
              == DeliveryVerdict.Outcome.REJECTED) {
            files.forEach(file -> awaited.add(file.sha256.hex()));
          }
        });
    return awaited;
  }
}
