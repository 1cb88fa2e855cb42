package io.tributary.online.redis;

import static io.tributary.online.OnlineStoreContract.NIGHT;
import static io.tributary.online.OnlineStoreContract.VIEW;
import static io.tributary.online.OnlineStoreContract.flights;
import static io.tributary.online.OnlineStoreContract.publish;
import static io.tributary.online.OnlineStoreContract.read;
import static io.tributary.online.OnlineStoreContract.stored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.Credential;
import io.tributary.definition.OnlineAddress;
import io.tributary.definition.Secret;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.testing.RedisServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may read and write, over what wire. */
class ITRedisAccess {
  private static final String PASSWORD = "hunter2-of-the-writer";

  @TempDir Path folder;

  private static OnlineStore open(String address, String user, String password) {
    return OnlineStores.open(
        new OnlineAddress(
            address,
            password.isEmpty()
                ? Optional.empty()
                : Optional.of(
                    new Credential(
                        Optional.of(user).filter(name -> !name.isEmpty()),
                        Optional.of(new Secret("ONLINE_PASSWORD", password)))),
            Optional.of("shop"),
            Optional.empty()));
  }

  private static void refused(ThrowingCallable use, String why) {
    assertThatThrownBy(use)
        .isInstanceOfSatisfying(
            PlatformException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.STORAGE);
              for (Throwable t = e; t != null; t = t.getCause()) {
                assertThat(t.toString()).doesNotContain(PASSWORD);
              }
            })
        .hasMessageContaining(why)
        .hasMessageEndingWith(
            " Check \"credentials.online\", and what that user may do on the server.");
  }

  @Test
  void signsInWithThePasswordOfTheServer() throws IOException {
    try (RedisServer redis = new RedisServer(folder, "--requirepass", PASSWORD);
        OnlineStore store = open(redis.address(), "", PASSWORD)) {
      publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
      assertThat(read(store, "UA")).containsEntry("UA", 1L);
      try (OnlineStore elsewhere = store.factory().open()) {
        assertThat(read(elsewhere, "UA")).containsEntry("UA", 1L);
      }
      try (OnlineStore none = open(redis.address(), "", "");
          OnlineStore wrong = open(redis.address(), "", PASSWORD + "?")) {
        refused(() -> read(none, "UA"), "NOAUTH Authentication required");
        refused(() -> read(wrong, "UA"), "WRONGPASS invalid username-password pair");
      }
    }
  }

  private static List<String> user(String name, String... rights) {
    List<String> words = new ArrayList<>(List.of("--user", name, "on", ">" + PASSWORD));
    words.addAll(List.of("~tributary:{shop}*", "+info", "+ping", "+client"));
    words.addAll(List.of(rights));
    return words;
  }

  /** The rights that docs/online.md names are enough, and less is said. */
  @Test
  void aReaderMayReadAndAWriterMayWrite() throws IOException {
    List<String> options = new ArrayList<>(user("reader", "+@read"));
    options.addAll(user("writer", "+@read", "+@write", "+eval", "+time"));
    options.addAll(List.of("--user", "default", "off"));
    try (RedisServer redis = new RedisServer(folder, options.toArray(String[]::new));
        OnlineStore writing = open(redis.address(), "writer", PASSWORD);
        OnlineStore reading = open(redis.address(), "reader", PASSWORD);
        OnlineStore nobody = open(redis.address(), "", "")) {
      for (long n = 1; n <= 3; n++) {
        stored(writing, publish(writing, NIGHT, 1, flights(NIGHT, n, "UA")));
      }
      assertThat(read(reading, "UA")).containsEntry("UA", 3L);
      assertThat(reading.publications(VIEW)).hasSize(3);
      reading.refresh();
      refused(
          () -> publish(reading, NIGHT, 1, flights(NIGHT, 9, "UA")),
          "NOPERM this user has no permissions to run the 'sadd' command");
      refused(() -> read(nobody, "UA"), "NOAUTH");
      writing
          .former(Instant.now().plusSeconds(99), p -> true)
          .pieces()
          .forEach(piece -> writing.remove(piece.name()));
      assertThat(reading.publications(VIEW)).hasSize(2);
    }
  }

  @Test
  void aClusterIsRefusedByName() throws IOException {
    try (RedisServer redis =
            new RedisServer(folder, "--cluster-enabled", "yes", "--dir", folder.toString());
        OnlineStore store = OnlineStores.open(redis.address())) {
      for (ThrowingCallable use :
          List.<ThrowingCallable>of(
              () -> read(store, "UA"), () -> publish(store, NIGHT, 1, flights(NIGHT, 1, "UA")))) {
        assertThatThrownBy(use)
            .isInstanceOfSatisfying(
                PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
            .hasMessage(
                "Cannot use online store %s: it is a node of a Redis cluster (cluster_enabled:1), which would spread a view's rows. Name a server that is in no cluster."
                    .formatted(store.address()));
      }
    }
  }

  @Test
  void encryptsToAServerThatIsTrustedAndHasItsName() throws Exception {
    KeyStore named = certificate("ip:127.0.0.1");
    KeyStore other = certificate("dns:elsewhere.acme");
    SSLContext before = SSLContext.getDefault();
    try (RedisServer redis = encrypted(named);
        RedisServer elsewhere = encrypted(other)) {
      SSLContext.setDefault(trusting(named, other));
      try (OnlineStore store = tls(redis)) {
        assertThat(store.address()).startsWith("rediss://127.0.0.1:");
        publish(store, NIGHT, 1, flights(NIGHT, 1, "UA"));
        assertThat(read(store, "UA")).containsEntry("UA", 1L);
      }
      try (OnlineStore store = tls(elsewhere)) {
        assertThatThrownBy(() -> read(store, "UA"))
            .hasMessageContaining("No subject alternative names matching IP address 127.0.0.1");
      }
      try (OnlineStore plain = OnlineStores.open(redis.address())) {
        assertThatThrownBy(() -> read(plain, "UA"))
            .isInstanceOfSatisfying(
                PlatformException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE));
      }
      SSLContext.setDefault(trusting(other));
      try (OnlineStore store = tls(redis)) {
        assertThatThrownBy(() -> read(store, "UA"))
            .hasMessageContaining("unable to find valid certification path")
            .hasMessageContaining("javax.net.ssl.trustStore");
      }
    } finally {
      SSLContext.setDefault(before);
    }
  }

  private static OnlineStore tls(RedisServer redis) {
    return OnlineStores.open(redis.address().replace("redis:", "rediss:"));
  }

  /** A certificate that its own key signed, and the key; its files as PEM beside it. */
  private KeyStore certificate(String name) throws Exception {
    Path at = folder.resolve(name.replaceAll("\\W", "") + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "redis",
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + at.getFileName(),
                "-ext",
                "san=" + name,
                "-validity",
                "9",
                "-storetype",
                "PKCS12",
                "-keystore",
                at.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.log").toFile())
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(at)) {
      store.load(in, PASSWORD.toCharArray());
    }
    return store;
  }

  private static String pem(String what, byte[] bytes) {
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(what, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes));
  }

  private RedisServer encrypted(KeyStore store) throws Exception {
    Key key = store.getKey("redis", PASSWORD.toCharArray());
    Path of = Files.createTempDirectory(folder, "tls");
    Path certificate =
        Files.writeString(
            of.resolve("redis.crt"),
            pem("CERTIFICATE", store.getCertificate("redis").getEncoded()));
    Path secret = Files.writeString(of.resolve("redis.key"), pem("PRIVATE KEY", key.getEncoded()));
    return new RedisServer(
        folder,
        "--tls-cert-file",
        certificate.toString(),
        "--tls-key-file",
        secret.toString(),
        "--tls-ca-cert-file",
        certificate.toString(),
        "--tls-auth-clients",
        "no");
  }

  private static SSLContext trusting(KeyStore... stores) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    for (int i = 0; i < stores.length; i++) {
      trusted.setCertificateEntry("redis" + i, stores[i].getCertificate("redis"));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
