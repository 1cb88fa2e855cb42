package io.tributary.console.airflow;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Secret;
import java.util.Map;
import java.util.Optional;

/** Who signs in at an Airflow; known from the environment alone, and never printed. */
public sealed interface SignIn {
  /** A user whose token is fetched, and fetched again before it expires. */
  record User(String name, Secret password) implements SignIn {
    @Override
    public String toString() {
      return "TRIBUTARY_AIRFLOW_USER (" + name + ") with TRIBUTARY_AIRFLOW_PASSWORD";
    }
  }

  /** A token that somebody has fetched; nobody can renew it here. */
  record Token(Secret token) implements SignIn {
    @Override
    public String toString() {
      return "TRIBUTARY_AIRFLOW_TOKEN";
    }
  }

  /**
   * The one that an environment tells.
   *
   * @throws PlatformException INVALID_REQUEST where it tells none, or no usable one
   */
  static SignIn of(Map<String, String> environment) {
    Optional<Secret> token = secret(environment, "TRIBUTARY_AIRFLOW_TOKEN");
    if (token.isPresent()) {
      if (!isToken(token.get().reveal())) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot sign in at Airflow: TRIBUTARY_AIRFLOW_TOKEN holds a space, a line break or another character that no token has. Set it to the token alone, in one line.");
      }
      return new Token(token.get());
    }
    String user = environment.getOrDefault("TRIBUTARY_AIRFLOW_USER", "");
    Optional<Secret> password = secret(environment, "TRIBUTARY_AIRFLOW_PASSWORD");
    if (user.isBlank() || password.isEmpty()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot sign in at Airflow: %s. Set TRIBUTARY_AIRFLOW_USER and TRIBUTARY_AIRFLOW_PASSWORD, or TRIBUTARY_AIRFLOW_TOKEN."
              .formatted(
                  user.isBlank()
                      ? "the environment names no user"
                      : "the environment has no password"));
    }
    return new User(user.strip(), password.get());
  }

  /** Whether a text may stand in a request's head; one that may not would be printed there. */
  static boolean isToken(String text) {
    return text.matches("[\\x21-\\x7e]+");
  }

  private static Optional<Secret> secret(Map<String, String> environment, String name) {
    return Optional.ofNullable(environment.get(name))
        .map(String::strip)
        .filter(value -> !value.isEmpty())
        .map(value -> new Secret(name, value));
  }
}
