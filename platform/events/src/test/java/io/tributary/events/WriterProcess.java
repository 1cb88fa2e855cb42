package io.tributary.events;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/**
 * A process that writes to a log: {@code append LOG NAME COUNT} or {@code decide LOG NAME ROUNDS};
 * says what was acknowledged.
 */
final class WriterProcess {
  private WriterProcess() {}

  public static void main(String[] args) throws IOException {
    EventLog log = EventLog.open(args[1], 7);
    String name = args[2];
    int count = Integer.parseInt(args[3]);
    say("ready");
    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
    if (args[0].equals("append")) {
      for (int i = 0; i < count; i++) {
        String id = name + "-" + i;
        log.append(List.of(event(id, name), event(id + "b", name)));
        say("done " + id);
      }
    } else {
      long round = log.read().generation("slot");
      while (round < count) {
        String id = name + "-" + round;
        try {
          log.decide("slot", round, List.of(event(id, name)));
          say("done " + id);
        } catch (PlatformException e) {
          if (e.code() != ErrorCode.CONFLICT) {
            throw e;
          }
          say("lost " + id);
        }
        round = log.read().generation("slot");
      }
    }
  }

  private static Event event(String id, String name) {
    return new Event(
        id, Instant.parse("2026-01-01T00:00:00Z"), "ran", "s", Principal.osUser(name), "", "{}");
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
