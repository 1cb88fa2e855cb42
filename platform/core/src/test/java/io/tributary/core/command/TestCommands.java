package io.tributary.core.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What is made of the catalogue is what it says; -Dwrite-docs=true writes both files again. */
class TestCommands {
  private static final Path LAUNCHERS = Path.of("../../bin/commands");
  private static final Path SUBMIT = Path.of("../../docs/submit.md");
  private static final Pattern TABLE = Pattern.compile("\\| command \\|(?:.*\n)(?:\\|.*\n)+");

  @Test
  void theLauncherReadsWhatTheCatalogueSays() throws IOException {
    if (Boolean.getBoolean("write-docs")) {
      Files.writeString(LAUNCHERS, Commands.launchers());
    }
    assertThat(LAUNCHERS).hasContent(Commands.launchers());
    assertThat(Commands.launchers()).contains("run\theavy\tio.tributary.pipeline.RunMain\n");
  }

  @Test
  void thePageOfSparkSubmitNamesEachMainClass() throws IOException {
    String page = Files.readString(SUBMIT);
    if (Boolean.getBoolean("write-docs")) {
      page = TABLE.matcher(page).replaceFirst(Matcher.quoteReplacement(Commands.submitTable()));
      Files.writeString(SUBMIT, page);
    }
    assertThat(page).contains(Commands.submitTable());
  }

  @Test
  void everyCommandCanBeRunOrHasSubcommands() {
    assertThat(Commands.first())
        .allSatisfy(
            entry ->
                assertThat(entry.main().isPresent() || !Commands.below(entry.words()).isEmpty())
                    .as(entry.words())
                    .isTrue());
    assertThat(Commands.all())
        .allSatisfy(entry -> assertThat(Commands.find(entry.command())).isPresent());
  }

  /** The launcher starts the first whose words are the first that were typed. */
  @Test
  void aSubcommandStandsBeforeACommandThatCanBeRunItself() {
    List<String> words = Commands.launchers().lines().map(line -> line.split("\t", 2)[0]).toList();
    assertThat(words).contains("monitor show").doesNotHaveDuplicates();
    for (int i = 0; i < words.size(); i++) {
      String command = words.get(i);
      assertThat(words.subList(i + 1, words.size()))
          .noneMatch(later -> later.startsWith(command + " "));
    }
  }

  @Test
  void stepsAreCommandsThatWorkOnDefinitions() {
    assertThat(Commands.steps())
        .extracting(entry -> entry.words() + " " + entry.subject().text())
        .containsExactly(
            "ingest source",
            "materialize view",
            "publish view",
            "training-set training-set",
            "train model",
            "score scores",
            "monitor monitor");
  }
}
