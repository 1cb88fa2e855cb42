package io.tributary.console;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.definition.DescribedModel;
import io.tributary.definition.Model;
import io.tributary.definition.Model.AdmissionRule;
import io.tributary.definition.Project;
import io.tributary.registry.AdmissionVerdict;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.Registrar;
import io.tributary.registry.Registration;
import io.tributary.registry.TrainedElsewhere;
import io.tributary.registry.TrainedElsewhere.Input;
import io.tributary.registry.TrainingSetReference;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code tributary registry register}: a model that was trained elsewhere. */
@Command(
    description = {
      "Registers the model in a folder as the next version of its name. The file model-version.yaml in it says what it is,",
      "all others are the model. The same folder again is the version that is there. Nothing is promoted.",
      "",
      "  model: late_arrival              # required",
      "  kind: onnx                       # required: bundle (of Tributary), onnx, or files, which are never scored",
      "  training-set: late_arrival@3     # required: a build of this lake, or none",
      "  description: boosted trees",
      "  problem: binary                  # or number, as the project's model says; classes are never scored",
      "  inputs:                          # columns and types, in the model's order; a bundle has its own",
      "    dep_delay: double",
      "  label: late                      # what it foretells; a bundle has its own",
      "  output: probabilities            # of onnx: the output with the score, if there are several",
      "  metrics: {auc: 0.741, log-loss: 0.44}",
      "  measured-on: 2013-11-01/2013-12-01",
      "  parameters: {trees: 300}",
      "  code-revision: 9f3c2e1",
      "  environment: {python: 3.11.8, lightgbm: 4.3.0}",
      "",
      "Where the project has a model of that name, its admission rules are judged by these metrics."
    })
final class RegisterCommand implements Runnable {
  /** Of larger files an array can't hold the bytes. */
  private static final long LARGEST = Integer.MAX_VALUE - 8L;

  @Mixin private ProjectOptions options;

  @Parameters(index = "0", paramLabel = "DIR", description = "The folder with the model's files.")
  private Path folder;

  @Override
  public void run() {
    Project project = options.project();
    Registrar registrar = Registrar.open(options.lake());
    DescribedModel described = DescribedModel.read(folder, project.zone());
    Optional<Model> model = Optional.ofNullable(project.models().get(described.model()));
    model.ifPresent(of -> requireProblem(of, described));
    Optional<TrainingSetReference> set =
        described.trainingSet().map(build -> registrar.trainingSet(build.name(), build.number()));
    ModelVersion version =
        registrar.register(
            new Registration(
                described.model(),
                files(),
                said(described),
                described.metrics(),
                set,
                model.stream().flatMap(of -> verdicts(of, described, set).stream()).toList()),
            Principal.ofProcess());
    print(version);
    options.notifyOfChange();
  }

  /** Rules and scores are of what the model foretells. */
  private void requireProblem(Model model, DescribedModel described) {
    String problem = model.problem().name().toLowerCase(Locale.ROOT);
    if (!problem.equals(described.problem())) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot register a version of %s from %s: its %s says problem: %s, and the project's model says problem: %s. Correct the one that is wrong, or register it under another name."
              .formatted(model.name(), folder, DescribedModel.FILE, described.problem(), problem));
    }
  }

  private void print(ModelVersion version) {
    if (options.json()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("version", version.reference());
      result.put("artefact", version.artefact().digest());
      result.put("trainingSet", version.trainedOn());
      result.put("admitted", version.failed().isEmpty());
      retirement(version).ifPresent(retired -> result.put("retired", retired));
      options.print(result);
      return;
    }
    options
        .out()
        .printf(
            Locale.ROOT,
            "%s is registered: %s, %d files of %,d bytes, training set %s%n",
            version.reference(),
            version.elsewhere().orElseThrow().kind(),
            version.artefact().files().size(),
            version.artefact().size(),
            version.trainedOn());
    version.failed().forEach(rule -> options.out().println("admission rule " + rule));
    retirement(version)
        .ifPresent(
            retired -> options.out().printf("it was retired by %s: it can't be used%n", retired));
    options.out().flush();
  }

  /** Who retired the version that was there already. */
  private Optional<RegisteredVersion.Decision> retirement(ModelVersion version) {
    return ModelRegistry.open(options.lake()).find(version.reference().toString()).retirement();
  }

  private SortedMap<String, byte[]> files() {
    SortedMap<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> found = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      for (Path file : found.filter(Files::isRegularFile).toList()) {
        String name = folder.relativize(file).toString().replace(File.separatorChar, '/');
        if (Files.size(file) > LARGEST) {
          throw new PlatformException(
              ErrorCode.INVALID_REQUEST,
              "Cannot register a model from %s: %s is larger than 2 GiB. Cut it into parts, or register what says where it lies."
                  .formatted(folder, name));
        }
        if (!name.equals(DescribedModel.FILE)) {
          files.put(name, Files.readAllBytes(file));
        }
      }
    } catch (IOException | UncheckedIOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot register a model from %s: %s. Check that the folder can be read."
              .formatted(folder, e.getMessage()),
          e);
    }
    return files;
  }

  private static TrainedElsewhere said(DescribedModel described) {
    List<Input> inputs = new ArrayList<>();
    described.inputs().forEach((column, type) -> inputs.add(new Input(column, type.ddl())));
    return new TrainedElsewhere(
        TrainedElsewhere.Kind.valueOf(described.kind().toUpperCase(Locale.ROOT)),
        TrainedElsewhere.Problem.valueOf(described.problem().toUpperCase(Locale.ROOT)),
        described.description(),
        inputs,
        described.label(),
        described.output(),
        described.measuredOn(),
        described.parameters(),
        described.codeRevision(),
        described.environment());
  }

  /**
   * The model's rules by what is said. Of leaks nobody knows without a training set: a rule that
   * names them does not hold then, and where none does, none is added.
   */
  private static List<AdmissionVerdict> verdicts(
      Model model, DescribedModel described, Optional<TrainingSetReference> set) {
    List<AdmissionRule> rules = new ArrayList<>(model.admit());
    if (set.isPresent()
        && rules.stream().noneMatch(rule -> rule.metric().equals(AdmissionRule.LEAKS))) {
      rules.add(AdmissionRule.NO_LEAKS);
    }
    return rules.stream()
        .map(rule -> verdict(rule, described, set.map(TrainingSetReference::leaks)))
        .toList();
  }

  private static AdmissionVerdict verdict(
      AdmissionRule rule, DescribedModel described, Optional<Long> leaks) {
    if (rule.equals(AdmissionRule.LEAKS_ALLOWED)) {
      return AdmissionVerdict.allowed(rule.toString(), rule.metric(), leaks.orElse(0L));
    }
    if (rule.equals(AdmissionRule.REPRODUCED) || rule.besideProduction()) {
      return AdmissionVerdict.atPromotion(
          rule.toString(), rule.metric(), rule.operator(), rule.bound().orElse(0.0));
    }
    return AdmissionVerdict.judge(
        rule.toString(),
        rule.metric(),
        rule.operator(),
        rule.bound().orElse(Double.NaN),
        rule.metric().equals(AdmissionRule.LEAKS)
            ? leaks.map(Long::doubleValue)
            : Optional.ofNullable(described.metrics().get(rule.metric())));
  }
}
