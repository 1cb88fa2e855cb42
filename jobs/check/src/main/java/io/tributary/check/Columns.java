package io.tributary.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where on its line each finding in a project's files is. */
final class Columns {
  private static final Pattern QUOTED = Pattern.compile("[\"`]([^\"`\n]{1,80})[\"`]");

  /** A longer file is no definition: some sources read JSON. */
  private static final long LONGEST = 4L << 20;

  private final Path folder;
  private final Map<String, List<String>> files = new HashMap<>();

  Columns(Path folder) {
    this.folder = folder;
  }

  Finding locate(Finding finding) {
    List<String> lines = files.computeIfAbsent(finding.file(), this::lines);
    if (finding.line() > lines.size()) {
      return finding;
    }
    String line = lines.get(finding.line() - 1);
    Matcher quoted = QUOTED.matcher(finding.message());
    while (quoted.find()) {
      String name = quoted.group(1).substring(quoted.group(1).lastIndexOf('.') + 1);
      Matcher word =
          Pattern.compile("(?<![\\w])" + Pattern.quote(name) + "(?![\\w])").matcher(line);
      if (word.find()) {
        return finding.at(word.start() + 1);
      }
    }
    int begin = 0;
    while (begin < line.length() && " -\t".indexOf(line.charAt(begin)) >= 0) {
      begin++;
    }
    return finding.at(begin == line.length() ? 1 : begin + 1);
  }

  /** None of a file that is no definition, or can't be read. */
  private List<String> lines(String file) {
    if (!file.matches("[^:]*\\.(ya?ml|json)")) {
      return List.of();
    }
    try {
      Path path = folder.resolve(file);
      return Files.size(path) > LONGEST ? List.of() : Files.readAllLines(path);
    } catch (IOException e) {
      return List.of();
    }
  }
}
