package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.console.ServeCommand;
import io.tributary.console.Tributary;
import io.tributary.core.Json;
import io.tributary.core.command.ClassPath;
import io.tributary.core.command.CommandEntry;
import io.tributary.core.command.Commands;
import io.tributary.runtime.JobMain;
import io.tributary.serve.CompiledViews;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Each command there is says under {@code --json} what is wrong as an object on stdout. */
class TestErrorsAsJson {
  /** What a command needs to be told beside its project, by its words. */
  private static final Map<String, List<String>> NEEDED =
      Map.ofEntries(
          Map.entry("amend", List.of("rides@1", "--reason", "so")),
          Map.entry(
              "explain", List.of("rides@1.f", "--key", "a=b", "--at", "2024-01-01T00:00:00Z")),
          Map.entry("join", List.of("--rows", "r.csv", "--features", "rides@1", "--out", "no")),
          Map.entry("quarantine show", List.of("rides")),
          Map.entry("quarantine release", List.of("rides", "--reason", "so")),
          Map.entry("airflow follow", List.of("2024-01-01")),
          Map.entry("airflow logs", List.of("2024-01-01")),
          Map.entry("airflow clear", List.of("2024-01-01")),
          Map.entry("airflow backfill", List.of("list")),
          Map.entry("init", List.of("--from", "nothing.csv")),
          Map.entry("lineage", List.of("scores.x")),
          Map.entry("trace", List.of("scores.x")),
          Map.entry("registry card", List.of("m@1", "--html=card.html")),
          Map.entry("registry challenge", List.of("m@1")),
          Map.entry("registry evaluate", List.of("m@1")),
          Map.entry("registry export", List.of("late@1", "--to=late.zip")),
          Map.entry("registry import", List.of("late.zip")),
          Map.entry("registry register", List.of("trees")),
          Map.entry("registry show", List.of("late@1")),
          Map.entry("registry promote", List.of("late@1", "--reason", "so")),
          Map.entry("registry rollback", List.of("late", "--reason", "so")),
          Map.entry("registry retire", List.of("late@1", "--reason", "so")),
          Map.entry("token create", List.of("reports", "--role", "read")),
          Map.entry("token revoke", List.of("reports", "--reason", "so")),
          Map.entry("features show", List.of("rides@1")),
          Map.entry("features get", List.of("rides@1", "a=b")));

  @TempDir private static Path folder;

  private record Answered(int code, String out, String err) {}

  private static Path project(String name, String source) throws IOException {
    Path project = Files.createDirectories(folder.resolve(name + "/sources")).getParent();
    Files.writeString(
        project.resolve("tributary.yaml"),
        "project: p\nzone: UTC\nlake: lake\nonline: rocksdb:${lake}/online\n");
    Files.writeString(project.resolve("sources/rides.yaml"), source);
    return project;
  }

  @TestFactory
  Stream<DynamicTest> whateverIsWrong() throws IOException {
    Path broken = project("broken", "source: rides\nread: {path: f}\nno-such-key: 1\n");
    Path newer =
        project(
            "newer",
            """
            source: rides
            read: {path: f}
            columns: {id: int, at: timestamp}
            event-time: at
            """);
    Files.createDirectories(newer.resolve("lake"));
    Files.writeString(newer.resolve("lake/tributary.json"), "{\"id\":\"x\",\"format\":99}");
    Path nowhere = folder.resolve("no/such/project");

    assertThat(Commands.all()).hasSizeGreaterThan(25);
    assertThat(Commands.all().stream().map(CommandEntry::words)).containsAll(NEEDED.keySet());
    return Commands.all().stream()
        .flatMap(
            command ->
                Stream.of(
                    test(command, "no such option", nowhere, "--no-such-option"),
                    test(command, "no such project", nowhere),
                    test(command, "a broken project", broken),
                    test(command, "a lake of a newer format", newer)));
  }

  private static DynamicTest test(CommandEntry command, String what, Path project, String... more) {
    String words = command.words();
    return DynamicTest.dynamicTest(
        words + ": " + what,
        () -> {
          List<String> args = new ArrayList<>();
          args.add(words.equals("init") ? project.toString() : "--project=" + project);
          args.addAll(NEEDED.getOrDefault(words, List.of()));
          args.addAll(List.of(more));
          args.add("--json");
          requireAnswer(
              words,
              what,
              words.equals("serve")
                  ? serve(args)
                  : command.classPath() == ClassPath.LIGHT
                      ? light(words, args)
                      : heavy(command, args));
        });
  }

  private static void requireAnswer(String words, String what, Answered answered) {
    String said = words + ": " + what + "\n" + answered;
    assertThat(answered.out().strip()).as(said).doesNotContain("\n");
    JsonNode json = Json.read(answered.out(), JsonNode.class);
    assertThat(answered.err()).as(said).doesNotContain("\tat ", "Exception");
    if (needsNothing(words, what)) {
      return;
    }
    assertThat(answered.code()).as(said).isBetween(2, 4);
    JsonNode error = json.path("error");
    assertThat(error.path("code").asText()).as(said).isNotEmpty();
    assertThat(error.path("group").asText()).as(said).isIn("USER", "DATA", "EXTERNAL");
    assertThat(error.path("message").asText()).as(said).isNotEmpty();
    assertThat(answered.err()).as(said).contains(error.path("message").asText());
  }

  /** Commands that answer although something is wrong, or that don't look at it. */
  private static boolean needsNothing(String words, String what) {
    return words.equals("doctor") && !what.equals("no such option")
        || words.equals("check") && !what.startsWith("no such")
        || what.equals("a lake of a newer format")
            && List.of("show", "pipeline", "features list", "features show").contains(words)
        || what.equals("a broken project")
            && List.of("runs", "upgrade", "registry list", "registry search", "registry history")
                .contains(words);
  }

  private static Answered light(String words, List<String> args) {
    List<String> all = new ArrayList<>(List.of(words.split(" ")));
    all.addAll(args);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Tributary.run(new PrintWriter(out), new PrintWriter(err), all.toArray(String[]::new));
    return new Answered(code, out.toString(), err.toString());
  }

  private static Answered serve(List<String> args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Tributary.run(
            new PrintWriter(out),
            new PrintWriter(err),
            "serve",
            new ServeCommand(new CompiledViews()),
            args.toArray(String[]::new));
    return new Answered(code, out.toString(), err.toString());
  }

  private static Answered heavy(CommandEntry command, List<String> args)
      throws ReflectiveOperationException {
    Constructor<?> constructor = body(command).getDeclaredConstructor();
    constructor.setAccessible(true);
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    ByteArrayOutputStream warned = new ByteArrayOutputStream();
    try (PrintStream o = new PrintStream(said, true, StandardCharsets.UTF_8);
        PrintStream e = new PrintStream(warned, true, StandardCharsets.UTF_8)) {
      System.setOut(o);
      System.setErr(e);
      int code =
          JobMain.run(
              command.words(),
              args.toArray(String[]::new),
              (JobMain.Body) constructor.newInstance());
      return new Answered(
          code, said.toString(StandardCharsets.UTF_8), warned.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** The main class itself, or, where that has subcommands, the one in it that does this. */
  private static Class<?> body(CommandEntry command) throws ClassNotFoundException {
    Class<?> main = Class.forName(command.main().orElseThrow());
    if (JobMain.Body.class.isAssignableFrom(main)) {
      return main;
    }
    return switch (command.subcommand().orElse("")) {
      case "show" -> Class.forName(main.getName() + "$Show");
      case "release" -> Class.forName(main.getName() + "$Decide");
      default -> throw new IllegalArgumentException(command.words());
    };
  }
}
