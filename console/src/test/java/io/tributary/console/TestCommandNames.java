package io.tributary.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.command.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What messages and pages tell people to type is there to be typed. */
class TestCommandNames {
  private static final Path ROOT = Path.of("..");

  /** {@code tributary COMMAND SUBCOMMAND}, where a person would type it. */
  private static final Pattern TYPED =
      Pattern.compile("(?<![\\w./{-])(?:bin/)?tributary ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?");

  /** A string of Java, in which alone messages stand. */
  private static final Pattern TEXT = Pattern.compile("\"(?:[^\"\\\\\n]|\\\\.)*\"");

  private static boolean isKnown(String command, String word) {
    return Commands.find(command).isPresent()
        && (word == null
            || Commands.find(command).orElseThrow().main().isPresent()
            || Commands.find(command + " " + word).isPresent());
  }

  private static List<Path> files(String below, String suffix) throws IOException {
    try (Stream<Path> all = Files.walk(ROOT.resolve(below))) {
      return all.filter(f -> f.toString().endsWith(suffix) && !f.toString().contains("/target/"))
          .toList();
    }
  }

  private static List<String> unknown(List<Path> files, boolean java) throws IOException {
    List<String> unknown = new ArrayList<>();
    files.forEach(
        file -> {
          try {
            String text = Files.readString(file);
            String said =
                java
                    ? String.join("\n", TEXT.matcher(text).results().map(r -> r.group()).toList())
                    : text;
            Matcher typed = TYPED.matcher(said);
            while (typed.find()) {
              if (!isKnown(typed.group(1), typed.group(2))) {
                unknown.add(file + ": " + typed.group());
              }
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return unknown;
  }

  @Test
  void messagesNameCommandsThatExist() throws IOException {
    for (String part : List.of("platform", "feature-store", "registry", "console", "jobs")) {
      List<Path> main =
          files(part, ".java").stream().filter(f -> f.toString().contains("/main/")).toList();
      assertThat(main).isNotEmpty();
      assertThat(unknown(main, true)).as(part).isEmpty();
    }
  }

  @Test
  void pagesNameCommandsThatExist() throws IOException {
    List<Path> pages = new ArrayList<>(files("docs", ".md"));
    pages.add(ROOT.resolve("README.md"));
    assertThat(unknown(pages, false)).isEmpty();
  }

  @Test
  void noticesOneThatDoesNot() throws IOException {
    Path file = Files.createTempFile("message", ".java");
    try {
      Files.writeString(
          file, "String s = \"See what there is: tributary plan.\"; // tributary x\n");
      assertThat(unknown(List.of(file), true)).containsExactly(file + ": tributary plan");
    } finally {
      Files.delete(file);
    }
  }
}
