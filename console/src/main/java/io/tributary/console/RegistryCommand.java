package io.tributary.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.events.facts.SharedEvents;
import io.tributary.registry.AdmissionVerdict;
import io.tributary.registry.Alias;
import io.tributary.registry.Block;
import io.tributary.registry.ClockSkew;
import io.tributary.registry.FitParameters;
import io.tributary.registry.ModelChange;
import io.tributary.registry.ModelEnvironment;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.OnlineUse;
import io.tributary.registry.RegisteredModel;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.SuspectPolicy;
import io.tributary.registry.TrainedElsewhere;
import io.tributary.registry.TrainingSetReference;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary registry}: lists, promotes, rolls back, unblocks and retires versions. */
final class RegistryCommand {
  /** The maximum number of parts of a parameter to print; of more only the count is. */
  private static final int MOST_SHOWN = 12;

  private RegistryCommand() {}

  static ModelRegistry registry(ProjectOptions options) {
    return ModelRegistry.open(options.lake());
  }

  /**
   * One whose decisions use suspect things as the project says, which is read once something that
   * is marked would be used.
   *
   * @param used told of each that is used
   */
  private static ModelRegistry deciding(ProjectOptions options, Set<String> used) {
    return ModelRegistry.open(
        options.lake(), SuspectPolicy.of(() -> options.project().suspect(), used::add));
  }

  static String number(Double value) {
    return value == null ? "" : String.format(Locale.ROOT, "%.4f", value);
  }

  /** The version that is changed. */
  static final class VersionNumber {
    @Parameters(index = "0", paramLabel = "VERSION", description = "As in late_arrival@3.")
    private String text;

    ModelReference reference() {
      return ModelReference.parse(text);
    }

    /** The number in {@code NAME@NUMBER}; an alias is refused. */
    long number() {
      return reference()
          .number()
          .orElseThrow(
              () ->
                  new PlatformException(
                      ErrorCode.INVALID_REQUEST,
                      "Cannot use version \""
                          + text
                          + "\": it names no number. Write it as in late_arrival@3."));
    }
  }

  /** Why something is changed. */
  static final class Reason {
    @Option(
        names = "--reason",
        required = true,
        paramLabel = "TEXT",
        description = "Why; it stays in the history.")
    private String text;

    String text() {
      return text;
    }
  }

  /** {@code tributary registry list}. */
  @Command
  static final class ListModels implements Runnable {
    @Mixin private ProjectOptions options;

    @Option(names = "--retired", description = "Also versions that were retired.")
    private boolean retired;

    @Option(names = "--as-of", paramLabel = "INSTANT", description = "As the registry was then.")
    private String asOf;

    @Override
    public void run() {
      ModelRegistry registry = registry(options);
      Map<String, RegisteredModel> models;
      if (asOf == null) {
        models = registry.models();
      } else {
        Instant instant = Interval.instant(asOf, options.project().zone());
        models = registry.models(instant);
        warn(options, registry.skews().stream().filter(skew -> skew.concerns(instant)).toList());
      }
      if (options.json()) {
        options.print(models);
        return;
      }
      if (models.isEmpty()) {
        options.out().println("No models yet. Register one with: tributary train");
        options.out().flush();
        return;
      }
      TextTable columns =
          new TextTable(
              "VERSION",
              "ALIASES",
              "ADMITTED",
              "AUC",
              "LOG LOSS",
              "TRAINED ON",
              "REGISTERED",
              "BY");
      long hidden = 0;
      for (RegisteredModel model : models.values()) {
        for (RegisteredVersion registered : model.versions()) {
          if (registered.retirement().isPresent() && !retired) {
            hidden++;
            continue;
          }
          ModelVersion v = registered.version();
          columns.add(
              v.reference(),
              String.join(", ", model.aliasesOf(v.number()))
                  + registered.retirement().map(r -> "(retired)").orElse(""),
              v.failed().isEmpty() ? "yes" : "no",
              number(v.metrics().get("auc")),
              number(v.metrics().get("log-loss")),
              v.trainedOn(),
              registered.at().truncatedTo(java.time.temporal.ChronoUnit.SECONDS),
              registered.principal());
        }
      }
      columns.print(options.out());
      if (hidden > 0) {
        options.out().printf(Locale.ROOT, "%d retired, shown with --retired%n", hidden);
        options.out().flush();
      }
    }
  }

