package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.testing.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What holds for all pages: how long they are, where they lead, which names they use. */
class TestDocumentation {
  private static final Path ROOT = Folders.repository();
  private static final int WIDEST_LINE = 160;
  private static final int LINES_OF_A_README = 25;
  private static final int WIDEST_LINE_OF_A_README = 120;

  private static final Pattern FENCE =
      Pattern.compile("^```.*?^```", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern ROW_OF_A_TABLE = Pattern.compile("^\\|.*\n", Pattern.MULTILINE);
  private static final Pattern SPAN = Pattern.compile("`([^`]+)`");
  private static final Pattern LINK =
      Pattern.compile("](?:\\(|: )([^)#:\\s]+)(?:#[^)\\s]*)?(?:\\)|$)", Pattern.MULTILINE);

  /**
   * {@code JobRunner} in a diagram, where {@code Spark} may be a mere word; in a span also {@code
   * Job}.
   */
  private static final Pattern NAME_IN_A_DIAGRAM =
      Pattern.compile("\\b(?:IT)?[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+\\b");

  private static final Pattern NAME_IN_A_SPAN = Pattern.compile("\\b(?:IT)?[A-Z][a-z]\\w*");

  private static final Pattern DECLARATION =
      Pattern.compile("\\b(?:class|interface|enum|record) (\\w+)");

  private static List<Path> modules;
  private static Set<String> types;

  @BeforeAll
  static void readSources() throws IOException {
    modules = ModuleTable.modules(ROOT).stream().map(ROOT::resolve).toList();
    types = new TreeSet<>();
    for (Path module : modules) {
      for (Path file : files(module.resolve("src"), ".java")) {
        types.addAll(all(DECLARATION, Files.readString(file)));
      }
    }
  }

  @Test
  void eachModuleHasAShortReadmeWithADiagram() throws IOException {
    for (Path module : modules) {
      Path readme = module.resolve("README.md");
      assertThat(readme).isRegularFile();
      String text = Files.readString(readme);
      String prose = ROW_OF_A_TABLE.matcher(text).replaceAll("");
      assertThat(prose.lines()).as(readme.toString()).hasSizeLessThanOrEqualTo(LINES_OF_A_README);
      assertThat(wide(prose, WIDEST_LINE_OF_A_README)).as(readme.toString()).isEmpty();
      assertThat(FENCE.matcher(text).results()).as(readme.toString()).hasSize(1);
      assertThat(text).startsWith("# " + ROOT.relativize(module) + "\n");
    }
  }

  @Test
  void aReadmeNamesTypesThatThereAre() throws IOException {
    for (Path module : modules) {
      Path readme = module.resolve("README.md");
      Set<String> unknown = names(Files.readString(readme));
      unknown.removeAll(types);
      assertThat(unknown).as(readme.toString()).isEmpty();
    }
  }

  @Test
  void noLineIsTooLongForAScreen() throws IOException {
    for (Path page : pages()) {
      assertThat(wide(Files.readString(page), WIDEST_LINE)).as(page.toString()).isEmpty();
    }
  }

  @Test
  void linksLeadToFiles() throws IOException {
    int links = 0;
    for (Path page : pages()) {
      for (String link : all(LINK, FENCE.matcher(Files.readString(page)).replaceAll(""))) {
        assertThat(page.resolveSibling(link).normalize()).as(page + " links to").exists();
        links++;
      }
    }
    assertThat(links).isGreaterThan(50);
  }

  @Test
  void findsNamesInDiagramsAndSpans() {
    assertThat(
            names(
                "Spark\n```\nSpark ──▶ JobRunner\n```\n`Job`, `Lake.open(uri)`, `IT…`, `ITJob`\n"))
        .containsExactly("ITJob", "Job", "JobRunner", "Lake");
    assertThat(wide("short\n" + "é".repeat(121), 120)).containsExactly("é".repeat(121));
  }

  private static Set<String> names(String text) {
    Set<String> names = new TreeSet<>();
    for (String diagram : FENCE.matcher(text).results().map(r -> r.group()).toList()) {
      names.addAll(all(NAME_IN_A_DIAGRAM, diagram));
    }
    for (String span : all(SPAN, FENCE.matcher(text).replaceAll(""))) {
      names.addAll(all(NAME_IN_A_SPAN, span));
    }
    return names;
  }

  private static List<String> wide(String text, int most) {
    return text.lines().filter(line -> line.codePointCount(0, line.length()) > most).toList();
  }

  private static List<String> all(Pattern pattern, String text) {
    List<String> found = new ArrayList<>();
    Matcher matcher = pattern.matcher(text);
    while (matcher.find()) {
      found.add(matcher.group(matcher.groupCount()));
    }
    return found;
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    try (Stream<Path> top = Files.list(ROOT)) {
      top.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
    }
    pages.addAll(files(ROOT.resolve("docs"), ".md"));
    for (Path module : modules) {
      pages.add(module.resolve("README.md"));
    }
    try (Stream<Path> examples = Files.list(ROOT.resolve("examples"))) {
      examples
          .map(example -> example.resolve("README.md"))
          .filter(Files::exists)
          .forEach(pages::add);
    }
    return pages;
  }

  private static List<Path> files(Path folder, String end) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(file -> file.toString().endsWith(end)).toList();
    }
  }
}
