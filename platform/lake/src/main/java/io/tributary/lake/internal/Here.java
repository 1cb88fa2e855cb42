package io.tributary.lake.internal;

import io.tributary.core.Environment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/** This process: who runs which code where. */
public final class Here {
  private static final Environment ENVIRONMENT = read();

  private Here() {}

  /**
   * The code's revision is what the launcher says that it built: system properties {@code
   * tributary.code}, {@code tributary.dirty}.
   */
  public static Environment environment() {
    return ENVIRONMENT;
  }

  private static Environment read() {
    return new Environment(
        System.getProperty("tributary.code", "unknown"),
        Boolean.getBoolean("tributary.dirty"),
        System.getProperty("java.vendor") + " " + System.getProperty("java.runtime.version"),
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"),
        System.getProperty("user.name"),
        host());
  }

  private static String host() {
    try {
      return Files.readString(Path.of("/etc/hostname")).strip();
    } catch (IOException noSuchFile) {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        return "unknown";
      }
    }
  }
}
