package io.tributary.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Principal;
import io.tributary.online.OnlineStore;
import io.tributary.serving.access.Role;
import io.tributary.serving.access.Tokens;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class TestTls {
  private static final String ADA = "/views/baskets@2/ada";

  @TempDir Path folder;
  private Shop shop;
  private OnlineStore store;

  @BeforeEach
  void open() throws Exception {
    shop = Shop.in(folder);
    store = shop.open();
    Shop.publishBaskets(store, Shop.NIGHT, 3, "ada");
  }

  @AfterEach
  void close() {
    store.close();
  }

  private FeatureServer serve(String host, FeatureServer.Tls tls) {
    return FeatureServer.start(
        shop.project(),
        store,
        Shop.COMPILER,
        shop.access(),
        new FeatureServer.Address(host, 0, false, false, Optional.of(tls)),
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
  }

  /** One that trusts a certificate alone, and makes a new connection. */
  private static Client trusting(Pem pem, FeatureServer server, Optional<String> token)
      throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("server", pem.parsed());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return new Client(
        URI.create("https://127.0.0.1:" + server.address().getPort()),
        HttpClient.newBuilder().sslContext(context).build(),
        token);
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void speaksTlsWithEachKindOfKey(String algorithm) throws Exception {
    Pem pem = Pem.make(folder, "here", algorithm);
    try (FeatureServer server = serve("127.0.0.1", pem.files())) {
      assertThat(server.address().getScheme()).isEqualTo("https");
      assertThat(trusting(pem, server, Optional.empty()).get(ADA).status()).isEqualTo(200);
      Pem other = Pem.make(folder, "other", algorithm);
      assertThatThrownBy(() -> trusting(other, server, Optional.empty()).get(ADA))
          .isInstanceOf(UncheckedIOException.class)
          .hasCauseInstanceOf(SSLHandshakeException.class);
    }
  }

  @Test
  void listensToOthersWhereTokensAreMade() throws Exception {
    Pem pem = Pem.make(folder, "here", "EC");
    assertThatThrownBy(() -> serve("0.0.0.0", pem.files()))
        .hasMessageStartingWith("Cannot serve at 0.0.0.0: project acme has no token");
    String token =
        Tokens.open(shop.lake())
            .create(
                "acme",
                "reports",
                Set.of(Role.READ),
                Set.of(),
                Optional.empty(),
                Principal.ofProcess())
            .text();
    try (FeatureServer server = serve("0.0.0.0", pem.files())) {
      assertThat(trusting(pem, server, Optional.of(token)).get(ADA).status()).isEqualTo(200);
      assertThat(trusting(pem, server, Optional.empty()).get(ADA).status()).isEqualTo(401);
    }
  }

  @Test
  void readsTheFilesAgainWhenTheyChange() throws Exception {
    Pem first = Pem.make(folder, "first", "EC");
    Pem second = Pem.make(folder, "second", "RSA");
    FeatureServer.Tls files = new FeatureServer.Tls(folder.resolve("crt"), folder.resolve("key"));
    Files.copy(first.certificate(), files.certificate());
    Files.copy(first.key(), files.key());
    try (FeatureServer server = serve("127.0.0.1", files)) {
      assertThat(trusting(first, server, Optional.empty()).get(ADA).status()).isEqualTo(200);
      Files.copy(second.certificate(), files.certificate(), StandardCopyOption.REPLACE_EXISTING);
      Client.eventually(
          () ->
              assertThat(ask(first, server).get("/ready").json().at("/notes/0").textValue())
                  .isEqualTo(
                      "Cannot use certificate %s with key %s: the key is no RSA key as the certificate. Give PEM files of a certificate and its key. The server goes on with the former certificate."
                          .formatted(files.certificate(), files.key())));
      Files.copy(second.key(), files.key(), StandardCopyOption.REPLACE_EXISTING);
      Client.eventually(
          () -> {
            try {
              assertThat(ask(second, server).get("/ready").json().at("/notes")).isEmpty();
            } catch (UncheckedIOException e) {
              throw new AssertionError(e);
            }
          });
      assertThatThrownBy(() -> trusting(first, server, Optional.empty()).get(ADA))
          .hasCauseInstanceOf(SSLHandshakeException.class);
    }
  }

  private static Client ask(Pem pem, FeatureServer server) {
    try {
      return trusting(pem, server, Optional.empty());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void refusesFilesThatAreNoCertificateWithItsKey() throws Exception {
    Pem one = Pem.make(folder, "one", "EC");
    Pem two = Pem.make(folder, "two", "EC");
    Path nothing = folder.resolve("nothing");
    assertThatThrownBy(() -> serve("127.0.0.1", new FeatureServer.Tls(one.certificate(), nothing)))
        .hasMessage(
            "Cannot use certificate %s with key %s: %s can't be read. Give PEM files of a certificate and its key."
                .formatted(one.certificate(), nothing, nothing));
    assertThatThrownBy(
            () -> serve("127.0.0.1", new FeatureServer.Tls(one.certificate(), two.key())))
        .hasMessageContaining(": the certificate is of another key.");
    assertThatThrownBy(() -> serve("127.0.0.1", new FeatureServer.Tls(one.key(), one.key())))
        .hasMessageContaining(one.key() + ": ");
    Path old = folder.resolve("old.key");
    Files.writeString(
        old, "-----BEGIN EC PRIVATE KEY-----\nMHcCAQ==\n-----END EC PRIVATE KEY-----\n");
    assertThatThrownBy(() -> serve("127.0.0.1", new FeatureServer.Tls(one.certificate(), old)))
        .hasMessageContaining(
            "has no \"BEGIN PRIVATE KEY\"; openssl pkcs8 -topk8 -nocrypt makes such a file of another one.");
    Files.writeString(old, "-----BEGIN PRIVATE KEY-----\nMHcCAQ==\n-----END PRIVATE KEY-----\n");
    assertThatThrownBy(() -> serve("127.0.0.1", new FeatureServer.Tls(one.certificate(), old)))
        .hasMessageContaining("the key is no EC key as the certificate");
  }
}
