package io.tributary.console;

import io.tributary.core.Principal;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The light commands, one after the other on a lake that is thrown away: {@code bin/tributary}
 * makes their class data archive from the classes that this loads.
 */
final class Rehearsal {
  private Rehearsal() {}

  /** Takes a project and the folder to work in. */
  public static void main(String[] args) {
    String project = args[0];
    String lake = args[1];
    EventLog log = EventLog.open(Path.of(lake).resolve("log").toString());
    for (int i = 0; i < 12; i++) {
      log.append(
          List.of(
              Event.of(
                  Instant.EPOCH,
                  "rehearsed",
                  "nothing",
                  Principal.ofProcess(),
                  "",
                  Map.of("n", i))));
    }
    log.read();
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    for (List<String> command :
        List.of(
            List.of("--help"),
            List.of("show", "carrier_history@1"),
            List.of("features", "list"),
            List.of("registry", "list"),
            List.of("runs"))) {
      List<String> line = new ArrayList<>(command);
      if (line.size() > 1 || line.get(0).equals("runs")) {
        line.addAll(List.of("--project", project, "--lake", lake));
      }
      int code = Tributary.run(out, out, line.toArray(String[]::new));
      if (code != 0) {
        throw new IllegalStateException(
            "Cannot rehearse " + line + ": it ended with " + code + ".");
      }
    }
  }
}
