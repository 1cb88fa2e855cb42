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

  /** The finding at the column, and in a suite at the line, of what its message quotes first. */
  Finding locate(Finding finding) {
    List<String> lines = files.computeIfAbsent(finding.file(), this::lines);
    boolean isSuite = finding.file().startsWith("expectations/");
    int from = isSuite ? 1 : finding.line();
    int to = isSuite ? lines.size() : Math.min(finding.line(), lines.size());
    Matcher quoted = QUOTED.matcher(finding.message());
    while (quoted.find()) {
      String name = quoted.group(1).substring(quoted.group(1).lastIndexOf('.') + 1);
      Pattern word = Pattern.compile("(?<!\\w)" + Pattern.quote(name) + "(?!\\w)");
      for (int line = from; line <= to; line++) {
        Matcher found = word.matcher(lines.get(line - 1));
        if (found.find()) {
          return finding.at(line, found.start() + 1);
        }
      }
    }
    return finding.line() > lines.size()
        ? finding
        : finding.at(finding.line(), begin(lines.get(finding.line() - 1)));
  }

  private static int begin(String line) {
    int begin = 0;
    while (begin < line.length() && " -\t".indexOf(line.charAt(begin)) >= 0) {
      begin++;
    }
    return begin == line.length() ? 1 : begin + 1;
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
