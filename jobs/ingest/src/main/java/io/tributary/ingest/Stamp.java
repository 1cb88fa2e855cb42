package io.tributary.ingest;

import io.tributary.core.Json;
import io.tributary.core.RunId;
import io.tributary.events.Event;
import java.time.Instant;

/** Who writes events, in which run. */
record Stamp(RunId run, String actor) {
  /** An event of this run about a subject; derived twice, it is the same event. */
  Event event(String kind, String subject, String about, Object body) {
    return new Event(
        kind + "/" + about + "/" + run,
        Instant.now(),
        kind,
        subject,
        actor,
        run.text(),
        Json.write(body));
  }
}
