package io.tributary.serving;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's certificate with those that sign it, and its key, from PEM files; they are read again
 * when they change, and count for the connections that begin then.
 */
final class PemFiles {
  private static final Logger LOG = LoggerFactory.getLogger(PemFiles.class);
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----(.+?)-----END PRIVATE KEY-----", Pattern.DOTALL);

  private final Path certificate;
  private final Path key;
  private final SslContextFactory.Server context = new SslContextFactory.Server();
  private final String password = UUID.randomUUID().toString();
  private Content content;
  private volatile Optional<String> trouble = Optional.empty();

  /** What the files held. */
  private record Content(byte[] certificate, byte[] key) {
    boolean isSame(Content other) {
      return Arrays.equals(certificate, other.certificate) && Arrays.equals(key, other.key);
    }
  }

  /**
   * Reads the files.
   *
   * @throws PlatformException INVALID_REQUEST where they are no certificate with its key
   */
  PemFiles(Path certificate, Path key) {
    this.certificate = certificate;
    this.key = key;
    content = read();
    use(context, content);
  }

  /** What connections are made with. */
  SslContextFactory.Server context() {
    return context;
  }

  /** Reads the files again; where they are no certificate with its key, the former ones stay. */
  synchronized void refresh() {
    try {
      Content now = read();
      if (!now.isSame(content)) {
        store(now);
        context.reload(of -> use(context, now));
        content = now;
        LOG.info("The certificate of {} is served now", certificate);
      }
      trouble = Optional.empty();
    } catch (Exception e) {
      String why = e.getMessage() + " The server goes on with the former certificate.";
      if (!trouble.equals(Optional.of(why))) {
        LOG.warn("{}", why);
      }
      trouble = Optional.of(why);
    }
  }

  /** Why files that changed are not used; empty where all is well. */
  Optional<String> trouble() {
    return trouble;
  }

  private Content read() {
    try {
      return new Content(Files.readAllBytes(certificate), Files.readAllBytes(key));
    } catch (IOException e) {
      throw wrong("%s can't be read".formatted(e.getMessage()), e);
    }
  }

  private void use(SslContextFactory.Server of, Content pem) {
    of.setKeyStore(store(pem));
    of.setKeyStorePassword(password);
  }

  private KeyStore store(Content pem) {
    try {
      Certificate[] chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem.certificate()))
              .toArray(new Certificate[0]);
      if (chain.length == 0) {
        throw wrong("%s has no certificate".formatted(certificate), null);
      }
      PrivateKey secret = key(pem.key(), chain[0].getPublicKey());
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("serve", secret, password.toCharArray(), chain);
      return store;
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw wrong("they can't be understood (%s)".formatted(e.getMessage()), e);
    }
  }

  private PrivateKey key(byte[] pem, PublicKey certified) throws GeneralSecurityException {
    Matcher found = KEY.matcher(new String(pem, StandardCharsets.US_ASCII));
    if (!found.find()) {
      throw wrong(
          "%s has no \"BEGIN PRIVATE KEY\"; openssl pkcs8 -topk8 -nocrypt makes such a file of another one"
              .formatted(key),
          null);
    }
    byte[] encoded = Base64.getMimeDecoder().decode(found.group(1));
    PrivateKey secret;
    try {
      secret =
          KeyFactory.getInstance(certified.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(encoded));
    } catch (GeneralSecurityException e) {
      throw wrong("the key is no %s key as the certificate".formatted(certified.getAlgorithm()), e);
    }
    if (!isOf(secret, certified)) {
      throw wrong("the certificate is of another key", null);
    }
    return secret;
  }

  private static boolean isOf(PrivateKey secret, PublicKey certified)
      throws GeneralSecurityException {
    String algorithm =
        switch (certified.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> certified.getAlgorithm();
        };
    byte[] text = "tributary".getBytes(StandardCharsets.US_ASCII);
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(secret);
    signature.update(text);
    byte[] signed = signature.sign();
    signature.initVerify(certified);
    signature.update(text);
    return signature.verify(signed);
  }

  private PlatformException wrong(String why, Exception cause) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot use certificate %s with key %s: %s. Give PEM files of a certificate and its key."
            .formatted(certificate, key, why),
        cause);
  }
}
