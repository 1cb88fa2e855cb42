package io.tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Principal;
import io.tributary.events.Event;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestRegistrations {
  private static final Instant AT = Instant.parse("2026-02-01T00:00:00Z");
  private static final Principal ADA = Principal.osUser("ada");

  @TempDir Path lake;

  private ArtefactStore store;
  private LargeParts large;
  private Registrations registrations;

  @BeforeEach
  void open() {
    store = ArtefactStore.open(lake.toString());
    large = new LargeParts(store);
    registrations = new Registrations(large);
  }

  private Event registered(double auc) {
    return ModelEvents.registered(
        AT, ADA, Drafts.draft(store, "network", auc).registered(1), large);
  }

  private static Event as(Event event, String id, AtomicInteger decoded) {
    return new Event(
        id,
        event.at(),
        event.kind(),
        event.subject(),
        event.principal(),
        event.run(),
        event.format(),
        event.needs(),
        () -> {
          decoded.incrementAndGet();
          return event.body();
        });
  }

  @Test
  void decodesAnEventOnce() {
    AtomicInteger decoded = new AtomicInteger();
    Event event = as(registered(0.75), "one", decoded);

    RegisteredVersion version = registrations.version(event);
    int first = decoded.get();

    assertThat(registrations.version(event)).isSameAs(version);
    assertThat(decoded).hasValue(first).hasPositiveValue();
    assertThat(registrations.part(event, ModelEvents.Named.class, Set.of()).number()).isEqualTo(1);
  }

  /** A log whose file was replaced gives another event under the same id. */
  @Test
  void takesAnEventOfTheSameIdForAnotherOneIfItSaysSomethingElse() {
    AtomicInteger decoded = new AtomicInteger();
    registrations.version(as(registered(0.75), "one", decoded));

    assertThat(registrations.version(as(registered(0.5), "one", decoded)).version().metrics())
        .containsEntry("auc", 0.5);
  }
}