  /** {@code tributary registry show}. */
  @Command
  static final class Show implements Runnable {
    @Mixin private ProjectOptions options;

    @Parameters(
        paramLabel = "VERSION",
        description = "As in late_arrival@3 or late_arrival@production.")
    private String reference;

    @Override
    public void run() {
      ModelRegistry registry = registry(options);
      RegisteredVersion registered =
          registry.find(reference.contains("@") ? reference : reference + "@production");
      ModelVersion v = registered.version();
      if (options.json()) {
        ObjectNode tree = Json.mapper().valueToTree(v);
        if (tree.get("environment") instanceof ObjectNode fittedIn) {
          fittedIn.set("dependencies", Json.mapper().valueToTree(registry.dependencies(v)));
        }
        if (tree.get("onlineUse") instanceof ObjectNode use) {
          use.put("verdict", v.onlineUse().orElseThrow().verdict().toString());
        }
        registered
            .retirement()
            .ifPresent(r -> tree.set("retirement", Json.mapper().valueToTree(r)));
        registered
            .importedFrom()
            .ifPresent(from -> tree.set("importedFrom", Json.mapper().valueToTree(from)));
        registered.hold().ifPresent(h -> tree.set("hold", Json.mapper().valueToTree(h)));
        registered.description().ifPresent(text -> tree.put("description", text));
        if (!registered.tags().isEmpty()) {
          tree.set("tags", Json.mapper().valueToTree(registered.tags()));
        }
        tree.set("changes", Json.mapper().valueToTree(changes(registry, v)));
        tree.set(
            "evaluations", Json.mapper().valueToTree(registry.evaluations().of(v.reference())));
        options.print(tree);
        return;
      }
      PrintWriter out = options.out();
      out.println(v.reference() + "  " + v.artefact().digest());
      registered
          .retirement()
          .ifPresent(
              r ->
                  out.println(
                      "retired by %s at %s (%s): it can't be used"
                          .formatted(r.principal(), r.at(), r.reason())));
      registered.importedFrom().ifPresent(from -> out.println("imported: it is " + from));
      registered.hold().ifPresent(hold -> out.println("held by " + hold));
      registered.description().ifPresent(out::println);
      if (!registered.tags().isEmpty()) {
        out.println("tags " + VersionNotes.text(registered.tags()));
      }
      changes(registry, v).forEach(out::println);
      for (Block block : registry.model(v.model()).orElseThrow().blocks()) {
        out.println(
            "no version may be promoted%s: %s, blocked by %s at %s"
                .formatted(
                    block.alias().map(alias -> " to " + alias).orElse(""),
                    block,
                    block.principal(),
                    block.at()));
      }
      out.println();
      TextTable metrics = new TextTable("TEST", "MODEL", "LOGISTIC", "CONSTANT");
      v.metrics()
          .forEach(
              (name, value) ->
                  metrics.add(
                      name,
                      number(value),
                      number(v.baselines().getOrDefault("logistic", Map.of()).get(name)),
                      number(v.baselines().getOrDefault("constant", Map.of()).get(name))));
      metrics.print(out);
      out.println();
      for (AdmissionVerdict verdict : v.admission()) {
        out.println("admit " + verdict);
      }
      v.elsewhere().ifPresent(said -> elsewhere(out, said));
      v.trainingSet()
          .ifPresentOrElse(
              set -> trainedOn(out, set),
              () ->
                  out.println(
                      "training set none: it was trained on rows that the lake does not have"));
      if (v.elsewhere().isEmpty()) {
        out.println(
            "online use: "
                + v.onlineUse()
                    .map(OnlineUse::toString)
                    .orElse("not allowed: not recorded when it was registered; train again"));
        v.onlineUse().ifPresent(use -> use.views().forEach(view -> out.println("  " + view)));
      }
      v.run().ifPresent(run -> out.println("run " + run));
      out.println("definition " + v.definition());
      v.environment().ifPresent(fittedIn -> fittedIn(out, fittedIn, registry.dependencies(v)));
      v.parameters().ifPresent(parameters -> fittedWith(out, parameters));
      out.println("--json shows all of it.");
      out.flush();
    }

