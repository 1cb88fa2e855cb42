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
 * The definitions of a lake's runs: stored before the first commit that names them. Each version of
 * a view keeps the one meaning that the first run to use it fixed. Safe for concurrent threads and
 * processes.
 *
 * <p>A meaning with which nothing was built binds nobody: neither that of a run that failed or was
 * killed before its first commit, nor that of a draft. The failure must be recorded: in a lake
 * without locks, where the death of a process can't be detected, what its run fixed stands.
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

  /** The same with a log of the lake's runs that the caller has open. */
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
   * Checks that no version means something else in this lake. Writes nothing.
   *
   * @param what would use the definitions, as in {@code run score departures}
   * @param used each thing and those it is made of
   * @return whether the meaning of each version that is not a draft is fixed for good; else {@link
   *     #admit} must record who relies on it before anything is built
   * @throws PlatformException REFUSED with the differences by file, and the remedies; CONFLICT
   *     while another run is at work that may build with the other meaning
   */
  public boolean require(String what, Collection<Definition> used) {
    return unsettled(what, used, "").isEmpty();
  }

  /**
   * Stores definitions, and fixes the meaning of each version that has none and is not a draft.
   * Afterwards a commit may name them. In a lake with locks the run must hold its lock.
   *
   * @param what as in {@link #require}
   * @return the digests that they are stored under, by kind and name
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
        // Another run was first: with the same meaning that is no conflict.
        if (e.code() != ErrorCode.CONFLICT || attempt == TRIES) {
          throw e;
        }
      }
    }
  }

  /**
   * The versions whose meaning is yet to be fixed, each with its present one.
   *
   * @param run that has already recorded that it relies on a meaning
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

  /** Whether somebody decided on a meaning, or one of the runs that fixed it has built with it. */
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
      // A run that ends is recorded before it releases its lock.
      boolean works = locks.filter(l -> l.isHeld(RunId.parse(run))).isPresent();
      if (record(run).isEmpty()) {
        if (works) {
          throw new PlatformException(
              ErrorCode.CONFLICT,
              "Cannot %s: run %s is at work, and fixed a meaning of %s with which nothing is built yet. Wait until it has ended, and run it again."
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

  /**
   * Whether anything was built with a meaning, by the records of runs and by commits: those of a
   * killed run are in no record.
   */
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

  /** Whether a definition, which must not be a draft, has a meaning: drafts bind nobody. */
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
        "Give it a version of its own, %s@%d; or, if this is the meaning intended, declare it: tributary amend %s --reason \"…\"."
            .formatted(definition.name().substring(0, at), version + 1, definition.name()));
    unknown.ifPresent(
        run ->
            lines.add(
                "Run %s is not recorded as ended: as long as it may be at work, what it fixed stands."
                    .formatted(run)));
    if (definition.isDraft()) {
      lines.add(
          "It was not a draft when something was built with it: a draft is free only until then.");
    }
    return new PlatformException(ErrorCode.REFUSED, String.join("\n", lines));
  }

  /**
   * How a definition's text and meaning differ from the lake's, in lines for people.
   *
   * @param used the definition, and those it is made of
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
