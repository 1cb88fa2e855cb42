package io.tributary.console;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.core.RunId;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Shows definitions stored in a lake, by the run that used them or by digest. */
final class KeptDefinitions {
  private static final String DIGITS = "[0-9a-f]{8,64}";

  private final ProjectOptions options;
  private final String of;
  private final Optional<String> thing;
  private final DefinitionStore store;

  KeptDefinitions(ProjectOptions options, String of, Optional<String> thing) {
    this.options = options;
    this.of = of;
    this.thing = thing;
    this.store = DefinitionStore.open(options.lake());
  }

  /** Prints a definition; for a run without a thing, lists what the run used. */
  void print() {
    if (of.matches(DIGITS)) {
      print(store.read(digest()));
      return;
    }
    RunRecord run =
        RunLog.open(options.lake())
            .find(RunId.parse(of))
            .orElseThrow(() -> notFound("the log has no run " + of + ". See tributary runs."));
    if (thing.isPresent()) {
      print(store.read(run.definitions().get(named(run))));
    } else if (options.json()) {
      options.print(run.definitions());
    } else {
      run.definitions()
          .forEach((name, digest) -> options.out().println(digest.shortHex() + "  " + name));
      options.out().flush();
    }
  }

  private Digest digest() {
    List<Digest> found = store.find(of);
    if (found.isEmpty()) {
      throw notFound(
          "nothing is kept under digest "
              + of
              + ". Ask a run what it used: tributary show --of RUN.");
    }
    if (found.size() > 1) {
      throw notFound(
          found.size()
              + " digests of definitions begin with "
              + of
              + ". Write more of its digits.");
    }
    String reference = store.read(found.get(0)).reference();
    if (thing.isPresent() && !answers(reference)) {
      throw notFound("digest " + of + " is of " + reference + ". Name that, or nothing.");
    }
    return found.get(0);
  }

  private String named(RunRecord run) {
    Map<String, Digest> used = run.definitions();
    List<String> found = used.keySet().stream().filter(this::answers).toList();
    if (found.isEmpty()) {
      throw notFound(
          "run %s of %s used no such thing.%s It used: %s."
              .formatted(
                  run.run(),
                  run.key(),
                  Nearest.hint(thing.get(), used.keySet()),
                  used.isEmpty() ? "nothing" : String.join(", ", used.keySet())));
    }
    if (found.size() > 1) {
      throw notFound(
          "several things of that run have that name. Name its kind: "
              + String.join(", ", found)
              + ".");
    }
    return found.get(0);
  }

  /**
   * Whether the words match a reference: by kind and name, name, or a view's name without version.
   */
  private boolean answers(String reference) {
    String words = thing.orElseThrow();
    String name = reference.substring(reference.indexOf(' ') + 1);
    return words.equals(reference)
        || words.equals(name)
        || reference.startsWith(Definition.VIEW + " ")
            && words.equals(name.substring(0, name.indexOf('@')));
  }

  private void print(Definition definition) {
    if (options.json()) {
      options.print(Json.read(definition.json(), Map.class));
    } else {
      options.out().print(definition.text());
      options.out().flush();
    }
  }

  private PlatformException notFound(String why) {
    return new PlatformException(
        ErrorCode.NOT_FOUND, "Cannot show %s: %s".formatted(thing.orElse(of), why));
  }
}
