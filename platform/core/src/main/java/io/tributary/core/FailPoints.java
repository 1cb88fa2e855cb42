package io.tributary.core;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The instants just before and just after a file becomes part of what is stored. Tests of recovery
 * list them and end the process at one of them; otherwise they do nothing.
 *
 * <p>{@code -Dtributary.test.instants=FILE} appends each instant to a file, as {@code before PATH}
 * or {@code after PATH}. {@code -Dtributary.test.halt="after GLOB"} halts the JVM at the first
 * instant whose path matches, without any of its shutdown hooks, as {@code kill -9} does.
 */
public final class FailPoints {
  /** Names the file that instants are appended to. */
  public static final String INSTANTS = "tributary.test.instants";

  /** Names the instant at which the process ends. */
  public static final String HALT = "tributary.test.halt";

  /** The exit status of a process that was halted, as of one that was killed. */
  public static final int HALTED = 137;

  private FailPoints() {}

  /** A file is about to be linked or moved to its name. */
  public static void before(Path file) {
    instant("before ", file);
  }

  /** A file has just been linked or moved to its name. */
  public static void after(Path file) {
    instant("after ", file);
  }

  private static void instant(String when, Path file) {
    String list = System.getProperty(INSTANTS);
    if (list != null) {
      append(Path.of(list), when + file);
    }
    String halt = System.getProperty(HALT);
    if (halt != null
        && halt.startsWith(when)
        && FileSystems.getDefault()
            .getPathMatcher("glob:" + halt.substring(when.length()))
            .matches(file)) {
      Runtime.getRuntime().halt(HALTED);
    }
  }

  private static synchronized void append(Path list, String line) {
    try {
      Files.writeString(
          list,
          line + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot list instants in " + list + ": " + e.getMessage() + ". Name another file.",
          e);
    }
  }
}
