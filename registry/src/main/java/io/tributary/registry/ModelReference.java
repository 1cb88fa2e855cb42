package io.tributary.registry;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * A reference to a version of a model, by its number or by an alias: {@code late_arrival@3}, {@code
 * late_arrival@production}. Prints so that it parses back.
 */
public record ModelReference(String model, String version) {
  private static final Pattern MODEL = Pattern.compile("[a-z][a-z0-9_]*");
  private static final Pattern ALIAS = Pattern.compile("[a-z][a-z0-9-]*");
  private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,17}");

  public ModelReference {
    if (!isReference(model, version)) {
      throw unreadable(model + "@" + version);
    }
  }

  /** The reference that a text is; empty where it has another form. */
  public static Optional<ModelReference> find(String text) {
    int at = text.indexOf('@');
    return at >= 0 && isReference(text.substring(0, at), text.substring(at + 1))
        ? Optional.of(parse(text))
        : Optional.empty();
  }

  private static boolean isReference(String model, String version) {
    return MODEL.matcher(model).matches()
        && (ALIAS.matcher(version).matches() || NUMBER.matcher(version).matches());
  }

  @JsonCreator
  public static ModelReference parse(String text) {
    int at = text.indexOf('@');
    if (at < 0) {
      throw unreadable(text);
    }
    return new ModelReference(text.substring(0, at), text.substring(at + 1));
  }

  public static ModelReference of(String model, long number) {
    return new ModelReference(model, Long.toString(number));
  }

  /** The number, unless it is an alias. */
  public OptionalLong number() {
    return NUMBER.matcher(version).matches()
        ? OptionalLong.of(Long.parseLong(version))
        : OptionalLong.empty();
  }

  private static PlatformException unreadable(String text) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot read model reference \"%s\": it is not name@version. Write late_arrival@3 or late_arrival@production."
            .formatted(text));
  }

  @JsonValue
  @Override
  public String toString() {
    return model + "@" + version;
  }
}
