package io.tributary.definition.internal;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A word with arguments, {@code dense(128, relu)}, or without, {@code standardize}. */
record CallText(String name, List<String> arguments) {
  private static final Pattern TEXT = Pattern.compile("([a-z][a-z-]*)\\s*(?:\\(([^()]*)\\))?");

  static Optional<CallText> parse(String text) {
    Matcher m = TEXT.matcher(text.strip());
    if (!m.matches()) {
      return Optional.empty();
    }
    String inside = m.group(2);
    return Optional.of(
        new CallText(
            m.group(1),
            inside == null || inside.isBlank()
                ? List.of()
                : Arrays.stream(inside.split(",", -1)).map(String::strip).toList()));
  }

  /** An argument as a whole number in a range. */
  Optional<Integer> integer(int index, int least, int greatest) {
    if (index >= arguments.size() || !arguments.get(index).matches("\\d{1,9}")) {
      return Optional.empty();
    }
    int n = Integer.parseInt(arguments.get(index));
    return n >= least && n <= greatest ? Optional.of(n) : Optional.empty();
  }
}