    /** What is said of one that was trained elsewhere. */
    private static void elsewhere(PrintWriter out, TrainedElsewhere said) {
      out.println(
          "trained elsewhere: %s, %s; what follows its registration says, and nobody has checked it"
              .formatted(said.kind(), said.problem()));
      said.measured().ifPresent(asOf -> out.println("  measured on rows of " + asOf));
      out.println("  code " + said.code().orElse("unknown"));
      said.environment().forEach((name, version) -> out.println("  with " + name + " " + version));
      said.parameters().forEach((name, value) -> out.println("  " + name + " " + value));
      out.println(
          "  takes "
              + (said.inputs().isEmpty() ? "what nobody said" : said.inputs().size() + " columns")
              + said.label().map(label -> ", foretells " + label).orElse(""));
    }

    private static void trainedOn(PrintWriter out, TrainingSetReference set) {
      out.println(
          "trained on %s (%s, content %s)"
              .formatted(set, set.table().shortName(), set.content().shortHex()));
      set.pins()
          .forEach(
              p ->
                  out.println(
                      "  from "
                          + p.version().shortName()
                          + p.deliveries().map(d -> " up to delivery " + d).orElse("")));
      SharedEvents shared = set.shared();
      count(out, "LEAK: rows that see in %s what their label tells of: %,d", shared.inBoth());
      count(
          out,
          "blind spot: rows with events that neither %s nor their label has: %,d",
          shared.inNeither());
      if (shared.inBoth().isEmpty()) {
        out.println("leaks: none of its views is of what its label is read from");
      } else if (shared.inBoth().values().stream().allMatch(c -> c.rows() == 0)) {
        out.println("leaks: none in " + String.join(", ", shared.inBoth().keySet()));
      }
    }

    private static void fittedIn(
        PrintWriter out, ModelEnvironment fittedIn, Map<String, Digest> dependencies) {
      Environment machine = fittedIn.machine();
      out.println("code " + machine.code() + (machine.dirty() ? ", with uncommitted changes" : ""));
      out.println("on " + fittedIn.device() + ", " + machine.os() + ", " + machine.java());
      out.println(
          "with %d libraries, digest %s"
              .formatted(dependencies.size(), fittedIn.dependencyDigest().shortHex()));
    }

    private static void fittedWith(PrintWriter out, FitParameters parameters) {
      out.println("parameters");
      Json.mapper()
          .valueToTree(parameters)
          .fields()
          .forEachRemaining(
              p ->
                  out.println(
                      "  "
                          + p.getKey()
                          + " "
                          + (p.getValue().size() > MOST_SHOWN
                              ? p.getValue().size() + " of them"
                              : p.getValue())));
    }
  }

  /** What {@link #changes} has of a version beside its aliases. */
  private static final Set<String> MEASURED = Set.of("compared", "evaluated");

  /** Of a version: which aliases it got, on which comparison, how it was compared and measured. */
  private static List<ModelChange> changes(ModelRegistry registry, ModelVersion version) {
    return registry.history(version.model()).stream()
        .filter(change -> change.number() == version.number())
        .filter(change -> change.alias().isPresent() || MEASURED.contains(change.kind()))
        .toList();
  }

  private static void count(PrintWriter out, String text, Map<String, SharedEvents.Count> byRole) {
    byRole.forEach(
        (role, count) -> {
          if (count.rows() > 0) {
            out.println(text.formatted(role, count.rows()));
          }
        });
  }

  /** {@code tributary registry history}. */
  @Command
  static final class History implements Runnable {
    @Mixin private ProjectOptions options;

    @Parameters(arity = "0..1", paramLabel = "MODEL", description = "Default: all.")
    private String model;

    @Override
    public void run() {
      ModelRegistry registry = registry(options);
      List<ModelChange> changes = model == null ? registry.changes() : registry.history(model);
      warn(
          options,
          registry.skews().stream()
              .filter(skew -> model == null || skew.changes().get(0).model().equals(model))
              .toList());
      if (options.json()) {
        options.print(changes);
        return;
      }
      changes.forEach(options.out()::println);
      options.out().flush();
    }
  }

