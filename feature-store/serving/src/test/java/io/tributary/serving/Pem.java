package io.tributary.serving;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;

/** A certificate that signs itself, made by the JDK's keytool, and its key; as PEM files. */
record Pem(Path certificate, Path key, Certificate parsed) {
  private static final char[] PASSWORD = "changeit".toCharArray();

  static Pem make(Path folder, String name, String algorithm) throws Exception {
    Path store = folder.resolve(name + ".p12");
    Process keytool =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    "k",
                    "-keyalg",
                    algorithm,
                    "-dname",
                    "CN=" + name,
                    "-ext",
                    "san=dns:localhost,ip:127.0.0.1",
                    "-keystore",
                    store.toString(),
                    "-storetype",
                    "PKCS12",
                    "-storepass",
                    new String(PASSWORD)))
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IOException(said);
    }
    KeyStore keys = load(store);
    Path certificate = folder.resolve(name + ".crt");
    Path key = folder.resolve(name + ".key");
    write(certificate, "CERTIFICATE", keys.getCertificate("k").getEncoded());
    write(key, "PRIVATE KEY", keys.getKey("k", PASSWORD).getEncoded());
    return new Pem(certificate, key, keys.getCertificate("k"));
  }

  private static KeyStore load(Path store) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    return keys;
  }

  private static void write(Path file, String what, byte[] encoded) throws IOException {
    Files.writeString(
        file,
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(
                what,
                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                    .encodeToString(encoded),
                what));
  }

  FeatureServer.Tls files() {
    return new FeatureServer.Tls(certificate, key);
  }
}
