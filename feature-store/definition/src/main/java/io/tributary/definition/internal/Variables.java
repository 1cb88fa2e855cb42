package io.tributary.definition.internal;

import io.tributary.core.Nearest;
import io.tributary.definition.Secret;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts {@code ${NAME}} and {@code ${NAME:-default}} into {@code tributary.yaml}. */
final class Variables {
  private static final Pattern USE =
      Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?}");
  private static final Pattern WHOLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");
  private static final Pattern SECRET_KEY =
      Pattern.compile("(?i).*(password|passwd|token|secret).*");

  private final Map<String, String> environment;
  private final Map<String, String> own = new HashMap<>();
  private final Set<String> secrets = new HashSet<>();

  Variables(Map<String, String> environment) {
    this.environment = environment;
  }

  /** A variable of the platform's own, which stands before the environment's. */
  void put(String name, String value) {
    own.put(name, value);
  }

  /** Learns which variables hold secrets: those that a key such as {@code password} names. */
  void learnSecrets(YamlValue value) {
    for (YamlValue.Entry entry : value.entries()) {
      if (entry.value().isScalar() && SECRET_KEY.matcher(entry.key()).matches()) {
        Matcher m = USE.matcher(entry.value().rawText());
        while (m.find()) {
          secrets.add(m.group(1));
        }
      }
      learnSecrets(entry.value());
    }
    value.items().forEach(this::learnSecrets);
  }

  /** A scalar's text with its variables put in; says which can't be, and returns nothing then. */
  Optional<String> expand(YamlValue value, String text) {
    Matcher m = USE.matcher(text);
    StringBuilder expanded = new StringBuilder();
    boolean all = true;
    while (m.find()) {
      Optional<String> put = resolved(value, m.group(1), Optional.ofNullable(m.group(2)));
      all &= put.isPresent();
      m.appendReplacement(expanded, Matcher.quoteReplacement(put.orElse("")));
    }
    m.appendTail(expanded);
    if (USE.matcher(text).replaceAll("").contains("${")) {
      value.problem(
          value.subject()
              + " has a \"${\" that is no variable. Write ${NAME} or ${NAME:-default}.");
      all = false;
    }
    return all ? Optional.of(expanded.toString()) : Optional.empty();
  }

  private Optional<String> resolved(YamlValue value, String name, Optional<String> otherwise) {
    if (own.containsKey(name)) {
      return Optional.of(own.get(name));
    }
    if (secrets.contains(name)) {
      value.problem(
          value.subject()
              + " uses ${"
              + name
              + "}, which holds a secret: it may stand only where it is a password, a token or a"
              + " secret. Take it out of "
              + value.subject()
              + ".");
      return Optional.empty();
    }
    Optional<String> set =
        Optional.ofNullable(environment.get(name))
            .filter(v -> otherwise.isEmpty() || !v.isEmpty())
            .or(() -> otherwise);
    if (set.isEmpty()) {
      value.problem(
          value.subject()
              + " needs the environment variable "
              + name
              + ", which is not set. Set it, or write ${"
              + name
              + ":-default}."
              + Nearest.of(name, environment.keySet().stream().sorted().toList())
                  .map(near -> " The environment has " + near + ".")
                  .orElse(""));
    }
    return set;
  }

  /** {@code ${NAME}} and nothing else, so that no file holds a secret. */
  Optional<Secret> secret(YamlValue value, YamlType<Secret> expected) {
    Matcher m = WHOLE.matcher(value.isScalar() ? value.rawText().strip() : "");
    if (!m.matches()) {
      value.problem(
          value.subject()
              + " is not "
              + expected.expected()
              + ". A secret never stands in a file: write ${NAME} and set NAME.");
      return Optional.empty();
    }
    String set = environment.get(m.group(1));
    if (set == null || set.isEmpty()) {
      value.problem(
          value.subject()
              + " needs the environment variable "
              + m.group(1)
              + ", which is not set. Set it.");
      return Optional.empty();
    }
    return Optional.of(new Secret(m.group(1), set));
  }
}
