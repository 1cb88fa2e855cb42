package io.tributary.events.definitions;

import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Outcome;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.events.runs.JobLocks;
import io.tributary.events.runs.LakeTables;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The definitions of a lake's runs: kept before the first commit that names them, and each version
 * of a view held to the one meaning that the first run which used it gave it. Safe for threads and
 * processes.
 *
 * <p>A meaning that nothing was built with binds nobody: not that of a run that failed or was
 * killed before its first commit, nor that of a draft. That a run has failed must be recorded: in a
 * lake without locks, where nobody can tell that a process has died, what it fixed stands.
 */
public final class LakeDefinitions {
  private static final int TRIES = 50;

  private final DefinitionStore store;
  private final Meanings meanings;
  private final RunLog runs;
  private final Optional<JobLocks> locks;
  private final Set<String> built = ConcurrentHashMap.newKeySet();

  private LakeDefinitions(
      DefinitionStore store, Meanings meanings, RunLog runs, Optional<JobLocks> locks) {
    this.store = store;
    this.meanings = meanings;
    this.runs = runs;
    this.locks = locks;
  }

  /** The definitions of the lake at a local folder or Hadoop URI; nothing is read yet. */
  public static LakeDefinitions open(String lake) {
    return open(lake, RunLog.open(lake));
  }

  /** The same with a log of the lake's runs that somebody reads already. */
  public static LakeDefinitions open(String lake, RunLog runs) {
    return open(lake, runs, LakeTables.local(lake).map(JobLocks::new));
  }

  static LakeDefinitions open(String lake, RunLog runs, Optional<JobLocks> locks) {
    return new LakeDefinitions(
        DefinitionStore.open(LakeTables.normal(lake)), Meanings.open(lake), runs, locks);
  }

  public DefinitionStore store() {
    return store;
  }

  public Meanings meanings() {
    return meanings;
  }

  /**
   * Refuses a version that means something else in this lake. Writes nothing.
   *
   * @param what would use them, as in {@code run score departures}
   * @param used each thing and what it is made of
   * @return whether each version that is no draft has its meaning for good; else {@link #admit} is
   *     to say who relies on it before anything is built
   * @throws PlatformException REFUSED that says what differs in which files, and the ways out;
   *     CONFLICT while another run works that may build with the other meaning
   */
  public boolean require(String what, Collection<Definition> used) {
    return unsettled(what, used, "").isEmpty();
  }

  /**
   * Keeps definitions, and fixes the meaning of each version that has none and is no draft.
   * Afterwards a commit may name them. A lake with locks asks this of a run that holds its lock.
   *
   * @param what as in {@link #require}
   * @return what they are kept under, by kind and name
   * @throws PlatformException as {@link #require}
   */
  public Map<String, Digest> admit(
      String what, Collection<Definition> used, RunId run, Principal actor) {
    unsettled(what, used, run.text());
    Map<String, Digest> kept = new TreeMap<>();
    used.forEach(definition -> kept.put(definition.reference(), store.put(definition)));
    for (int attempt = 1; ; attempt++) {
      try {
        unsettled(what, used, run.text())
            .forEach(
                (definition, seen) ->
                    meanings.fix(
                        definition,
                        kept.get(definition.reference()),
                        seen,
                        Instant.now(),
                        actor,
                        run.text()));
        return kept;
      } catch (PlatformException e) {
        // Another run was first: if with the same meaning, all is well.
        if (e.code() != ErrorCode.CONFLICT || attempt == TRIES) {
          throw e;
        }
      }
    }
  }

  /**
   * The versions that have still to be given their meaning, each with the one that it has now.
   *
   * @param run what has said already that it relies on a meaning
   */
  private Map<Definition, Optional<Meanings.Change>> unsettled(
      String what, Collection<Definition> used, String run) {
    List<Definition> versioned = used.stream().filter(Definition::isVersioned).toList();
    Map<String, Meanings.Change> all = versioned.isEmpty() ? Map.of() : meanings.fixed();
    Map<Definition, Optional<Meanings.Change>> unsettled = new LinkedHashMap<>();
    for (Definition definition : versioned) {
      Optional<Meanings.Change> fixed = Optional.ofNullable(all.get(definition.reference()));
      boolean same = fixed.filter(f -> f.meaning().equals(definition.meaningDigest())).isPresent();
      if (fixed.isPresent() && !same) {
        requireFree(what, definition, fixed.get(), used);
      }
      boolean settled = same && (fixed.get().runs().contains(run) || isBuilt(fixed.get()));
      if (!settled && !definition.isDraft()) {
        unsettled.put(definition, fixed);
      }
    }
    return unsettled;
  }

