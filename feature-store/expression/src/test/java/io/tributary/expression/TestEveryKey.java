package io.tributary.expression;

import static io.tributary.expression.TestEveryKey.Effect.FIT;
import static io.tributary.expression.TestEveryKey.Effect.MEANING;
import static io.tributary.expression.TestEveryKey.Effect.NAME;
import static io.tributary.expression.TestEveryKey.Effect.WORDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Digest;
import io.tributary.definition.ProjectReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every key of the configuration reference changes something: an edit for each, and what it does to
 * the digest of the thing that it stands in. What is made again follows from that.
 */
class TestEveryKey {
  private static final Path REFERENCE = Path.of("../../docs/configuration.md");

  enum Effect {
    /** The thing's meaning. */
    MEANING,
    /** Of a model, beside its meaning what decides the network. */
    FIT,
    /** What it is called, which is no part of its meaning. */
    NAME,
    /** What people read, and no digest. */
    WORDS
  }

  /**
   * An edit that changes what a key says.
   *
   * @param key below its section, as in {@code split.train}
   * @param thing whose digest is looked at, as in {@code model late}
   */
  private record Edit(String key, String thing, String from, String to, Effect effect) {}

  private static Edit set(String key, String from, String to, Effect effect) {
    return new Edit(key, "training-set late", from, to, effect);
  }

  private static Edit churn(String key, String from, String to) {
    return new Edit(key, "training-set churn", from, to, MEANING);
  }

  private static Edit model(String key, String from, String to, Effect effect) {
    return new Edit(key, "model late", from, to, effect);
  }

  private static Edit keys(String key, String from, String to) {
    return new Edit(key, "model keys", from, to, FIT);
  }

  /** The edits of each section of the reference that is gone through. */
  private static final Map<String, List<Edit>> EDITS =
      Map.of(
          "training-sets/*.yaml",
          List.of(
              set("training-set", "training-set: late", "training-set: later", NAME),
              set("description", "Who is late.", "Who comes late.", WORDS),
              set("known-until", "2024-05-01", "2024-06-01", MEANING),
              set("rows.source", "  source: plan\n", "  source: other_plan\n", MEANING),
              set("rows.as-of", "starts - interval 1 hour", "starts - interval 2 hours", MEANING),
              set("rows.where", "driver <> 'test'", "driver <> 'tests'", MEANING),
              churn("rows.every", "every: 7d", "every: 14d"),
              churn("rows.entity", "entity: [driver]", "entity: [driver, city]"),
              churn("rows.from", "from: 2024-01-01", "from: 2024-01-02"),
              churn("rows.to", "to: 2024-06-03", "to: 2024-06-10"),
              set("label.name", "name: late", "name: too_late", MEANING),
              set("label.source", "  source: rides\n", "  source: other_rides\n", MEANING),
              set("label.value", "delay > 15", "delay > 20", MEANING),
              set("label.where", "delay is not null", "delay > 0", MEANING),
              churn("label.during", "(0d, 90d]", "(0d, 60d]"),
              churn("label.maturity", "maturity: 2d", "maturity: 3d"),
              churn("label.keys", "keys: {driver: driver}", "keys: {driver: driver, city: city}"),
              set("features.view", "view: history@1", "view: history@2", MEANING),
              set("features.keys", "{driver: driver}", "{driver: substitute}", MEANING),
              set("features.as", "as: before", "as: earlier", MEANING),
              set("features.take", "take: [n_7d]", "take: [n_7d, n_30d]", MEANING)),
          "models/*.yaml",
          List.of(
              model("model", "model: late", "model: later", FIT),
              model("description", "Lateness.", "How late.", WORDS),
              model("training-set", "training-set: late", "training-set: late_too", FIT),
              model("split.train", "-90d/-30d", "-91d/-30d", FIT),
              model("split.validate", "-30d/-15d", "-30d/-16d", FIT),
              model("split.test", "-15d/0d", "-14d/0d", FIT),
              keys("split.by", "by: [driver]", "by: [driver, ride]"),
              keys("split.salt", "salt: a", "salt: b"),
              model("inputs", "default: raw", "default: standardize", FIT),
              model("network", "dense(8, relu)", "dense(8, tanh)", FIT),
              model("fit.updater", "updater: adam", "updater: nesterovs", FIT),
              model("fit.learning-rate", "learning-rate: 0.01", "learning-rate: 0.02", FIT),
              model("fit.batch", "batch: 64", "batch: 65", FIT),
              model("fit.epochs", "epochs: 3", "epochs: 4", FIT),
              model("fit.patience", "patience: 2", "patience: 1", FIT),
              model("fit.seed", "seed: 1", "seed: 2", FIT),
              model("evaluate.metrics", "metrics: [auc]", "metrics: [auc, brier]", MEANING),
              model("evaluate.slices", "slices: [driver]", "slices: [city]", MEANING),
              model("admit", "leaks <= 3", "leaks <= 4", MEANING),
              model("online", "online: stale\n", "", MEANING)));

  private static final String SOURCE =
      """
      read: {format: csv, path: in/*.csv}
      columns:
        ride: bigint
        driver: string
        substitute: string
        city: string
        starts: timestamp
        delay: double
      event-time: starts
      availability-delay: 1h
      event-key: [ride]
      """;

  private static final String VIEW =
      """
      entity: [driver]
      source: rides
      online: true
      features:
        n: count(*) over 7d, 30d
      """;

