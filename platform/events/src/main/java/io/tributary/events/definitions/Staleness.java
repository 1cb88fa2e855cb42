package io.tributary.events.definitions;

import static java.util.Collections.disjoint;

import io.tributary.core.Digest;
import io.tributary.core.Outcome;
import io.tributary.core.RunId;
import io.tributary.core.command.Commands;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds what in a lake was built from definitions that mean something else by now. The lake fixes
 * the meaning of a view's version; that of any other thing is taken from the newest run that used
 * it, or from the thing's own newest run that found its work done.
 */
public final class Staleness {
  /**
   * A stale thing.
   *
   * @param thing by name, as in {@code model late_arrival@3} or {@code snapshots of
   *     carrier_history@1}
   * @param times how many of its intervals are stale
   * @param because the definitions whose meaning changed, by kind and name; without those that
   *     changed only through one of these
   */
  public record Stale(String thing, int times, List<String> because) {
    public Stale {
      because = List.copyOf(because);
    }

    private boolean isSaidBy(Stale former) {
      return former.thing.equals(thing) && former.because.containsAll(because);
    }

    /** As in {@code scores of departures, 3 intervals (view carrier_history@1)}. */
    @Override
    public String toString() {
      return thing
          + (times > 1 ? ", " + times + " intervals" : "")
          + " ("
          + String.join(", ", because)
          + ")";
    }
  }

  /** The number of newest runs that suffice to determine whether a definition has changed. */
  private static final int RECENT = 200;

  private final DefinitionStore store;
  private final Meanings meanings;
  private final Map<String, Meanings.Change> fixed;
  private final Map<String, Digest> newest = new TreeMap<>();
  private final Map<String, RunRecord> built = new LinkedHashMap<>();

  private Staleness(LakeDefinitions definitions, Collection<RunRecord> runs) {
    this.store = definitions.store();
    this.meanings = definitions.meanings();
    this.fixed = meanings.fixed();
    for (RunRecord run : runs) {
      newest.putAll(used(run));
      if (run.outcome() == Outcome.SUCCEEDED) {
        built.put(run.key().job().equals("train") ? models(run) : run.key().toString(), run);
      }
    }
  }

  /**
   * Everything stale in a lake, sorted by step.
   *
   * @param runs in the order in which they were recorded
   */
  public static List<Stale> of(LakeDefinitions definitions, Collection<RunRecord> runs) {
    return new Staleness(definitions, runs).list();
  }

  /**
   * Everything that became stale through some of a lake's runs, sorted by step.
   *
   * @param runs newly recorded
   */
  public static List<Stale> by(LakeDefinitions definitions, RunLog log, Set<RunId> runs) {
    Map<String, Digest> before = new TreeMap<>();
    Map<String, Digest> now = new TreeMap<>();
    for (RunRecord run : log.newest(RECENT, Optional.empty(), false)) {
      (runs.contains(run.run()) ? now : before).putAll(used(run));
    }
    if (before.entrySet().containsAll(now.entrySet())) {
      return List.of();
    }
    List<RunRecord> all = log.list();
    List<Stale> former =
        of(definitions, all.stream().filter(run -> !runs.contains(run.run())).toList());
    return of(definitions, all).stream()
        .filter(stale -> former.stream().noneMatch(stale::isSaidBy))
        .toList();
  }

  private List<Stale> list() {
    Map<String, Integer> times = new LinkedHashMap<>();
    Map<String, TreeSet<String>> because = new LinkedHashMap<>();
    for (RunRecord run : built.values()) {
      TreeSet<String> changed = new TreeSet<>(run.definitions().keySet());
      changed.removeIf(
          name ->
              isOfVersion(run, name) || meaning(run.definitions().get(name)).equals(present(name)));
      Set<String> deciding = new TreeSet<>(changed);
      deciding.removeIf(name -> !decides(name));
      if (!deciding.isEmpty() && !isAccepted(run, causes(run, deciding))) {
        times.merge(thing(run), 1, Integer::sum);
        because.computeIfAbsent(thing(run), t -> new TreeSet<>()).addAll(causes(run, changed));
      }
    }
    return times.entrySet().stream()
        .map(e -> new Stale(e.getKey(), e.getValue(), List.copyOf(because.get(e.getKey()))))
        .toList();
  }

  /**
   * The definitions of things according to a run. An unchanged run counts only for its own
   * definition: the rest it has from the run that it found.
   */
  public static Map<String, Digest> used(RunRecord run) {
    Map<String, Digest> used = new TreeMap<>(run.definitions());
    switch (run.outcome()) {
      case SUCCEEDED -> used.keySet().removeIf(name -> isOfVersion(run, name));
      case UNCHANGED -> used.keySet().retainAll(Commands.definition(run.key()).stream().toList());
      case FAILED -> used.clear();
    }
    return used;
  }

  /**
   * Whether a definition is the model's as of the version that a scoring used, not the present one.
   */
  private static boolean isOfVersion(RunRecord run, String name) {
    return run.key().job().equals("score") && name.startsWith("model ");
  }

  /**
   * The changed definitions that are not explained by another changed one that they are made of.
   */
  private Set<String> causes(RunRecord run, Set<String> changed) {
    Set<String> causes = new TreeSet<>(changed);
    causes.removeIf(name -> !disjoint(uses(run, name), changed));
    return causes;
  }

  /** Whether somebody accepted the model that a run trained, whatever its views mean by now. */
  private boolean isAccepted(RunRecord run, Set<String> causes) {
    return run.key().job().equals("train")
        && causes.stream()
            .allMatch(
                name ->
                    name.startsWith("view ")
                        && meanings.accepts(
                            models(run), name, meaning(run.definitions().get(name))));
  }

  /**
   * Whether a change of a definition's meaning makes what was built stale. What is used of a source
   * is in the meaning of its user, a suite judges deliveries, and a pipeline runs what there is:
   * they are causes of a change, but don't decide it.
   */
  private static boolean decides(String name) {
    return !name.startsWith("source ")
        && !name.startsWith("suite ")
        && !name.startsWith("pipeline ");
  }

  private Set<String> uses(RunRecord run, String name) {
    return store.read(run.definitions().get(name)).uses().keySet();
  }

  private Digest present(String name) {
    return Optional.ofNullable(fixed.get(name))
        .map(Meanings.Change::meaning)
        .orElseGet(() -> meaning(newest.get(name)));
  }

  private Digest meaning(Digest definition) {
    return store.read(definition).meaningDigest();
  }

  private static String thing(RunRecord run) {
    String subject = run.key().subject();
    return switch (run.key().job()) {
      case "materialize" -> "snapshots of " + subject;
      case "publish" -> "publications of " + subject;
      case "training-set" -> "training set " + subject;
      case "train" -> "model " + models(run);
      case "score" -> "scores of " + subject;
      case "monitor" -> "verdicts of " + subject;
      default -> run.key().toString();
    };
  }

  private static String models(RunRecord run) {
    return String.join(
        ", ",
        run.writes().stream()
            .filter(n -> n.kind().equals("model"))
            .map((LineageNode n) -> n.name() + "@" + n.version())
            .toList());
  }
}
