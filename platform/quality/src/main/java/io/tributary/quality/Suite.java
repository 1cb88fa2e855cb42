package io.tributary.quality;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.quality.expectation.Expectation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A Great Expectations suite: what is expected of the rows of each delivery of a source.
 *
 * <p>Read from Great Expectations' own JSON, of version 1 ({@code type}) or older ({@code
 * expectation_type}). An expectation, an argument or a key that is not understood is an error that
 * names the nearest known one; nothing is skipped.
 *
 * <p>What it means is its expectations: their types, arguments, conditions and severities. Order,
 * formatting, notes, ids, the spelling of a version and the suite's name mean nothing.
 */
public record Suite(String name, List<Expectation> expectations) {
  /** No expectations: everything is admitted. */
  public static final Suite EMPTY = new Suite("none", List.of());

  public Suite {
    expectations = List.copyOf(expectations);
  }

  /** The suite of expectations as {@link #written} or {@link #meaning} has them. */
  public static Suite of(String name, String expectations) {
    return parse(
        "{\"name\":%s,\"expectations\":%s}".formatted(Json.write(name), expectations),
        "of " + name);
  }

  /** Its expectations as a JSON list, the same for each spelling of them. */
  public String meaning() {
    return expectations.stream()
        .map(Expectation::canonical)
        .distinct()
        .sorted()
        .collect(Collectors.joining(",", "[", "]"));
  }

  /**
   * Its expectations as a JSON list, in the order and by the names that its author gave them: those
   * that reasons and metrics have.
   */
  public String written() {
    return expectations.stream()
        .map(Expectation::written)
        .collect(Collectors.joining(",", "[", "]"));
  }

  /** Of its {@link #meaning}. */
  public Digest digest() {
    return Digest.of(meaning());
  }

  /** Reads a suite's file; all that is wrong with it is in one {@code INVALID_DEFINITION} error. */
  public static Suite read(Path file) {
    return read(file, file.toString());
  }

  /** The same, with a name of the file for messages. */
  public static Suite read(Path file, String origin) {
    try {
      return parse(Files.readString(file), origin);
    } catch (NoSuchFileException e) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot read suite " + origin + ": there is no such file. Write it, or correct its name.",
          e);
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.INVALID_DEFINITION,
          "Cannot read suite " + origin + ": " + e + ". Write it as UTF-8 text that can be read.",
          e);
    }
  }

  /**
   * Reads a suite from JSON.
   *
   * @param origin where it stands, for messages
   */
  public static Suite parse(String json, String origin) {
    return new SuiteReader(origin).read(json);
  }
}
