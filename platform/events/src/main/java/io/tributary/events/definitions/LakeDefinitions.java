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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The definitions of a lake's runs: kept before the first commit that names them, and each version
 * of a view held to the one meaning that the first run which used it gave it. Safe for threads and
 * processes.
 *
 * <p>A meaning that nothing was built with binds nobody: not that of a run that failed or was
 * killed before its first commit, nor that of a draft.
 */
public final class LakeDefinitions {
  private final DefinitionStore store;
  private final Meanings meanings;
  private final RunLog runs;
  private final Optional<JobLocks> locks;

  private LakeDefinitions(
      DefinitionStore store, Meanings meanings, RunLog runs, Optional<JobLocks> locks) {
    this.store = store;
    this.meanings = meanings;
    this.runs = runs;
    this.locks = locks;
  }

  /** The definitions of the lake at a local folder or Hadoop URI; nothing is read yet. */
  public static LakeDefinitions open(String lake) {
    return new LakeDefinitions(
        DefinitionStore.open(LakeTables.normal(lake)),
        Meanings.open(lake),
        RunLog.open(lake),
        LakeTables.local(lake).map(JobLocks::new));
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
   * @return whether each version that is no draft has its meaning; else {@link #admit} gives it one
   * @throws PlatformException REFUSED that says what differs in which files, and the ways out;
   *     CONFLICT while another process works, which may be about to build with the former meaning
   */
  public boolean require(String what, Collection<Definition> used) {
    List<Definition> versioned = used.stream().filter(Definition::isVersioned).toList();
    Map<String, Meanings.Change> all = versioned.isEmpty() ? Map.of() : meanings.fixed();
    boolean settled = true;
    for (Definition definition : versioned) {
      Optional<Meanings.Change> fixed = Optional.ofNullable(all.get(definition.reference()));
      boolean same = fixed.filter(f -> f.meaning().equals(definition.meaningDigest())).isPresent();
      if (fixed.isPresent() && !same) {
        requireUnused(what, definition, fixed.get(), used);
      }
      settled &= same || definition.isDraft();
    }
    return settled;
  }

  private void requireUnused(
      String what, Definition definition, Meanings.Change fixed, Collection<Definition> used) {
    if (isBound(fixed)) {
      throw refused(what, definition, fixed, used);
    }
    locks
        .flatMap(JobLocks::another)
        .ifPresent(
            working -> {
              throw new PlatformException(
                  ErrorCode.CONFLICT,
                  "Cannot %s: %s gave %s a meaning with which nothing is built yet, and run %s of %s works. Wait until that has ended, and run it again."
                      .formatted(
                          what,
                          fixed.run().isEmpty() ? fixed.principal() : "run " + fixed.run(),
                          definition.reference(),
                          working.run(),
                          working.key()));
            });
  }

  /** Whether a person decided on it, or something was built with it. */
  private boolean isBound(Meanings.Change fixed) {
    return fixed.kind().equals(Meanings.AMENDED)
        || !builtWith(fixed.name(), d -> d.meaningDigest().equals(fixed.meaning())).isEmpty();
  }

  /**
   * The runs that built something with a definition of a name, in the order in which they were
   * recorded.
   *
   * @param name kind and name, {@code view carrier_history@1}
   */
  public List<RunRecord> builtWith(String name, Predicate<Definition> filter) {
    Map<Digest, Boolean> known = new TreeMap<>((a, b) -> a.hex().compareTo(b.hex()));
    return runs.list().stream()
        .filter(
            run ->
                run.outcome() != Outcome.UNCHANGED
                    && !(run.outputs().isEmpty() && run.writes().isEmpty())
                    && Optional.ofNullable(run.definitions().get(name))
                        .filter(
                            digest ->
                                known.computeIfAbsent(digest, d -> filter.test(store.read(d))))
                        .isPresent())
        .toList();
  }

  /**
   * Keeps definitions, and fixes the meaning of each version that has none and is no draft.
   * Afterwards a commit may name them.
   *
   * @param what as in {@link #require}
   * @return what they are kept under, by kind and name
   * @throws PlatformException as {@link #require}
   */
  public Map<String, Digest> admit(
      String what, Collection<Definition> used, RunId run, Principal actor) {
    require(what, used);
    Map<String, Digest> kept = new TreeMap<>();
    used.forEach(definition -> kept.put(definition.reference(), store.put(definition)));
    for (Definition definition : used) {
      if (definition.isVersioned() && !definition.isDraft()) {
        fix(what, definition, kept.get(definition.reference()), used, run, actor);
      }
    }
    return kept;
  }

  private void fix(
      String what,
      Definition definition,
      Digest kept,
      Collection<Definition> used,
      RunId run,
      Principal actor) {
    Optional<Meanings.Change> fixed = meanings.fixed(definition.reference());
    if (fixed.filter(f -> f.meaning().equals(definition.meaningDigest())).isPresent()) {
      return;
    }
    try {
      meanings.fix(definition, kept, fixed, Instant.now(), actor, run.text());
    } catch (PlatformException e) {
      if (e.code() != ErrorCode.CONFLICT) {
        throw e;
      }
      // Another run was first: with the same meaning all is well.
      Meanings.Change first = meanings.fixed(definition.reference()).orElseThrow();
      if (!first.meaning().equals(definition.meaningDigest())) {
        throw refused(what, definition, first, used);
      }
    }
  }

  private PlatformException refused(
      String what, Definition definition, Meanings.Change fixed, Collection<Definition> used) {
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
