package io.tributary.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a person sees what this process writes. */
final class Terminal {
  private Terminal() {}

  static boolean isStderr() {
    try {
      // Java only knows of a console when stdin is one too.
      Path stderr = Files.readSymbolicLink(Path.of("/proc/self/fd/2"));
      return stderr.startsWith("/dev/pts") || stderr.toString().startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return System.console() != null;
    }
  }
}
