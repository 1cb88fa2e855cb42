package io.tributary.ingest;

import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.services.s3.AmazonS3;
import com.amazonaws.services.s3.AmazonS3ClientBuilder;
import com.amazonaws.services.s3.model.ObjectMetadata;
import io.tributary.testing.Folders;
import io.tributary.testing.JavaProcess;
import io.tributary.testing.ServerProcess;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A server that speaks S3, of a test's own: in a process on loopback that keeps all in memory. */
final class ObjectStore implements AutoCloseable {
  static final String KEY = "reader";
  static final String SECRET = "till-secret";

  private final Path folder;
  private final ServerProcess server;
  private final AmazonS3 client;
  private final String endpoint;

  ObjectStore(String... buckets) throws IOException {
    int port = ServerProcess.freePort();
    endpoint = "http://127.0.0.1:" + port;
    folder = Files.createTempDirectory("tributary-s3-");
    Path log =
        Files.writeString(
            folder.resolve("logback.xml"),
            """
            <configuration>
              <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%m%n</pattern></encoder>
              </appender>
              <root level="info"><appender-ref ref="out"/></root>
            </configuration>
            """);
    Path settings =
        Files.writeString(
            folder.resolve("s3proxy.properties"),
            """
            s3proxy.endpoint=%s
            s3proxy.authorization=aws-v2-or-v4
            s3proxy.identity=%s
            s3proxy.credential=%s
            jclouds.provider=transient
            jclouds.identity=unused
            jclouds.credential=unused
            """
                .formatted(endpoint, KEY, SECRET));
    server =
        ServerProcess.start(
            new ProcessBuilder(
                JavaProcess.java(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dlogback.configurationFile=" + log,
                "-cp",
                Files.readString(Path.of("target/s3proxy.classpath")),
                "org.gaul.s3proxy.Main",
                "--properties",
                settings.toString()),
            folder.resolve("log"),
            Duration.ofMinutes(1),
            ServerProcess.listening(port));
    client =
        AmazonS3ClientBuilder.standard()
            .withEndpointConfiguration(new EndpointConfiguration(endpoint, "us-east-1"))
            .withPathStyleAccessEnabled(true)
            .withCredentials(new AWSStaticCredentialsProvider(new BasicAWSCredentials(KEY, SECRET)))
            .build();
    for (String bucket : buckets) {
      client.createBucket(bucket);
    }
  }

  /** What a session needs to reach the server: each bucket, with the credentials. */
  Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("spark.hadoop.fs.s3a.endpoint", endpoint);
    settings.put("spark.hadoop.fs.s3a.path.style.access", "true");
    settings.put("spark.hadoop.fs.s3a.access.key", KEY);
    settings.put("spark.hadoop.fs.s3a.secret.key", SECRET);
    return settings;
  }

  void put(String bucket, String key, byte[] bytes) {
    ObjectMetadata metadata = new ObjectMetadata();
    metadata.setContentLength(bytes.length);
    client.putObject(bucket, key, new ByteArrayInputStream(bytes), metadata);
  }

  void put(String bucket, String key, String text) {
    put(bucket, key, text.getBytes(StandardCharsets.UTF_8));
  }

  void delete(String bucket, String key) {
    client.deleteObject(bucket, key);
  }

  @Override
  public void close() throws IOException {
    server.close();
    Folders.delete(folder);
  }
}
