package io.tributary.serving;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tributary.core.Durations;
import io.tributary.definition.FeatureView;
import io.tributary.online.Publication;
import io.tributary.serving.access.Access;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a server answers, whether requests should be sent to it, and why not. */
final class Readiness {
  private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);

  /** How often the store is looked at. */
  static final Duration EVERY = Duration.ofSeconds(1);

  /** After which time without an answer of the store's requests should be sent elsewhere. */
  private static final Duration LATE = Duration.ofSeconds(10);

  private static final List<String> ENDING =
      List.of("The server is about to end. Ask another one.");
  private static final List<String> UNKNOWN =
      List.of("It is not known who may ask. The server's log says why.");
  private static final List<String> UNTOLD = List.of("Ask with a token, and it says why.");

  private final ServedViews views;
  private final Access access;
  private final Supplier<List<String>> notes;
  private final BooleanSupplier ends;
  private volatile Look last = new Look(Instant.EPOCH, List.of());

  private record Look(Instant at, List<String> reasons) {}

  /**
   * That of a server.
   *
   * @param notes what its keepers should know though it answers
   * @param ends whether it is about to end
   */
  Readiness(ServedViews views, Access access, Supplier<List<String>> notes, BooleanSupplier ends) {
    this.views = views;
    this.access = access;
    this.notes = notes;
    this.ends = ends;
  }

  /** That the process answers, whatever the store does. */
  static Reply health(Call call) {
    return Reply.json(
        json -> {
          json.writeStartObject();
          json.writeStringField("status", "up");
          json.writeEndObject();
        });
  }

  /**
   * Whether each view that is served has a publication that can be found in the store now, and none
   * is older than the view lets its answers be, or is computed on demand and compiled, and it is
   * known who may ask: 503 with the reasons where not, as it was when the store was last looked at.
   * Reasons name views and places, so that they are told to those alone who may ask for more.
   */
  Reply ready(Call call) {
    if (ends.getAsBoolean()) {
      return reply("stopping", ENDING, List.of());
    }
    if (!access.isKnown()) {
      return reply("not ready", UNKNOWN, List.of());
    }
    List<String> why =
        Stream.concat(reasons(call.at()).stream(), views.onDemand().trouble().stream()).toList();
    String status = why.isEmpty() ? "ready" : "not ready";
    return call.caller().may(Permission.ANY)
        ? reply(status, why, notes.get())
        : reply(status, why.isEmpty() ? why : UNTOLD, List.of());
  }

  private static Reply reply(String status, List<String> reasons, List<String> notes) {
    return Reply.json(
        reasons.isEmpty() ? 200 : 503,
        "application/json",
        json -> {
          json.writeStartObject();
          json.writeStringField("status", status);
          write(json, "reasons", reasons);
          write(json, "notes", notes);
          json.writeEndObject();
        });
  }

  private static void write(JsonGenerator json, String name, List<String> texts)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (String text : texts) {
      json.writeString(text);
    }
    json.writeEndArray();
  }

  /** Looks at the store, outside of requests: whoever has no token may ask, and often. */
  void look() {
    Instant now = Instant.now();
    last =
        new Look(now, views.views().stream().flatMap(view -> reason(view, now).stream()).toList());
  }

  /** Looks for the first time, and waits a second for it. */
  void firstLook(Executor by) {
    try {
      CompletableFuture.runAsync(this::look, by).get(1, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      LOG.info("The online store does not answer yet; /ready says so");
    } catch (ExecutionException e) {
      LOG.error("The server could not look at the online store; it does so again", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<String> reasons(Instant now) {
    Look of = last;
    if (of.at().equals(Instant.EPOCH)) {
      return List.of("The online store has not answered yet. See to it.");
    }
    return now.isAfter(of.at().plus(LATE))
        ? List.of("The online store has not answered since %s. See to it.".formatted(of.at()))
        : of.reasons();
  }

  private Optional<String> reason(FeatureView view, Instant now) {
    Publication published;
    try {
      published = views.inForce(view.id());
      // That is in memory; the store itself has to be there, too.
      views.store().published(view.id());
    } catch (RuntimeException e) {
      return Optional.of(Problem.of(e).detail());
    }
    return view.maxStaleness()
        .filter(age -> published.instant().isBefore(now.minus(age)))
        .map(
            age ->
                "%s: its publication is for %s, %s ago; its max-staleness is %s. Run the nights that are missing."
                    .formatted(
                        view.id(),
                        published.instant(),
                        Durations.print(
                            Duration.ofMinutes(
                                Duration.between(published.instant(), now).toMinutes())),
                        Durations.print(age)));
  }
}
