package io.tributary.core;

/**
 * Who did something, and how that is known. Prints as the name.
 *
 * @param name the user's name
 * @param establishedBy how the name was established: {@link #OS_USER}; an unknown way, of a later
 *     version of Tributary, is preserved as it was written
 */
public record Principal(String name, String establishedBy) {
  /** The owner of the process, from the operating system. */
  public static final String OS_USER = "os-user";

  public Principal {
    if (name.isBlank() || establishedBy.isBlank()) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot name principal \"%s\" (%s): a part is empty. Report this as a bug."
              .formatted(name, establishedBy));
    }
  }

  /** A user of the operating system. */
  public static Principal osUser(String name) {
    return new Principal(name, OS_USER);
  }

  /** The operating system's user of this process. */
  public static Principal ofProcess() {
    return osUser(System.getProperty("user.name"));
  }

  @Override
  public String toString() {
    return name;
  }
}
