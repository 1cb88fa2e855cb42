package io.tributary.online;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import com.fasterxml.jackson.dataformat.cbor.CBORParser;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Stored rows as CBOR (RFC 8949): an array of event time, known time and publish instant in
 * microseconds, then the values; of an entity without visible event no values. Doubles keep their
 * bits. A row without a publish instant is true for that of the snapshot that it is read from, so
 * that a row that stays as it was has the same bytes night after night.
 */
public final class RowCodec {
  /** Stands for a row that a former run has and that is no more. */
  public static final byte[] WITHDRAWN = {};

  private static final CBORMapper CBOR = new CBORMapper();
  private static final ValueCodec INSTANT = ValueCodec.of("timestamp");
  private static final int HEAD = 3;
  private static final Set<String> SCALARS =
      Set.of(
          "tinyint",
          "smallint",
          "int",
          "bigint",
          "float",
          "double",
          "boolean",
          "binary",
          "date",
          "timestamp",
          "string");

  private RowCodec() {}

  public static boolean isWithdrawn(byte[] bytes) {
    return bytes.length == 0;
  }

  /** The row's bytes, wherever it is read from; values are as {@link Answer#value} says. */
  public static byte[] encode(StoredRow row) {
    return encode(row, Optional.of(row.publishedFor()));
  }

  /** The row's bytes among those of a snapshot, which tells the instant of those taken at it. */
  public static byte[] encode(StoredRow row, Instant snapshot) {
    return encode(row, Optional.of(row.publishedFor()).filter(at -> !at.equals(snapshot)));
  }

  private static byte[] encode(StoredRow row, Optional<Instant> publishedFor) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    try (CBORGenerator to = CBOR.getFactory().createGenerator(bytes)) {
      to.writeStartArray(row, HEAD + row.values().size());
      ValueCodec.write(to, row.eventTime().orElse(null));
      ValueCodec.write(to, row.knownTime().orElse(null));
      ValueCodec.write(to, publishedFor.orElse(null));
      for (Object value : row.values()) {
        ValueCodec.write(to, value);
      }
      to.writeEndArray();
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot write an online row: " + e.getMessage() + ". Report this as a bug.",
          e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads a row of the given features.
   *
   * @param snapshot the instant of the snapshot that it is read from
   */
  public static StoredRow decode(byte[] bytes, List<StoredFeature> features, Instant snapshot) {
    try (CBORParser from = CBOR.getFactory().createParser(bytes)) {
      if (from.nextToken() != JsonToken.START_ARRAY) {
        throw otherItems(0, features);
      }
      Optional<Instant> eventTime = instant(from);
      Optional<Instant> knownTime = instant(from);
      Instant publishedFor = instant(from).orElse(snapshot);
      List<Object> values = new ArrayList<>(features.size());
      while (ValueCodec.hasNext(from)) {
        if (values.size() == features.size()) {
          throw otherItems(HEAD + values.size() + rest(from), features);
        }
        values.add(ValueCodec.of(features.get(values.size()).type()).read(from));
      }
      if (!values.isEmpty() && values.size() != features.size()) {
        throw otherItems(HEAD + values.size(), features);
      }
      return new StoredRow(eventTime, knownTime, publishedFor, values);
    } catch (IOException | NumberFormatException | DateTimeException e) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot read an online row: " + e.getMessage() + ". Publish the view again.",
          e);
    }
  }

  private static Optional<Instant> instant(JsonParser from) throws IOException {
    if (!ValueCodec.hasNext(from)) {
      throw new EOFException("it ends before its values");
    }
    return Optional.ofNullable((Instant) INSTANT.read(from));
  }

  /** How many items of the array there are from the one that was just begun. */
  private static int rest(JsonParser from) throws IOException {
    int items = 0;
    do {
      from.skipChildren();
      items++;
    } while (ValueCodec.hasNext(from));
    return items;
  }

  private static PlatformException otherItems(int items, List<StoredFeature> features) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot read an online row: it has %s items in place of %s. Publish the view again."
            .formatted(items, HEAD + features.size()));
  }

  /**
   * A value as a JSON node: instants as microseconds, dates as days since 1970, maps as arrays of
   * keys with their values, structs as the list of their fields.
   */
  public static JsonNode node(Object value) {
    try (TokenBuffer tokens = new TokenBuffer(CBOR, false)) {
      ValueCodec.write(tokens, value);
      return CBOR.readTree(tokens.asParserOnFirstToken());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The value of a node that {@link #node} made, in the type that the DDL names. */
  public static Object value(JsonNode node, String type) {
    if (node == null || node.isMissingNode()) {
      return null;
    }
    try (JsonParser from = node.traverse()) {
      from.nextToken();
      return ValueCodec.of(type).read(from);
    } catch (IOException | NumberFormatException | DateTimeException e) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot read an online value of %s: %s. Publish the view again."
              .formatted(type, e.getMessage()),
          e);
    }
  }

  /** Whether values of a type, as DDL names it, can be read. */
  public static boolean reads(String type) {
    if (type.startsWith("array<")) {
      return reads(type.substring("array<".length(), type.length() - 1));
    }
    if (type.startsWith("map<")) {
      return parts(type).stream().allMatch(RowCodec::reads);
    }
    if (type.startsWith("struct<")) {
      return parts(type).stream().allMatch(field -> reads(field.substring(field.indexOf(':') + 1)));
    }
    return type.startsWith("decimal(") || SCALARS.contains(type);
  }

  /** What stands between the commas of an array's, a map's or a struct's type, as DDL names it. */
  public static List<String> parts(String type) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = type.indexOf('<') + 1;
    for (int i = start; i < type.length() - 1; i++) {
      char c = type.charAt(i);
      if (c == '<' || c == '(') {
        depth++;
      } else if (c == '>' || c == ')') {
        depth--;
      } else if (c == ',' && depth == 0) {
        parts.add(type.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(type.substring(start, type.length() - 1));
    return parts;
  }
}
