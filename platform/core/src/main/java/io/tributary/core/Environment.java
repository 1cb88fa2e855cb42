package io.tributary.core;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a run happened.
 *
 * @param code the code's revision, or {@code unknown}
 * @param dirty whether the code's tree had uncommitted changes
 * @param java the JVM's vendor and version
 * @param os operating system, its version and architecture
 * @param user the operating system's user that the process ran as
 * @param host the machine's name
 * @param project the state of the project that it used; empty if no project's folder was read
 */
public record Environment(
    String code,
    boolean dirty,
    String java,
    String os,
    String user,
    String host,
    Optional<ProjectRevision> project) {
  private static final String UNKNOWN = "unknown";
  private static final String HOST = readHost();

  /** An environment without a project's folder. */
  public Environment(String code, boolean dirty, String java, String os, String user, String host) {
    this(code, dirty, java, os, user, host, Optional.empty());
  }

  /**
   * The environment of this process. The code's revision is the one that the launcher built: system
   * properties {@code tributary.code}, {@code tributary.dirty}.
   */
  public static Environment ofProcess() {
    return new Environment(
        System.getProperty("tributary.code", UNKNOWN),
        Boolean.getBoolean("tributary.dirty"),
        System.getProperty("java.vendor") + " " + System.getProperty("java.runtime.version"),
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"),
        System.getProperty("user.name"),
        HOST);
  }

  private static String readHost() {
    try {
      return Files.readString(Path.of("/etc/hostname")).strip();
    } catch (IOException noSuchFile) {
      try {
        return InetAddress.getLocalHost().getHostName();
      } catch (UnknownHostException e) {
        return UNKNOWN;
      }
    }
  }

  /** Whether nobody knows the code's revision: two such may be of different code. */
  @JsonIgnore
  public boolean isOfNoRevision() {
    return code.equals(UNKNOWN);
  }

  /** The same with the state of a project. */
  public Environment with(ProjectRevision revision) {
    return new Environment(code, dirty, java, os, user, host, Optional.of(revision));
  }
}
