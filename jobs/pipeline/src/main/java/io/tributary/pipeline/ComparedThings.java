package io.tributary.pipeline;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.ProjectRevision;
import io.tributary.core.RunId;
import io.tributary.definition.Project;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.events.definitions.Staleness;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.ingest.gate.SourceSuite;
import io.tributary.pipeline.ProjectDifference.Side;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Finds the definitions of things whose definitions are compared. */
final class ComparedThings {
  private static final String DIGEST = "[0-9a-f]{8,64}";

  private final String lake;
  private final RunLog runs;
  private final DefinitionStore store;

  /** For the lake at a local folder or Hadoop URI. */
  ComparedThings(String lake) {
    this.lake = lake;
    this.runs = RunLog.open(lake);
    this.store = DefinitionStore.open(lake);
  }

  /**
   * What a thing was made with.
   *
   * @param thing a run, a model's version, {@code training-set:NAME@N}, or the digest of a kept
   *     definition, which stands for what that is made of, too
   * @throws PlatformException NOT_FOUND when there is no such thing
   */
  Side of(String thing) {
    if (RunId.isId(thing)) {
      RunRecord run =
          runs.find(RunId.parse(thing))
              .orElseThrow(() -> notFound(thing, "the log has no such run. See tributary runs"));
      return of("run " + thing + " of " + run.key(), run);
    }
    if (thing.startsWith(Reproducer.TRAINING_SET)) {
      ModelReference build =
          ModelReference.parse(thing.substring(Reproducer.TRAINING_SET.length()));
      return of(
          thing,
          Reproducer.built(
              runs,
              build.model(),
              build
                  .number()
                  .orElseThrow(() -> notFound(thing, "it names no build. Write its number")),
              "compare"));
    }
    if (thing.matches(DIGEST)) {
      return definition(thing);
    }
    ModelVersion version = ModelRegistry.open(lake).find(thing).version();
    version.requireFittedHere("compare the definitions of " + version.reference());
    return new Side(
        version.reference().toString(),
        read(version.definitions()),
        version
            .environment()
            .flatMap(fittedIn -> fittedIn.machine().project())
            .map(ProjectRevision::files));
  }

  private Side of(String name, RunRecord run) {
    return new Side(
        name, read(run.definitions()), run.environment().project().map(ProjectRevision::files));
  }

  private Side definition(String digits) {
    List<Digest> found = store.find(digits);
    if (found.size() != 1) {
      throw notFound(
          digits,
          found.isEmpty()
              ? "nothing is kept under that digest. Ask a run what it used: tributary show --of RUN"
              : found.size() + " kept definitions begin so. Write more of its digits");
    }
    Map<String, Definition> all = new TreeMap<>();
    add(found.get(0), all);
    Definition root = store.read(found.get(0));
    return new Side(root.reference() + "#" + found.get(0).shortHex(), all, Optional.empty());
  }

  private void add(Digest digest, Map<String, Definition> all) {
    Definition definition = store.read(digest);
    if (all.put(definition.reference(), definition) == null) {
      definition.uses().values().forEach(used -> add(used, all));
    }
  }

  private Map<String, Definition> read(Map<String, Digest> digests) {
    Map<String, Definition> definitions = new TreeMap<>();
    digests.forEach((reference, digest) -> definitions.put(reference, store.read(digest)));
    return definitions;
  }

  /** Of each definition that which a run used last. */
  Side lastUsed() {
    Map<String, Digest> newest = new TreeMap<>();
    Optional<Digest> files = Optional.empty();
    for (RunRecord run : runs.list()) {
      newest.putAll(Staleness.used(run));
      files = run.environment().project().map(ProjectRevision::files);
    }
    if (newest.isEmpty()) {
      throw notFound("the folder", "no run of lake " + lake + " has used a definition yet");
    }
    return new Side("what runs used last", read(newest), files);
  }

  /**
   * The definitions of a project's folder.
   *
   * @param of those that are compared, with what they are made of by now; empty = all
   */
  static Side folder(CheckedProject checked, Set<String> of) {
    Project project = checked.project();
    Map<String, Definition> all = new LinkedHashMap<>();
    project
        .sources()
        .keySet()
        .forEach(
            source ->
                SourceSuite.of(checked, source)
                    .definition()
                    .ifPresent(suite -> all.put(suite.reference(), suite)));
    Map<String, Set<String>> names = new LinkedHashMap<>();
    names.put("source", project.sources().keySet());
    names.put("training-set", project.trainingSets().keySet());
    names.put("model", project.models().keySet());
    names.put("scores", project.scores().keySet());
    names.put("monitor", project.monitors().keySet());
    names.put("pipeline", project.pipelines().keySet());
    List<String> references = new ArrayList<>();
    names.forEach((kind, ofKind) -> ofKind.forEach(name -> references.add(kind + " " + name)));
    checked.views().keySet().forEach(view -> references.add("view " + view));
    if (!of.isEmpty()) {
      references.retainAll(of);
      all.keySet().retainAll(of);
    }
    checked.definitions(references).forEach(d -> all.put(d.reference(), d));
    return new Side("the folder", all, Optional.of(project.revision().files()));
  }

  private static PlatformException notFound(String thing, String why) {
    return new PlatformException(
        ErrorCode.NOT_FOUND, "Cannot compare %s: %s.".formatted(thing, why));
  }
}
