package io.tributary.online.redis;

import io.tributary.definition.OnlineAddress;
import io.tributary.definition.Secret;
import java.io.Serializable;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a server is, and how to sign in there. Prints as its address.
 *
 * @param tls whether the connection is encrypted, to a server whose certificate names the host
 * @param user empty for the server's default user
 * @param password empty where nobody signs in
 * @param project whose keys are used; a server may be of several
 */
record RedisAddress(
    String host, int port, int database, boolean tls, String user, String password, String project)
    implements Serializable {
  static final String PLAIN = "redis";
  static final String TLS = "rediss";
  static final String FORM = "redis://HOST[:PORT][/DATABASE], or rediss:// for TLS";
  private static final int PORT = 6379;
  private static final Pattern DATABASE = Pattern.compile("/?|/\\d{1,4}");

  /** Why there can be none at an address: {@code <why>. <what to do>.} */
  static Optional<String> problem(OnlineAddress address) {
    try {
      URI uri = new URI(address.text());
      if (uri.getHost() == null
          || uri.getQuery() != null
          || uri.getFragment() != null
          || !DATABASE.matcher(uri.getPath()).matches()) {
        return Optional.of("that is no address of a Redis server. Write " + FORM + ".");
      }
      if (uri.getUserInfo() != null) {
        return Optional.of(
            "who signs in does not stand in an address. Write the user below \"credentials\", as online: {user: …, password: \"${NAME}\"}.");
      }
    } catch (URISyntaxException e) {
      return Optional.of("that is no address of a Redis server. Write " + FORM + ".");
    }
    return address
        .credential()
        .filter(credential -> credential.password().isEmpty())
        .map(
            unused ->
                "\"credentials.online\" has no password. Add it, as password: \"${NAME}\", or take \"online\" out.");
  }

  /** That of an address that has no problem. */
  static RedisAddress of(OnlineAddress address) {
    URI uri = URI.create(address.text());
    String database = uri.getPath().replace("/", "");
    return new RedisAddress(
        uri.getHost(),
        uri.getPort() < 0 ? PORT : uri.getPort(),
        database.isEmpty() ? 0 : Integer.parseInt(database),
        uri.getScheme().equals(TLS),
        address.credential().flatMap(c -> c.user()).orElse(""),
        address.credential().flatMap(c -> c.password()).map(Secret::reveal).orElse(""),
        address.project().orElse(""));
  }

  String address() {
    return "%s://%s:%d/%d".formatted(tls ? TLS : PLAIN, host, port, database);
  }

  @Override
  public String toString() {
    return address();
  }
}
