package io.tributary.definition;

import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Who is notified of breaches and of changes in the registry, by the name that {@code notify} gives
 * it.
 */
public sealed interface Receiver {
  /** The changes in the registry that there are notices of. */
  List<String> CHANGES =
      List.of(
          "registered",
          "promoted",
          "rolled-back",
          "retired",
          "held",
          "released",
          "suspect",
          "cleared");

  Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

  String name();

  /** The monitors whose breaches it is notified of; empty = all. */
  List<String> monitors();

  /** The changes in the registry that it is notified of, of {@link #CHANGES}; empty = none. */
  List<String> changes();

  /** What tells it apart for people, with nothing that is secret: a host, addresses. */
  String place();

  /** Whether a host is this machine, to which nothing goes over a network. */
  static boolean isThisMachine(String host) {
    return THIS_MACHINE.contains(host.toLowerCase(Locale.ROOT));
  }

  /** Whether it is notified of a monitor's breaches. */
  default boolean gets(String monitor) {
    return monitors().isEmpty() || monitors().contains(monitor);
  }

  /**
   * A server that gets a signed HTTP request for each notice.
   *
   * @param url https, on this machine also http
   * @param secret {@code whsec_} and the signing key in base 64
   */
  record Webhook(String name, URI url, Secret secret, List<String> monitors, List<String> changes)
      implements Receiver {
    private static final String KEY = "whsec_";

    public Webhook {
      monitors = List.copyOf(monitors);
      changes = List.copyOf(changes);
    }

    /** The bytes that a secret signs with; empty where it holds no key. */
    public static Optional<byte[]> key(Secret secret) {
      if (!secret.reveal().startsWith(KEY)) {
        return Optional.empty();
      }
      try {
        return Optional.of(Base64.getDecoder().decode(secret.reveal().substring(KEY.length())))
            .filter(key -> key.length >= 24 && key.length <= 64);
      } catch (IllegalArgumentException notBase64) {
        return Optional.empty();
      }
    }

    @Override
    public String place() {
      return url.getHost();
    }
  }

  /**
   * People who get a mail for each notice.
   *
   * @param host of the mail server (SMTP)
   * @param from the sender's address
   * @param credential how to sign in at the mail server
   */
  record Mail(
      String name,
      List<String> to,
      String from,
      String host,
      int port,
      Security security,
      Optional<Credential> credential,
      List<String> monitors,
      List<String> changes)
      implements Receiver {
    public Mail {
      to = List.copyOf(to);
      monitors = List.copyOf(monitors);
      changes = List.copyOf(changes);
    }

    @Override
    public String place() {
      return String.join(", ", to);
    }
  }

  /** How the way to a mail server is protected. */
  enum Security {
    /** The connection is upgraded, or nothing is sent; on this machine it may stay plain. */
    STARTTLS,
    /** The connection begins with TLS. */
    TLS,
    /** It is not. */
    NONE
  }
}