  private static final String SET =
      """
      rows:
        source: plan
        as-of: starts - interval 1 hour
        where: driver <> 'test'
      label:
        name: late
        source: rides
        value: delay > 15
        where: delay is not null
      features:
        - view: history@1
          keys: {driver: driver}
          as: before
          take: [n_7d]
      known-until: 2024-05-01
      """;

  private static Map<String, String> files() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("tributary.yaml", "project: keys\nzone: Europe/Berlin\nlake: lake\n");
    for (String source : List.of("plan", "other_plan", "rides", "other_rides")) {
      files.put("sources/" + source + ".yaml", "source: " + source + "\n" + SOURCE);
    }
    files.put("features/history_1.yaml", "view: history@1\n" + VIEW);
    files.put("features/history_2.yaml", "view: history@2\n" + VIEW);
    files.put("training-sets/late.yaml", "training-set: late\ndescription: Who is late.\n" + SET);
    files.put(
        "training-sets/late_too.yaml",
        "training-set: late_too\n" + SET.replace("delay > 15", "delay > 30"));
    files.put(
        "training-sets/churn.yaml",
        """
        training-set: churn
        rows:
          source: rides
          every: 7d
          entity: [driver]
          from: 2024-01-01
          to: 2024-06-03
        label:
          name: gone
          value: count(*) = 0 from rides
          during: "(0d, 90d]"
          maturity: 2d
          keys: {driver: driver}
        features:
          - history@1
        """);
    files.put(
        "models/late.yaml",
        """
        model: late
        description: Lateness.
        training-set: late
        split: {train: -90d/-30d, validate: -30d/-15d, test: -15d/0d}
        inputs: {default: raw}
        network:
          - dense(8, relu)
        fit: {updater: adam, learning-rate: 0.01, batch: 64, epochs: 3, patience: 2, seed: 1}
        evaluate: {metrics: [auc], slices: [driver]}
        admit:
          - leaks <= 3
        online: stale
        """);
    files.put(
        "models/keys.yaml",
        """
        model: keys
        training-set: late
        split: {by: [driver], salt: a, train: 70%, validate: 15%, test: 15%}
        network:
          - dense(8, relu)
        """);
    return files;
  }

  @TempDir Path folder;

  private CheckedProject check(Map<String, String> files) throws IOException {
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    return CheckedProject.check(ProjectReader.read(folder, Map.of(), Optional.empty()));
  }

  @Test
  void changesWhatItIsSaidToChange() throws IOException {
    CheckedProject before = check(files());
    for (Map.Entry<String, List<Edit>> section : EDITS.entrySet()) {
      for (Edit edit : section.getValue()) {
        Map<String, String> files = files();
        String name = edit.thing().substring(edit.thing().indexOf(' ') + 1);
        String file = section.getKey().replace("*", name);
        assertThat(files.get(file)).as(edit.key()).contains(edit.from());
        String text = files.get(file).replace(edit.from(), edit.to());
        files.put(file, text);
        String named = text.lines().findFirst().orElseThrow().replaceFirst(".*: ", "");
        if (edit.effect() == NAME) {
          files.keySet().removeIf(f -> f.startsWith("models/"));
        }
        clear();
        CheckedProject after = check(files);
        boolean meaning = !digest(before, edit, name).equals(digest(after, edit, named));
        assertThat(meaning)
            .as(edit.toString())
            .isEqualTo(edit.effect() == MEANING || edit.effect() == FIT);
        assertThat(!named.equals(name))
            .as(edit.toString())
            .isEqualTo(edit.effect() == NAME || edit.key().equals("model"));
        if (file.startsWith("models/")) {
          boolean fit = !before.model(name).fit().equals(after.model(named).fit());
          assertThat(fit).as(edit.toString()).isEqualTo(edit.effect() == FIT);
        }
      }
    }
  }

  private void clear() throws IOException {
    for (String file : files().keySet()) {
      Files.deleteIfExists(folder.resolve(file));
    }
  }

  private static Digest digest(CheckedProject project, Edit edit, String name) {
    return edit.thing().startsWith("model ")
        ? project.model(name).digest()
        : project.trainingSet(name).digest();
  }

  @Test
  void thereIsAnEditForEveryKey() throws IOException {
    Map<String, Set<String>> reference = keysOfTheReference();
    for (Map.Entry<String, List<Edit>> section : EDITS.entrySet()) {
      assertThat(section.getValue().stream().map(Edit::key).collect(Collectors.toSet()))
          .as(section.getKey())
          .containsExactlyInAnyOrderElementsOf(reference.get(section.getKey()));
    }
  }

  /** The keys of each section that have no keys below them. */
  private static Map<String, Set<String>> keysOfTheReference() throws IOException {
    Map<String, Set<String>> sections = new LinkedHashMap<>();
    String section = "";
    String below = "";
    for (String line : Files.readAllLines(REFERENCE)) {
      if (line.startsWith("## ")) {
        section = line.substring(3);
        below = "";
        sections.put(section, new TreeSet<>());
      } else if (line.startsWith("### ")) {
        below = line.substring(4) + ".";
        sections.get(section).remove(line.substring(4));
      } else if (line.startsWith("| `")) {
        sections.get(section).add(below + line.substring(3, line.indexOf('`', 3)));
      }
    }
    return sections;
  }
}
