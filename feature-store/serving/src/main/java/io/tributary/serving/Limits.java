package io.tributary.serving;

import java.time.Duration;

/** What a server lets one client ask, and all of them together. */
final class Limits {
  /** Bytes of a request's body. */
  static final int BODY_BYTES = 1 << 20;

  /** Bytes of a request's line and headers. */
  static final int HEADER_BYTES = 8 << 10;

  /** Characters of a text in it. */
  static final int TEXT = 64 << 10;

  /** Elements of all arrays, maps and structs that views on demand are computed from. */
  static final int ELEMENTS = 50_000;

  /** Entities in a request. */
  static final int ENTITIES = 1_000;

  /** Values of all features of the views and entities that a request names. */
  static final int VALUES = 50_000;

  /** Models that are open: those that were asked for last. */
  static final int MODELS = 32;

  /** Models that are opened at once. */
  static final int OPENERS = 2;

  /** Bytes of all bodies that are being read or wait. */
  static final long BODIES_BYTES = 64L << 20;

  /** How long a body may take to come. */
  static final Duration BODY_WITHIN = Duration.ofSeconds(10);

  /** Nested arrays and objects in a request's body. */
  static final int JSON_DEPTH = 16;

  /** Open connections. */
  static final int CONNECTIONS = 1_024;

  /** Requests that are answered at once: look-ups keep a core busy. */
  static final int AT_ONCE = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

  /** Further requests that wait for their turn. */
  static final int WAITING = 256;

  /** How long one waits for its turn. */
  static final Duration WAIT = Duration.ofSeconds(1);

  /** How long what could not be read or opened is not tried again. */
  static final Duration REMEMBERED = Duration.ofSeconds(2);

  /** How long a connection may be silent. */
  static final Duration IDLE = Duration.ofSeconds(30);

  /** Lines of the log of requests that wait to be written. */
  static final int LOG_LINES = 10_000;

  /** How long a server that ends writes such lines. */
  static final Duration LOG_WITHIN = Duration.ofSeconds(1);

  /** How long a server that is asked to stop finishes what it began. */
  static final Duration DRAIN = Duration.ofSeconds(10);

  /** Rows of what was answered that wait to be recorded, of predictions and of answers each. */
  static final int RECORDED_ROWS = 50_000;

  /** About the bytes that those have in memory. */
  static final long RECORDED_BYTES = 64L << 20;

  /** Rows that are written at once without waiting for more. */
  static final int RECORDED_TOGETHER = 10_000;

  /** After which time what was answered is written. */
  static final Duration RECORDED_EVERY = Duration.ofSeconds(5);

  /** How long a server that ends writes what waits. */
  static final Duration RECORDED_WITHIN = Duration.ofSeconds(5);

  private Limits() {}
}