  private static void warn(ProjectOptions options, List<ClockSkew> skews) {
    options.warn(skews.stream().map(skew -> "WARN " + skew + ".").toList());
  }

  /** {@code tributary registry promote}. */
  @Command
  static final class Promote implements Runnable {
    @Mixin private ProjectOptions options;

    @Mixin private VersionNumber version;

    @Parameters(
        index = "1",
        arity = "0..1",
        defaultValue = Alias.PRODUCTION,
        paramLabel = "ALIAS",
        description = "Default: ${DEFAULT-VALUE}.")
    private String alias;

    @Mixin private Reason reason;

    @Override
    public void run() {
      ModelReference promoted = version.reference();
      Set<String> used = new LinkedHashSet<>();
      Alias done =
          deciding(options, used)
              .promote(
                  promoted.model(), version.number(), alias, Principal.ofProcess(), reason.text);
      print(options, promoted.model(), done, used);
    }
  }

  /** {@code tributary registry rollback}. */
  @Command
  static final class Rollback implements Runnable {
    @Mixin private ProjectOptions options;

    @Parameters(index = "0", paramLabel = "MODEL")
    private String model;

    @Parameters(
        index = "1",
        arity = "0..1",
        defaultValue = Alias.PRODUCTION,
        paramLabel = "ALIAS",
        description = "Default: ${DEFAULT-VALUE}.")
    private String alias;

    @Mixin private Reason reason;

    @Override
    public void run() {
      Set<String> used = new LinkedHashSet<>();
      Alias done =
          deciding(options, used).rollback(model, alias, Principal.ofProcess(), reason.text);
      print(options, model, done, used);
    }
  }

  /**
   * @param used what was used although it is marked as suspect
   */
  private static void print(ProjectOptions options, String model, Alias moved, Set<String> used) {
    if (options.json()) {
      ObjectNode tree = Json.mapper().valueToTree(moved);
      if (!used.isEmpty()) {
        tree.set("suspect", Json.mapper().valueToTree(used));
      }
      options.print(tree);
    } else {
      used.forEach(options.out()::println);
      options.out().println(model + "@" + moved.name() + " is now " + model + "@" + moved.number());
      options.out().flush();
    }
    Instant now = Instant.now();
    if (moved.at().isAfter(now)) {
      options.warn(
          List.of(
              "WARN this is dated %s, behind the last change of %s; this machine's clock says %s. Whoever keeps the clocks compares it with that of whoever made the last change."
                  .formatted(moved.at(), model, now)));
    }
    options.notifyOfChange();
  }

  /** {@code tributary registry unblock}. */
  @Command
  static final class Unblock implements Runnable {
    @Mixin private ProjectOptions options;

    @Parameters(index = "0", paramLabel = "MODEL")
    private String model;

    @Option(
        names = "--night",
        paramLabel = "NIGHT",
        description =
            "The newest that you have looked at: what blocks since stays. All by default.")
    private String night;

    @Mixin private Reason reason;

    @Override
    public void run() {
      List<Block> blocks =
          registry(options)
              .unblock(model, Optional.ofNullable(night), Principal.ofProcess(), reason.text);
      if (options.json()) {
        options.print(blocks);
        return;
      }
      options
          .out()
          .println(
              blocks.isEmpty()
                  ? "Nothing blocks promotions of " + model
                  : "Versions of " + model + " may be promoted again, although");
      blocks.forEach(block -> options.out().println("  " + block));
      options.out().flush();
    }
  }

  /** {@code tributary registry retire}. */
  @Command
  static final class Retire implements Runnable {
    @Mixin private ProjectOptions options;

    @Mixin private VersionNumber version;
    @Mixin private Reason reason;

    @Override
    public void run() {
      ModelReference retired = version.reference();
      registry(options)
          .retire(retired.model(), version.number(), Principal.ofProcess(), reason.text);
      if (options.json()) {
        options.print(Map.of("retired", retired, "at", Instant.now()));
      } else {
        options.out().println(retired + " is retired");
        options.out().flush();
      }
      options.notifyOfChange();
    }
  }
}
