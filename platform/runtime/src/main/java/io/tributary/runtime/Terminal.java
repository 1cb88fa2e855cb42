package io.tributary.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether stderr of this process is a terminal. */
final class Terminal {
  private Terminal() {}

  static boolean isStderr() {
    try {
      // Java reports a console only when stdin is one too.
      Path stderr = Files.readSymbolicLink(Path.of("/proc/self/fd/2"));
      return stderr.startsWith("/dev/pts") || stderr.toString().startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return System.console() != null;
    }
  }
}
