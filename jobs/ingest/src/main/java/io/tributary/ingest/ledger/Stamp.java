package io.tributary.ingest.ledger;

import io.tributary.core.Json;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.events.Event;
import java.time.Instant;

/** Who writes events, in which run. */
public record Stamp(RunId run, Principal principal) {
  /** An event of this run about a subject; derived twice, it is the same event. */
  public Event event(String kind, String subject, String about, Object body) {
    return new Event(
        kind + "/" + about + "/" + run,
        Instant.now(),
        kind,
        subject,
        principal,
        run.text(),
        Json.write(body));
  }
}
