package io.tributary.submit;

import io.tributary.testing.JavaProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;

/**
 * A Spark installation: a folder of links to the jars on the class path that are not in the jobs'
 * jar, so that what the jar lacks is lacking.
 */
final class SparkHome implements AutoCloseable {
  private static final Pattern OF_TESTS =
      Pattern.compile(
          "(junit|assertj|opentest4j|apiguardian|byte-buddy|tributary-testing).*|.*-tests\\.jar");

  private final Path folder;
  private final Path jobs;

  private SparkHome(Path folder, Path jobs) {
    this.folder = folder;
    this.jobs = jobs;
  }

  static SparkHome in(Path folder) throws IOException {
    Path jobs = Path.of(System.getProperty("submit.jar"));
    Set<String> bundled = classes(jobs);
    Path jars = Files.createDirectories(folder.resolve("jars"));
    for (String entry : classPath()) {
      Path jar = Path.of(entry);
      if (entry.endsWith(".jar")
          && !OF_TESTS.matcher(jar.getFileName().toString()).matches()
          && isApart(classes(jar), bundled)) {
        Files.createSymbolicLink(jars.resolve(jar.getFileName()), jar);
      }
    }
    return new SparkHome(folder, jobs);
  }

  private static boolean isApart(Set<String> classes, Set<String> bundled) {
    return !classes.isEmpty() && classes.stream().noneMatch(bundled::contains);
  }

  private static List<String> classPath() {
    return List.of(JavaProcess.classPath().split(File.pathSeparator, -1));
  }

  /** The names of the classes in a jar. */
  static Set<String> classes(Path jar) {
    Set<String> classes = new HashSet<>();
    try (JarFile file = new JarFile(jar.toFile())) {
      for (Enumeration<JarEntry> all = file.entries(); all.hasMoreElements(); ) {
        String name = all.nextElement().getName();
        if (name.endsWith(".class") && !name.startsWith("META-INF/")) {
          classes.add(name);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return classes;
  }

  /** The jars of the installation. */
  List<Path> jars() throws IOException {
    try (var jars = Files.list(folder.resolve("jars"))) {
      return jars.toList();
    }
  }

  /** Takes the links away, which a temporary folder would warn of one by one. */
  @Override
  public void close() throws IOException {
    for (Path jar : jars()) {
      Files.delete(jar);
    }
  }

  /** The jobs' jar. */
  Path jobs() {
    return jobs;
  }

  /** Its {@code spark-submit}. */
  Path program() throws IOException {
    ProcessBuilder submit = command("1g", "org.apache.spark.deploy.SparkSubmit", List.of());
    StringBuilder script = new StringBuilder("#!/bin/sh\n");
    for (String name :
        List.of("SPARK_HOME", "SPARK_SCALA_VERSION", "SPARK_LOCAL_IP", "OMP_NUM_THREADS")) {
      script.append("export %s='%s'%n".formatted(name, submit.environment().get(name)));
    }
    script.append("exec '%s' \"$@\"%n".formatted(String.join("' '", submit.command())));
    Path program = Files.createDirectories(folder.resolve("bin")).resolve("spark-submit");
    Files.writeString(program, script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return program;
  }

  /** Starts a class of Spark's. */
  ProcessBuilder command(String heap, String main, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(JavaProcess.java()));
    JavaProcess.inherited().forEach(command::add);
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1", "-Xmx" + heap, "-cp", folder.resolve("jars") + "/*", main));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("SPARK_HOME", folder.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.12");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().put("OMP_NUM_THREADS", "1");
    return builder;
  }

  /** Submits a job's main class; the settings are {@code key=value}. */
  Process submit(
      Path output, String master, List<String> settings, String main, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("--master", master));
    settings.forEach(s -> command.addAll(List.of("--conf", s)));
    command.addAll(List.of("--class", main, jobs.toString()));
    command.addAll(arguments);
    return command("1g", "org.apache.spark.deploy.SparkSubmit", command)
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }
}
