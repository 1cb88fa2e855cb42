package io.tributary.registry;

import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.events.Event;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What events say of registered versions. Of a long log decoding costs more than all else, so that
 * each event is decoded once for as long as somebody holds it. Thread-safe.
 */
final class Registrations {
  private final LargeParts large;

  /** By event what was decoded of it, by type; the values must not refer to the event. */
  private final Map<Event, Map<Class<?>, Object>> decoded =
      Collections.synchronizedMap(new WeakHashMap<>());

  Registrations(LargeParts large) {
    this.large = large;
  }

  /**
   * The version that an event registers, with nothing that was said of it since.
   *
   * @throws PlatformException NOT_FOUND or CORRUPT when a large field of it is lost or was altered
   */
  RegisteredVersion version(Event registered) {
    return once(registered, RegisteredVersion.class, this::decode);
  }

  /**
   * The fields of a registration that a record has.
   *
   * @param fields those among them that may be large
   * @throws PlatformException as {@link #version}
   */
  <T> T part(Event registered, Class<T> type, Set<String> fields) {
    return once(
        registered, type, event -> Json.read(large.with(event, fields::contains).json(), type));
  }

  private <T> T once(Event event, Class<T> type, Function<Event, T> decode) {
    return type.cast(
        decoded
            .computeIfAbsent(event, e -> new ConcurrentHashMap<>())
            .computeIfAbsent(type, t -> decode.apply(event)));
  }

  private RegisteredVersion decode(Event event) {
    LargeParts.Whole body = large.with(event);
    ModelVersion version = Json.read(body.json(), ModelVersion.class);
    return new RegisteredVersion(
        version,
        event.at(),
        event.principal(),
        body.stored(),
        ModelEvents.importedFrom(body.json()),
        Optional.empty(),
        Optional.empty(),
        version.elsewhere().flatMap(TrainedElsewhere::description),
        Map.of());
  }
}
