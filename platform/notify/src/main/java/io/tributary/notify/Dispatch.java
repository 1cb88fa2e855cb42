package io.tributary.notify;

import java.time.Instant;
import java.util.Optional;

/** What receivers are told: one fact, under one id, which is the same at each attempt. */
public sealed interface Dispatch permits Notice, ChangeNotice, ArrivalNotice {
  String id();

  Instant at();

  /** What happened, with what it happened to before a dot: {@code monitor.breached}. */
  String type();

  String project();

  /** What tells it, within the project: {@code monitors/late_arrival}. */
  String source();

  /** The notice that it takes the place of. */
  default Optional<String> replaces() {
    return Optional.empty();
  }

  /** One line for people. */
  String title();

  /** The whole of it for people, in lines. */
  String text();
}