  /** Whether a person decided on a meaning, or one of the runs that fixed it has built with it. */
  private boolean isBuilt(Meanings.Change fixed) {
    String key = fixed.name() + " " + fixed.meaning();
    if (built.contains(key)) {
      return true;
    }
    boolean found =
        fixed.kind().equals(Meanings.AMENDED)
            || fixed.runs().stream()
                .anyMatch(run -> record(run).filter(r -> !isWithoutTrace(r)).isPresent());
    if (found) {
      built.add(key);
    }
    return found;
  }

  /**
   * Refuses another meaning unless each run that fixed the present one is known to have failed, and
   * nothing in the lake was built with it.
   */
  private void requireFree(
      String what, Definition definition, Meanings.Change fixed, Collection<Definition> used) {
    if (isBuilt(fixed)) {
      throw refused(what, definition, fixed, used, Optional.empty());
    }
    for (String run : fixed.runs()) {
      // A run that ends is recorded before it gives up its lock.
      boolean works = locks.filter(l -> l.isHeld(RunId.parse(run))).isPresent();
      if (record(run).isEmpty()) {
        if (works) {
          throw new PlatformException(
              ErrorCode.CONFLICT,
              "Cannot %s: run %s works, and gave %s a meaning with which nothing is built yet. Wait until it has ended, and run it again."
                  .formatted(what, run, definition.reference()));
        }
        throw refused(what, definition, fixed, used, Optional.of(run));
      }
    }
    if (isBuiltBySomebody(fixed)) {
      throw refused(what, definition, fixed, used, Optional.empty());
    }
  }

  private Optional<RunRecord> record(String run) {
    return runs.find(RunId.parse(run));
  }

  private static boolean isWithoutTrace(RunRecord run) {
    return run.outcome() == Outcome.FAILED && run.outputs().isEmpty() && run.writes().isEmpty();
  }

  /** By the records of runs, and by commits: those of a run that was killed are in no record. */
  private boolean isBuiltBySomebody(Meanings.Change fixed) {
    Map<Digest, Boolean> known = new HashMap<>();
    Predicate<Map<String, Digest>> names =
        definitions ->
            Optional.ofNullable(definitions.get(fixed.name()))
                .filter(digest -> known.computeIfAbsent(digest, d -> has(d, fixed)))
                .isPresent();
    return runs.list().stream().anyMatch(r -> !isWithoutTrace(r) && names.test(r.definitions()))
        || runs.anyCommit(facts -> names.test(facts.definitions()));
  }

  /** What was built with a draft binds nobody. */
  private boolean has(Digest definition, Meanings.Change fixed) {
    Definition kept = store.read(definition);
    return kept.meaningDigest().equals(fixed.meaning()) && !kept.isDraft();
  }

  private PlatformException refused(
      String what,
      Definition definition,
      Meanings.Change fixed,
      Collection<Definition> used,
      Optional<String> unknown) {
    int at = definition.name().indexOf('@');
    long version = Long.parseLong(definition.name().substring(at + 1));
    List<String> lines = new ArrayList<>();
    lines.add(
        "Cannot %s: %s (%s) means something else than in this lake, where %s."
            .formatted(what, definition.reference(), definition.file(), fixed));
    lines.addAll(difference(definition, fixed, used));
    lines.add(
        "Give it a version of its own, %s@%d; or, if this is what it was to mean, say so: tributary amend %s --reason \"…\"."
            .formatted(definition.name().substring(0, at), version + 1, definition.name()));
    unknown.ifPresent(
        run ->
            lines.add(
                "Run %s is not recorded as ended: as long as it may work, what it fixed stands."
                    .formatted(run)));
    if (definition.isDraft()) {
      lines.add("What was built with it was no draft: a draft is free only until then.");
    }
    return new PlatformException(ErrorCode.REFUSED, String.join("\n", lines));
  }

  /**
   * What a definition says and means otherwise than the lake has it, in lines for people.
   *
   * @param used the definition, and what it is made of
   */
  public List<String> difference(
      Definition definition, Meanings.Change fixed, Collection<Definition> used) {
    Map<String, Definition> present =
        used.stream()
            .collect(Collectors.toMap(Definition::reference, Function.identity(), (a, b) -> a));
    return MeaningDifference.lines(
        store.read(fixed.definition()),
        definition,
        store::read,
        reference -> Optional.ofNullable(present.get(reference)));
  }
}
