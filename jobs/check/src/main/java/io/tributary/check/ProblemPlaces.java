package io.tributary.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where on its line each problem in a project's files is. */
final class ProblemPlaces {
  private static final Pattern QUOTED = Pattern.compile("[\"`]([^\"`\n]{1,80})[\"`]");

  /** A longer file is no definition: some sources read JSON. */
  private static final long LONGEST = 4L << 20;

  private final Path folder;
  private final Map<String, List<String>> files = new HashMap<>();

  ProblemPlaces(Path folder) {
    this.folder = folder;
  }

  /** The problem at the column, and in a suite at the line, of what its message quotes first. */
  PlacedProblem locate(PlacedProblem problem) {
    List<String> lines = files.computeIfAbsent(problem.file(), this::lines);
    boolean isSuite = problem.file().startsWith("expectations/");
    int from = isSuite ? 1 : problem.line();
    int to = isSuite ? lines.size() : Math.min(problem.line(), lines.size());
    Matcher quoted = QUOTED.matcher(problem.message());
    while (quoted.find()) {
      String name = quoted.group(1).substring(quoted.group(1).lastIndexOf('.') + 1);
      Pattern word = Pattern.compile("(?<!\\w)" + Pattern.quote(name) + "(?!\\w)");
      for (int line = from; line <= to; line++) {
        Matcher found = word.matcher(lines.get(line - 1));
        if (found.find()) {
          return problem.at(line, found.start() + 1);
        }
      }
    }
    return problem.line() > lines.size()
        ? problem
        : problem.at(problem.line(), begin(lines.get(problem.line() - 1)));
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
