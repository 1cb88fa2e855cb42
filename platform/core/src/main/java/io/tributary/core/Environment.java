package io.tributary.core;

import java.util.Optional;

/**
 * Where a run happened.
 *
 * @param code the code's revision, or {@code unknown}
 * @param dirty whether the code's tree had uncommitted changes
 * @param java the JVM's vendor and version
 * @param os operating system, its version and architecture
 * @param user the operating system's user that the process ran as
 * @param host where
 * @param project which state of which project it used; empty where no project's folder was read
 */
public record Environment(
    String code,
    boolean dirty,
    String java,
    String os,
    String user,
    String host,
    Optional<ProjectRevision> project) {
  /** Without a project's folder. */
  public Environment(String code, boolean dirty, String java, String os, String user, String host) {
    this(code, dirty, java, os, user, host, Optional.empty());
  }

  /** The same beside a state of a project. */
  public Environment with(ProjectRevision revision) {
    return new Environment(code, dirty, java, os, user, host, Optional.of(revision));
  }
}
