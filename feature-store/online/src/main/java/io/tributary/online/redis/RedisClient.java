package io.tributary.online.redis;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisPooled;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Connections to a server, and what is wrong with it in the platform's words. The first use asks
 * the server what it is; nothing is reached for before.
 */
final class RedisClient implements AutoCloseable {
  private static final int CONNECTIONS = 64;
  private static final Duration CONNECTS_WITHIN = Duration.ofSeconds(2);
  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(5);

  /** The first to copy a key on the server. */
  private static final String OLDEST = "6.2";

  private final RedisAddress server;
  private final JedisPooled jedis;
  private volatile boolean known;

  RedisClient(RedisAddress server) {
    this.server = server;
    ConnectionPoolConfig pool = new ConnectionPoolConfig();
    pool.setMaxTotal(CONNECTIONS);
    pool.setMaxIdle(CONNECTIONS);
    pool.setMaxWait(CONNECTS_WITHIN);
    DefaultJedisClientConfig.Builder config =
        DefaultJedisClientConfig.builder()
            .connectionTimeoutMillis((int) CONNECTS_WITHIN.toMillis())
            .socketTimeoutMillis((int) ANSWERS_WITHIN.toMillis())
            .database(server.database())
            .clientName("tributary");
    if (!server.password().isEmpty()) {
      config.user(server.user().isEmpty() ? null : server.user()).password(server.password());
    }
    if (server.tls()) {
      SSLParameters named = new SSLParameters();
      // Without it any certificate that is trusted would do, whatever host it is of.
      named.setEndpointIdentificationAlgorithm("HTTPS");
      config.ssl(true).sslParameters(named).sslSocketFactory(trusting().getSocketFactory());
    }
    this.jedis =
        new JedisPooled(pool, new HostAndPort(server.host(), server.port()), config.build());
  }

  /** What this JVM trusts: its {@code javax.net.ssl.trustStore}. */
  private static SSLContext trusting() {
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot use TLS: %s. Check javax.net.ssl.trustStore.".formatted(e.getMessage()),
          e);
    }
  }

  String address() {
    return server.address();
  }

  /**
   * What the server says.
   *
   * @param doing for messages, {@code Cannot <doing>: …}
   */
  <T> T call(String doing, Function<JedisPooled, T> command) {
    try {
      requireKnown();
      return command.apply(jedis);
    } catch (JedisException e) {
      throw failure(doing, e);
    }
  }

  /**
   * As {@link #call}, of what may be asked twice: a connection that was open to a server that has
   * been started again since is no reason to fail.
   */
  <T> T read(String doing, Function<JedisPooled, T> command) {
    try {
      requireKnown();
      return command.apply(jedis);
    } catch (JedisConnectionException e) {
      // What was open with it may be as dead.
      jedis.getPool().clear();
      if (root(e) instanceof SocketTimeoutException) {
        throw failure(doing, e);
      }
      known = false;
      return call(doing, command);
    } catch (JedisException e) {
      throw failure(doing, e);
    }
  }

  private void requireKnown() {
    if (known) {
      return;
    }
    problem(info())
        .ifPresent(
            problem -> {
              throw new PlatformException(
                  ErrorCode.REFUSED, "Cannot use online store %s: %s".formatted(server, problem));
            });
    known = true;
  }

  /** Why a server that says this of itself can't be used: {@code <why>. <what to do>.} */
  static Optional<String> problem(Map<String, String> info) {
    if (info.getOrDefault("cluster_enabled", "0").equals("1")) {
      return Optional.of(
          "it is a node of a Redis cluster (cluster_enabled:1), which would spread a view's rows. Name a server that is in no cluster.");
    }
    String version = info.getOrDefault("redis_version", "0");
    return isOlder(version, OLDEST)
        ? Optional.of(
            "it is Redis %s, and %s or newer is needed. Update it.".formatted(version, OLDEST))
        : Optional.empty();
  }

  private static boolean isOlder(String version, String least) {
    int[] is = numbers(version);
    int[] needed = numbers(least);
    return is[0] != needed[0] ? is[0] < needed[0] : is[1] < needed[1];
  }

  private static int[] numbers(String version) {
    String[] parts = (version + ".0").split("\\.", -1);
    return new int[] {number(parts[0]), number(parts[1])};
  }

  private static int number(String digits) {
    return digits.matches("\\d{1,6}") ? Integer.parseInt(digits) : 0;
  }

  private Map<String, String> info() {
    Map<String, String> info = new HashMap<>();
    for (String line : jedis.info().split("\r?\n", -1)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        info.put(line.substring(0, colon), line.substring(colon + 1));
      }
    }
    return info;
  }

  /** Refuses to write where the server may drop what it was given. */
  void requireLasting(String doing) {
    String policy = read(doing, unused -> info()).getOrDefault("maxmemory_policy", "");
    if (!policy.equals("noeviction")) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot %s: the maxmemory-policy of %s is %s, by which it drops rows when its memory is full. Set it to noeviction."
              .formatted(doing, server, policy));
    }
  }

  private PlatformException failure(String doing, JedisException e) {
    if (e instanceof JedisConnectionException) {
      known = false;
    }
    return new PlatformException(
        ErrorCode.STORAGE,
        "Cannot %s: online store %s says: %s. %s".formatted(doing, server, said(e), whatToDo(e)),
        e);
  }

  private static String said(JedisException e) {
    String own = String.valueOf(e.getMessage());
    String deepest = String.valueOf(root(e).getMessage());
    String said = own.contains(deepest) ? deepest : own + " " + deepest;
    return said.strip().replaceAll("\\.$", "");
  }

  private static Throwable root(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    // Of a connection that was not made, for each address of the host.
    return root.getSuppressed().length > 0 ? root.getSuppressed()[0] : root;
  }

  private static String whatToDo(JedisException e) {
    String said = String.valueOf(e.getMessage());
    if (e instanceof JedisAccessControlException || said.startsWith("NOAUTH")) {
      return "Check \"credentials.online\", and what that user may do on the server.";
    }
    if (said.startsWith("OOM")) {
      return "Raise the server's maxmemory, or run tributary clean, then run it again.";
    }
    if (root(e) instanceof SSLException || root(e) instanceof GeneralSecurityException) {
      return "Have this JVM trust who signed the server's certificate (javax.net.ssl.trustStore), which has to name the host.";
    }
    if (e instanceof JedisConnectionException) {
      return "Check that the server runs and can be reached from here, then run it again.";
    }
    return "Check the server, then run it again.";
  }

  @Override
  public void close() {
    jedis.close();
  }
}
