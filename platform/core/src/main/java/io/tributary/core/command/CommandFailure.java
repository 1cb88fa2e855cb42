package io.tributary.core.command;

import io.tributary.core.ErrorCode;
import io.tributary.core.ErrorGroup;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A command that ended in an error, and how it is reported: one line for people, an object under
 * {@code --json}, and for an unexpected error a file with the stack trace, which the line names.
 *
 * @param stored the message without values of the data, as a log may keep it
 */
public record CommandFailure(ErrorCode code, String message, String stored) {

  /** The failure of a command that has opened no lake. */
  public static CommandFailure of(String command, Throwable thrown) {
    return of(command, thrown, Optional.empty(), foreign -> Optional.empty());
  }

  /**
   * The failure of a command.
   *
   * @param command its words
   * @param lake the local lake that it had opened, in which the stack trace of a bug is stored
   * @param condition a foreign exception's own name of what happened, beside its class
   */
  public static CommandFailure of(
      String command,
      Throwable thrown,
      Optional<Path> lake,
      Function<Throwable, Optional<String>> condition) {
    ErrorCode code = PlatformException.codeOf(thrown);
    String message = message(thrown);
    if (code.group() == ErrorGroup.INTERNAL) {
      message =
          "Cannot finish %s: %s%s"
              .formatted(command, message, kept(command, thrown, lake, condition));
    }
    return new CommandFailure(code, message, stored(thrown, condition));
  }

  /** The failure of a command line that can't be parsed. */
  public static CommandFailure ofUsage(String command, String why) {
    String message =
        "Cannot run %s: %s. Run \"tributary %s --help\" for what it takes."
            .formatted(
                command, why.lines().findFirst().orElse("").replaceFirst("\\.$", ""), command);
    return new CommandFailure(ErrorCode.INVALID_REQUEST, message, message);
  }

  /** The object on stdout under {@code --json}, in one line. */
  public String json() {
    return Json.write(
        Map.of("error", Map.of("code", code, "group", code.group(), "message", message)));
  }

  /** The exit code of the process, which says who must act. */
  public int exitCode() {
    return code.group().exitCode();
  }

  /** What went wrong, in one line. */
  private static String message(Throwable thrown) {
    Throwable root = thrown;
    for (Throwable t : PlatformException.causes(thrown)) {
      if (t instanceof PlatformException) {
        return t.getMessage();
      }
      if (t instanceof OutOfMemoryError) {
        return "Cannot go on: the memory of the process, %,d MiB, is not enough (%s). Give it more, as in TRIBUTARY_HEAP=12g, or run less beside it."
            .formatted(Runtime.getRuntime().maxMemory() >> 20, t.getMessage());
      }
      if (t instanceof UnknownHostException) {
        return "Cannot reach %s: no host of that name is known here. Mend the address that names it, or the name service."
            .formatted(t.getMessage());
      }
      root = t;
    }
    String first =
        root.getMessage() == null ? "" : root.getMessage().lines().findFirst().orElse("");
    return root.getClass().getSimpleName() + (first.isEmpty() ? "" : ": " + first);
  }

  /**
   * The message without values of the data: for a message that Tributary did not write itself,
   * which may have any, only the exception's class and where it was thrown.
   */
  public static String stored(Throwable thrown, Function<Throwable, Optional<String>> condition) {
    Throwable root = thrown;
    for (Throwable t : PlatformException.causes(thrown)) {
      if (t instanceof PlatformException p) {
        return p.stored();
      }
      if (t instanceof OutOfMemoryError) {
        return message(t);
      }
      root = t;
    }
    StackTraceElement[] frames = root.getStackTrace();
    return named(root, condition) + (frames.length == 0 ? "" : " at " + frames[0]);
  }

  private static String named(Throwable thrown, Function<Throwable, Optional<String>> condition) {
    return thrown.getClass().getName()
        + condition.apply(thrown).map(name -> " [" + name + "]").orElse("");
  }

  /** A stack trace with stored messages only, as it is sent to others. */
  private static String trace(Throwable thrown, Function<Throwable, Optional<String>> condition) {
    StringBuilder trace = new StringBuilder();
    for (Throwable t : PlatformException.causes(thrown)) {
      trace
          .append(trace.length() == 0 ? "" : "Caused by: ")
          .append(named(t, condition))
          .append(t instanceof PlatformException p ? ": " + p.stored() : "")
          .append('\n');
      for (StackTraceElement frame : t.getStackTrace()) {
        trace.append("\tat ").append(frame).append('\n');
      }
    }
    return trace.toString();
  }

  /** Stores a stack trace where it can be found again. */
  private static String kept(
      String command,
      Throwable thrown,
      Optional<Path> lake,
      Function<Throwable, Optional<String>> condition) {
    String trace = trace(thrown, condition);
    String file =
        Instant.now().toString().replace(":", "") + "-" + command.replace(' ', '-') + ".txt";
    List<Path> folders = new ArrayList<>();
    lake.ifPresent(l -> folders.add(l.resolve("platform/errors")));
    folders.add(Path.of(System.getProperty("java.io.tmpdir"), "tributary-errors"));
    for (Path folder : folders) {
      try {
        Files.createDirectories(folder);
        Path kept = Files.writeString(folder.resolve(file), trace);
        return ". This is a bug in Tributary: report it with " + kept + ".";
      } catch (IOException e) {
        thrown.addSuppressed(e);
      }
    }
    return ". This is a bug in Tributary: report it with this:\n" + trace;
  }
}
