package io.tributary.pipeline;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.definition.WrittenKeys;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * In what the definitions of two things differ: in what they mean, in settings that decide no
 * value, and in wording alone.
 *
 * @param before what is compared with
 * @param now what is compared
 * @param changed definitions that both have and that are not the same, by file
 * @param added those that only {@code now} has, by kind and name
 * @param removed those that only {@code before} has, by kind and name
 * @param layout whether files differ although no definition does: in comments, layout, order of
 *     keys, or a file that these things don't use
 */
record ProjectDifference(
    String before,
    String now,
    List<Changed> changed,
    List<String> added,
    List<String> removed,
    boolean layout) {
  /** Keys of any definition that are for people. */
  private static final Set<String> WORDS = Set.of("description", "owner", "tags");

  private static final Pattern COLUMN_WORDS =
      Pattern.compile("columns\\.[^.]+\\.(description|tags(\\[.*)?)");

  /** Keys that decide where things are, who is let in and what follows, and no value. */
  private static final Pattern SETTINGS =
      Pattern.compile(
          "source read\\.(path|url|table|credentials|watermark|change|changed-at)"
              + "|source (other-columns|on-duplicate-key|subject-key|expectations|expect-by|overdue)"
              + "|source columns\\.[^.]+\\.(optional|was)"
              + "|view (online|status)|model (promote|margin|retrain\\..+)"
              + "|monitor breach");

  /** The facts of a source that say how its files are read, which counts for what comes. */
  private static final Pattern READING =
      Pattern.compile("(format|header|null\\..*|option\\..*|column-format\\..*)");

  /**
   * One side.
   *
   * @param name for people
   * @param definitions by kind and name
   * @param files the digest of all definition files of the folder; empty where none is known
   */
  record Side(String name, Map<String, Definition> definitions, Optional<Digest> files) {}

  /** A key and what it was and is; empty where it is not written. */
  record Key(String key, Optional<String> before, Optional<String> now) {
    @Override
    public String toString() {
      return "%s: %s → %s".formatted(key, before.orElse("-"), now.orElse("-"));
    }
  }

  /**
   * A definition that differs.
   *
   * @param definition kind and name
   * @param meaning keys that change what it means; all that are not known to change nothing
   * @param through what it is made of that means something else, by kind and name; empty where its
   *     own meaning is the same
   * @param facts what of its meaning differs although neither a key nor what it is made of does
   * @param remakes what becomes of what was made with it; empty where it means the same
   */
  record Changed(
      String definition,
      String file,
      List<Key> meaning,
      List<String> through,
      List<String> facts,
      Optional<String> remakes,
      List<Key> settings,
      List<Key> wording) {}

  static ProjectDifference of(Side before, Side now) {
    List<Changed> changed = new ArrayList<>();
    for (Definition present : now.definitions().values()) {
      Definition former = before.definitions().get(present.reference());
      if (former != null && !sameAs(former, present)) {
        changed.add(changed(former, present, before, now));
      }
    }
    changed.sort((a, b) -> a.file().compareTo(b.file()));
    List<String> added = only(now, before);
    List<String> removed = only(before, now);
    boolean otherFiles =
        before.files().isPresent()
            && now.files().isPresent()
            && !before.files().equals(now.files());
    return new ProjectDifference(
        before.name(),
        now.name(),
        changed,
        added,
        removed,
        otherFiles && changed.isEmpty() && added.isEmpty() && removed.isEmpty());
  }

  boolean isEmpty() {
    return changed.isEmpty() && added.isEmpty() && removed.isEmpty() && !layout;
  }

  private static List<String> only(Side one, Side other) {
    return List.copyOf(
        new TreeSet<>(
            one.definitions().keySet().stream()
                .filter(name -> !other.definitions().containsKey(name))
                .toList()));
  }

  private static boolean sameAs(Definition former, Definition present) {
    return former.meaning().equals(present.meaning()) && former.text().equals(present.text());
  }

  private static Changed changed(Definition former, Definition present, Side before, Side now) {
    boolean same = former.meaning().equals(present.meaning());
    Set<String> facts = same ? Set.of() : facts(former, present);
    List<Key> meaning = new ArrayList<>();
    List<Key> settings = new ArrayList<>();
    List<Key> wording = new ArrayList<>();
    for (Key key : keys(former, present)) {
      if (WORDS.contains(key.key().replaceFirst("[.\\[].*", ""))
          || COLUMN_WORDS.matcher(key.key()).matches()) {
        wording.add(key);
      } else if (SETTINGS.matcher(present.kind() + " " + key.key()).matches()) {
        settings.add(key);
      } else if (same || !decides(present.kind(), key.key(), facts)) {
        wording.add(key);
      } else {
        meaning.add(key);
      }
    }
    List<String> through =
        same
            ? List.of()
            : present.uses().keySet().stream()
                .filter(used -> meansOtherwise(used, before, now))
                .toList();
    return new Changed(
        present.reference(),
        present.file(),
        meaning,
        through,
        meaning.isEmpty() && through.isEmpty() ? List.copyOf(facts) : List.of(),
        same ? Optional.empty() : Optional.of(remakes(present, facts)),
        settings,
        wording);
  }

  private static boolean meansOtherwise(String used, Side before, Side now) {
    Definition former = before.definitions().get(used);
    Definition present = now.definitions().get(used);
    return former == null || present == null || !former.meaning().equals(present.meaning());
  }

  private static List<Key> keys(Definition former, Definition present) {
    Map<String, String> then = WrittenKeys.of(former.text());
    Map<String, String> written = WrittenKeys.of(present.text());
    Set<String> names = new LinkedHashSet<>(written.keySet());
    names.addAll(then.keySet());
    return names.stream()
        .filter(name -> !Objects.equals(then.get(name), written.get(name)))
        .map(
            name ->
                new Key(
                    name,
                    Optional.ofNullable(then.get(name)),
                    Optional.ofNullable(written.get(name))))
        .toList();
  }

  /** The facts of a meaning that differ, by name. A suite's meaning has none. */
  private static Set<String> facts(Definition former, Definition present) {
    if (present.kind().equals("suite")) {
      return Set.of();
    }
    Map<String, String> then = Definition.facts(former.meaning());
    Map<String, String> now = Definition.facts(present.meaning());
    Set<String> names = new TreeSet<>(then.keySet());
    names.addAll(now.keySet());
    names.removeIf(name -> Objects.equals(then.get(name), now.get(name)));
    return names;
  }

  /**
   * Whether a key may have changed the meaning: all may, but a feature or a label that comes to the
   * same facts.
   *
   * @param facts those that differ
   */
  private static boolean decides(String kind, String key, Set<String> facts) {
    if (kind.equals("view") && key.matches("(features|derived)\\..+")) {
      String feature = "feature." + key.substring(key.indexOf('.') + 1);
      return facts.stream().anyMatch(f -> f.equals(feature) || f.startsWith(feature + "_"));
    }
    if (kind.equals("training-set") && key.startsWith("label.")) {
      return facts.stream().anyMatch(f -> f.equals("label") || f.startsWith("label-source."));
    }
    return true;
  }

  /** What becomes of what was made with a definition, as docs/changes.md says. */
  private static String remakes(Definition present, Set<String> facts) {
    return switch (present.kind()) {
      case "view" ->
          present.isDraft()
              ? "what was built with the draft is stale"
              : "it needs a version of its own, or an amendment; then what was built with it is stale";
      case "source" ->
          facts.stream().allMatch(fact -> READING.matcher(fact).matches())
              ? "files are read so from the next delivery on"
              : facts.equals(Set.of("zone"))
                  ? "files are read by it from the next delivery on"
                  : "the next ingest makes its rows anew";
      case "suite" -> "it judges the next delivery on; nothing is made again";
      case "training-set" -> "the next run builds it again";
      case "model" -> "the next run trains a version";
      case "scores" -> "the next run scores again";
      case "monitor" -> "the next run judges again";
      default -> "the next run follows it; nothing is stale";
    };
  }

  /** In lines for people. */
  List<String> lines() {
    if (isEmpty()) {
      return List.of("%s and %s say the same.".formatted(before, now));
    }
    List<String> lines = new ArrayList<>(List.of("%s → %s".formatted(before, now)));
    List<Changed> meaning = changed.stream().filter(c -> c.remakes().isPresent()).toList();
    if (!meaning.isEmpty()) {
      lines.add("meaning");
      for (Changed definition : meaning) {
        lines.add("  " + head(definition) + ": " + definition.remakes().get());
        definition.meaning().forEach(key -> lines.add("    " + key));
        definition.through().forEach(used -> lines.add("    through " + used));
        if (!definition.facts().isEmpty()) {
          lines.add(
              "    the same text comes to something else in "
                  + String.join(", ", definition.facts()));
        }
      }
    }
    add("settings that decide no value", Changed::settings, lines);
    add("wording", Changed::wording, lines);
    added.forEach(name -> lines.add("only in %s: %s".formatted(now, name)));
    removed.forEach(name -> lines.add("only in %s: %s".formatted(before, name)));
    if (layout) {
      lines.add(
          "All these definitions say the same; files of the folder differ in comments, layout, order of keys, or are used by none of these.");
    }
    return lines;
  }

  private void add(String heading, Function<Changed, List<Key>> of, List<String> lines) {
    if (changed.stream().allMatch(c -> of.apply(c).isEmpty())) {
      return;
    }
    lines.add(heading);
    for (Changed definition : changed) {
      if (!of.apply(definition).isEmpty()) {
        lines.add("  " + head(definition));
        of.apply(definition).forEach(key -> lines.add("    " + key));
      }
    }
  }

  private static String head(Changed definition) {
    return "%s (%s)".formatted(definition.file(), definition.definition());
  }
}
