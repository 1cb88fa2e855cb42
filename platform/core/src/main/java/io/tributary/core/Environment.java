package io.tributary.core;

/**
 * Where a run happened.
 *
 * @param code the code's revision, or {@code unknown}
 * @param dirty whether the code's tree had uncommitted changes
 * @param java the JVM's vendor and version
 * @param os operating system, its version and architecture
 * @param user the operating system's user that the process ran as
 * @param host where
 */
public record Environment(
    String code, boolean dirty, String java, String os, String user, String host) {}
