package io.tributary.events;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** The place of a table: a folder of a local disk, or a path of a Hadoop file system. */
public record LakePath(String text, Optional<Path> local) {
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");

  /** Parses a path; one without a scheme or with {@code file:} is local and made absolute. */
  public static LakePath parse(String text) {
    if (text.isBlank()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot open a table: its path is empty. Give a folder or a URI.");
    }
    if (SCHEME.matcher(text).matches() && !text.startsWith("file:")) {
      return new LakePath(
          text.endsWith("/") ? text.substring(0, text.length() - 1) : text, Optional.empty());
    }
    Path path = local(text);
    return new LakePath(path.toString(), Optional.of(path));
  }

  /**
   * The local path of a name as Kernel and Hadoop write it: {@code /x}, {@code file:/x} or {@code
   * file:///x}, not escaped.
   */
  public static Path local(String name) {
    String path = name;
    if (path.startsWith("file:")) {
      path = path.substring("file:".length());
      if (path.startsWith("//")) {
        path = path.substring(2);
      }
    }
    return Path.of(path).toAbsolutePath().normalize();
  }

  /** The name of a file below this path, relative to it; that of any other file unchanged. */
  public String relative(String file) {
    String name = local.isPresent() ? local(file).toString() : file;
    return name.startsWith(text + "/") ? name.substring(text.length() + 1) : name;
  }
}
