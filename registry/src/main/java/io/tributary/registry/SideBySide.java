package io.tributary.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.drift.DriftProfile;
import io.tributary.drift.InputShift;
import io.tributary.drift.MeasureInterval;
import io.tributary.drift.Outcomes;
import io.tributary.drift.ScoreBins;
import io.tributary.events.definitions.DefinitionStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Versions of models side by side, by what is recorded of each; no row of a table is read.
 *
 * @param versions in the order asked for
 * @param facts part by part
 * @param definitions by what the definitions of each version but the first differ from those of the
 *     first, in lines for people; versions whose definitions mean the same are left out
 * @param inputs how the inputs of each version but the first differ from those of the first
 * @param comparisons those of the versions with others on the same rows, oldest first
 */
public record SideBySide(
    List<ModelReference> versions,
    List<Fact> facts,
    Map<String, List<String>> definitions,
    Map<String, Inputs> inputs,
    List<ModelChange> comparisons) {
  private static final String METRICS = "metrics.json";
  private static final String PROFILE = "profile.json";
  private static final String DRIFT = "inputs-drift.bin";

  public SideBySide {
    versions = List.copyOf(versions);
    facts = List.copyOf(facts);
    comparisons = List.copyOf(comparisons);
  }

  /** What a fact is about. */
  public enum Part {
    /** Its registration and admission, and what it was trained on. */
    VERSION,
    /** A measure on its own test rows. */
    TEST,
    /** Where that could be elsewhere, had other nights been tested: from, to, in 95 of 100. */
    INTERVAL,
    /** A measure of a baseline on these. */
    BASELINE,
    /** A measure on those of a slice. */
    SLICE,
    /** A parameter of the fit. */
    FIT,
    /** How an input becomes numbers. */
    INPUT,
    /** How its values lie beside those that the first version was trained on. */
    DRIFT,
    /** What it was fitted on. */
    ENVIRONMENT,
    /** A file of the class path, by its digest; only where these differ. */
    LIBRARY
  }

  /**
   * @param values of each version; a missing node where it has none
   */
  public record Fact(Part part, String name, List<JsonNode> values) {
    public Fact {
      values = List.copyOf(values);
    }

    public boolean differs() {
      return values.stream().distinct().count() > 1;
    }
  }

  /** Inputs that a version has and another one has not, and the other way round; by name. */
  public record Inputs(List<String> added, List<String> dropped) {
    public Inputs {
      added = List.copyOf(added);
      dropped = List.copyOf(dropped);
    }
  }

  /** The facts of one version, in order. */
  private static final class Facts {
    private final Map<Part, Map<String, JsonNode>> parts = new TreeMap<>();

    void add(Part part, String name, Object value) {
      parts
          .computeIfAbsent(part, p -> new LinkedHashMap<>())
          .put(name, Json.mapper().valueToTree(value));
    }

    Stream<String> names(Part part) {
      return parts.getOrDefault(part, Map.of()).keySet().stream();
    }

    JsonNode value(Part part, String name) {
      return parts.getOrDefault(part, Map.of()).getOrDefault(name, MissingNode.getInstance());
    }
  }

  /**
   * Puts versions side by side.
   *
   * @param references {@code NAME@NUMBER} or {@code NAME@ALIAS}, at least two
   * @throws PlatformException NOT_FOUND when there is no such version
   */
  public static SideBySide of(
      ModelRegistry registry, DefinitionStore definitions, List<String> references) {
    ModelRegistry known = registry.asOfNow();
    List<RegisteredVersion> versions = references.stream().map(known::find).toList();
    List<Facts> facts = new ArrayList<>();
    List<Map<String, byte[]>> kept = versions.stream().map(v -> kept(registry, v)).toList();
    for (int i = 0; i < versions.size(); i++) {
      RegisteredVersion registered = versions.get(i);
      Facts of = new Facts();
      recorded(registered, known.aliasesOf(registered.version().reference()), of);
      measured(kept.get(i), registered.version(), of);
      registered.version().parameters().ifPresent(parameters -> fitted(parameters, of));
      registered.version().elsewhere().ifPresent(said -> said(said, of));
      facts.add(of);
    }
    drift(kept, facts);
    libraries(registry, versions, facts);
    List<ModelReference> names = versions.stream().map(v -> v.version().reference()).toList();
    return new SideBySide(
        names,
        merged(facts),
        differences(definitions, versions),
        inputs(versions),
        compared(registry, names));
  }

  private static void recorded(RegisteredVersion registered, List<String> aliases, Facts facts) {
    ModelVersion version = registered.version();
    facts.add(Part.VERSION, "registered", registered.at());
    facts.add(Part.VERSION, "by", registered.principal().toString());
    registered
        .importedFrom()
        .ifPresent(
            from ->
                facts.add(Part.VERSION, "imported from", from.version() + " of " + from.lake()));
    facts.add(Part.VERSION, "aliases", String.join(", ", aliases));
    facts.add(Part.VERSION, "retired", registered.retirement().isPresent());
    facts.add(Part.VERSION, "held", registered.hold().isPresent());
    registered.description().ifPresent(text -> facts.add(Part.VERSION, "description", text));
    registered.tags().forEach((key, value) -> facts.add(Part.VERSION, "tag " + key, value));
    facts.add(Part.VERSION, "admitted", version.failed().isEmpty());
    version
        .admission()
        .forEach(
            verdict ->
                facts.add(
                    Part.VERSION,
                    "admit " + verdict.rule(),
                    verdict.atPromotion().isPresent() ? "when promoted" : verdict.passed()));
    facts.add(Part.VERSION, "trained", version.elsewhere().isPresent() ? "elsewhere" : "here");
    facts.add(Part.VERSION, "training set", version.trainedOn());
    version
        .trainingSet()
        .ifPresent(set -> facts.add(Part.VERSION, "content", set.content().shortHex()));
    facts.add(Part.VERSION, "artefact", version.artefact().digest().shortHex());
    version
        .parameters()
        .ifPresent(
            parameters -> {
              facts.add(Part.VERSION, "test rows", parameters.testRows());
              facts.add(Part.VERSION, "test positives", parameters.testPositives());
            });
    version
        .environment()
        .ifPresent(
            fittedIn -> {
              Environment machine = fittedIn.machine();
              facts.add(
                  Part.ENVIRONMENT, "code", machine.code() + (machine.dirty() ? ", changed" : ""));
              facts.add(Part.ENVIRONMENT, "device", fittedIn.device());
              facts.add(Part.ENVIRONMENT, "java", machine.java());
              facts.add(Part.ENVIRONMENT, "os", machine.os());
            });
  }

  /** What is said of one that was trained elsewhere, in the words of whoever registered it. */
  private static void said(TrainedElsewhere said, Facts facts) {
    facts.add(Part.VERSION, "kind", said.kind().toString());
    facts.add(Part.VERSION, "problem", said.problem().toString());
    said.measured().ifPresent(asOf -> facts.add(Part.VERSION, "measured on", asOf.toString()));
    said.parameters().forEach((name, value) -> facts.add(Part.FIT, name, value));
    said.inputs().forEach(input -> facts.add(Part.INPUT, input.column(), input.type()));
    said.code().ifPresent(code -> facts.add(Part.ENVIRONMENT, "code", code));
    said.environment().forEach((name, value) -> facts.add(Part.ENVIRONMENT, name, value));
  }

  private static void measured(Map<String, byte[]> kept, ModelVersion version, Facts facts) {
    version.metrics().forEach((name, value) -> facts.add(Part.TEST, name, value));
    new TreeMap<>(
            MeasureInterval.of(
                read(kept, PROFILE, Profile.class).map(Profile::tested).orElse(List.of()),
                version.metrics()))
        .forEach(
            (name, interval) ->
                facts.add(Part.INTERVAL, name, List.of(interval.lower(), interval.upper())));
    version
        .baselines()
        .forEach(
            (baseline, of) ->
                of.forEach(
                    (name, value) -> facts.add(Part.BASELINE, baseline + " " + name, value)));
    read(kept, METRICS, JsonNode.class)
        .orElse(MissingNode.getInstance())
        .path("slices")
        .fields()
        .forEachRemaining(
            column ->
                column
                    .getValue()
                    .forEach(
                        slice -> {
                          String name = column.getKey() + "=" + slice.path("value").asText();
                          JsonNode metrics = slice.path("metrics");
                          facts.add(Part.SLICE, name + " rows", metrics.path("rows"));
                          facts.add(Part.SLICE, name + " auc", metrics.path("auc"));
                        }));
  }

  /** What a bundle keeps of the nights that its model was made from. */
  private record Profile(List<Night> nights, Counts scores) {
    record Night(String range, Outcomes outcomes) {}

    record Counts(List<List<Long>> bins, List<List<Long>> positives) {}

    List<MeasureInterval.Night> tested() {
      List<MeasureInterval.Night> tested = new ArrayList<>();
      for (int i = 0; i < nights.size(); i++) {
        if (nights.get(i).range().equals("TEST")) {
          tested.add(
              new MeasureInterval.Night(
                  nights.get(i).outcomes(),
                  new ScoreBins(scores.bins().get(i), scores.positives().get(i))));
        }
      }
      return tested;
    }
  }

  /** What a version's bundle keeps of its rows; nothing where it is no more, or there is none. */
  private static Map<String, byte[]> kept(ModelRegistry registry, RegisteredVersion version) {
    try {
      Map<String, byte[]> files = new TreeMap<>(registry.artefact(version.version()));
      files.keySet().retainAll(Set.of(METRICS, PROFILE, DRIFT));
      return files;
    } catch (PlatformException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      return Map.of();
    }
  }

  private static <T> Optional<T> read(Map<String, byte[]> kept, String file, Class<T> type) {
    return Optional.ofNullable(kept.get(file))
        .map(bytes -> Json.read(new String(bytes, StandardCharsets.UTF_8), type));
  }

  /** How the inputs of each version but the first shifted between the rows that trained them. */
  private static void drift(List<Map<String, byte[]>> kept, List<Facts> facts) {
    List<Optional<DriftProfile>> trainedOn =
        kept.stream()
            .map(files -> Optional.ofNullable(files.get(DRIFT)).map(DriftProfile::read))
            .toList();
    Optional<DriftProfile> first = trainedOn.get(0);
    for (int i = 1; i < trainedOn.size() && first.isPresent(); i++) {
      Facts of = facts.get(i);
      trainedOn.get(i).map(profile -> profile.shiftsFrom(first.get())).orElse(List.of()).stream()
          .sorted(Comparator.comparingDouble(InputShift::index).reversed())
          .forEach(shift -> of.add(Part.DRIFT, shift.input(), shift));
    }
  }

  private static void fitted(FitParameters parameters, Facts facts) {
    parameters.inputs().forEach((name, encoding) -> facts.add(Part.INPUT, name, encoding));
    Json.mapper()
        .<JsonNode>valueToTree(parameters)
        .fields()
        .forEachRemaining(
            field -> {
              if (!field.getKey().equals("inputs") && !field.getKey().startsWith("test")) {
                facts.add(Part.FIT, field.getKey(), field.getValue());
              }
            });
  }

  private static void libraries(
      ModelRegistry registry, List<RegisteredVersion> versions, List<Facts> facts) {
    if (versions.stream()
            .map(v -> v.version().environment().map(ModelEnvironment::dependencyDigest))
            .distinct()
            .count()
        == 1) {
      return;
    }
    List<SortedMap<String, Digest>> all =
        versions.stream().map(v -> registry.dependencies(v.version())).toList();
    Set<String> names = new TreeSet<>();
    all.forEach(of -> names.addAll(of.keySet()));
    names.removeIf(name -> all.stream().map(of -> of.get(name)).distinct().count() == 1);
    for (int i = 0; i < all.size(); i++) {
      for (String name : names) {
        Digest digest = all.get(i).get(name);
        if (digest != null) {
          facts.get(i).add(Part.LIBRARY, name, digest.shortHex());
        }
      }
    }
  }

  private static List<Fact> merged(List<Facts> facts) {
    List<Fact> merged = new ArrayList<>();
    for (Part part : Part.values()) {
      Set<String> names = new LinkedHashSet<>();
      facts.forEach(of -> of.names(part).forEach(names::add));
      names.forEach(
          name ->
              merged.add(
                  new Fact(part, name, facts.stream().map(of -> of.value(part, name)).toList())));
    }
    return merged;
  }

  private static Map<String, Inputs> inputs(List<RegisteredVersion> versions) {
    Map<String, Inputs> changes = new LinkedHashMap<>();
    Set<String> first = inputs(versions.get(0).version());
    for (RegisteredVersion registered : versions.subList(1, versions.size())) {
      Set<String> own = inputs(registered.version());
      changes.put(
          registered.version().reference().toString(),
          new Inputs(without(own, first), without(first, own)));
    }
    return changes;
  }

  private static Set<String> inputs(ModelVersion version) {
    return version
        .parameters()
        .map(parameters -> parameters.inputs().keySet())
        .or(
            () ->
                version
                    .elsewhere()
                    .map(
                        said ->
                            said.inputs().stream()
                                .map(TrainedElsewhere.Input::column)
                                .collect(Collectors.toCollection(LinkedHashSet::new))))
        .orElse(Set.of());
  }

  private static List<String> without(Set<String> names, Set<String> others) {
    return names.stream().filter(name -> !others.contains(name)).toList();
  }

  private static Map<String, List<String>> differences(
      DefinitionStore definitions, List<RegisteredVersion> versions) {
    Map<String, List<String>> differences = new LinkedHashMap<>();
    Optional<Digest> former = kept(versions.get(0).version());
    for (RegisteredVersion registered : versions.subList(1, versions.size())) {
      ModelVersion version = registered.version();
      Optional<Digest> present = kept(version);
      List<String> lines =
          former.isPresent() && present.isPresent()
              ? definitions.difference(former.get(), present.get(), version.definitions())
              : List.of("  not recorded for both");
      if (!lines.isEmpty()) {
        differences.put(version.reference().toString(), lines);
      }
    }
    return differences;
  }

  /** The definition as the lake stores it; {@link ModelVersion#definition} is of its meaning. */
  private static Optional<Digest> kept(ModelVersion version) {
    return Optional.ofNullable(version.definitions().get("model " + version.model()));
  }

  private static List<ModelChange> compared(ModelRegistry registry, List<ModelReference> versions) {
    return versions.stream()
        .map(ModelReference::model)
        .distinct()
        .flatMap(model -> registry.history(model).stream())
        .filter(change -> change.kind().equals(ModelEvents.COMPARED))
        .filter(change -> versions.contains(ModelReference.of(change.model(), change.number())))
        .toList();
  }
}
