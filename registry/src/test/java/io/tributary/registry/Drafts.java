package io.tributary.registry;

import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.Pin;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.facts.SharedEvents;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Drafts of a model for tests. */
final class Drafts {
  static final RunId RUN = RunId.parse("20260131T061500Z-1a2b3c4d");

  private Drafts() {}

  static Map<String, byte[]> files(String content) {
    return Map.of(
        "network.zip", content.getBytes(StandardCharsets.UTF_8),
        "signature.json", "{}".getBytes(StandardCharsets.UTF_8));
  }

  /** A draft of model late_arrival with its artefact in the store. */
  static ModelVersion draft(ArtefactStore store, String content, double auc) {
    return draft(store, "late_arrival", content, auc);
  }

  static ModelVersion draft(
      ArtefactStore store, String content, double auc, Optional<OnlineUse> onlineUse) {
    return draft(store, "late_arrival", content, auc, onlineUse);
  }

  static ModelVersion draft(ArtefactStore store, String model, String content, double auc) {
    return draft(store, model, content, auc, Optional.empty());
  }

  private static ModelVersion draft(
      ArtefactStore store,
      String model,
      String content,
      double auc,
      Optional<OnlineUse> onlineUse) {
    TableVersion table = TableVersion.parse("training.late_arrival@3#9f-1");
    return new ModelVersion(
        model,
        0,
        store.put(files(content)),
        Map.of("auc", auc, "log-loss", 0.45),
        Map.of("constant", Map.of("auc", 0.5, "log-loss", 0.51)),
        Optional.of(
            new FitParameters(
                new FitFacts.Split(List.of(), "", Instant.EPOCH, List.of()),
                Map.of(),
                List.of("dense(8, relu)"),
                "adam",
                0.001,
                64,
                2,
                2,
                20131031,
                2,
                100,
                50,
                2,
                1)),
        List.of(
            AdmissionVerdict.judge("auc >= 0.72", "auc", ">=", 0.72, Optional.of(auc)),
            AdmissionVerdict.judge(
                "log-loss < baseline", "log-loss", "<", 0.51, Optional.of(0.45))),
        Optional.of(
            ModelEnvironment.of(
                new Environment("abc123", false, "17", "Linux", "ada", "host"),
                "cpu",
                Map.of("a.jar", Digest.of("a")))),
        Optional.of(
            new TrainingSetReference(
                "late_arrival",
                3,
                table,
                List.of(Pin.upTo(TableVersion.parse("validated.flights@5#77"), 5)),
                Digest.of("definition"),
                Digest.of("rows"),
                new SharedEvents(
                    Map.of("carrier_history", new SharedEvents.Count(3, 2)), Map.of()))),
        onlineUse,
        Digest.of("model"),
        Digest.of("fit"),
        Map.of(),
        Optional.of(RUN),
        Digest.of("fingerprint of " + content),
        Optional.empty(),
        Optional.empty());
  }

  /** A version beside another one: its area is larger by so much, give or take a hundredth. */
  static Comparison beside(long champion, double auc) {
    return Comparison.of(
        champion,
        new Comparison.Range(30, auc, auc - 0.01, auc + 0.01),
        new Comparison.Range(30, 0, -0.004, 0.004),
        0.01,
        Optional.empty());
  }

  /** Promotes a version as a person does who has compared it with the one in production. */
  static Alias promote(
      ModelRegistry registry, String model, long number, Principal principal, String reason) {
    RegisteredModel known = registry.models().get(model);
    known
        .holder(Alias.PRODUCTION)
        .filter(held -> held.version().number() != number)
        .ifPresent(
            held ->
                registry
                    .promotions()
                    .record(
                        known.version(number).orElseThrow().version(),
                        beside(held.version().number(), 0.02),
                        principal,
                        ""));
    return registry.promote(model, number, Alias.PRODUCTION, principal, reason);
  }

  /** The same draft with another rule. */
  static ModelVersion with(ModelVersion draft, AdmissionVerdict... rules) {
    return new ModelVersion(
        draft.model(),
        draft.number(),
        draft.artefact(),
        draft.metrics(),
        draft.baselines(),
        draft.parameters(),
        List.of(rules),
        draft.environment(),
        draft.trainingSet(),
        draft.onlineUse(),
        draft.definition(),
        draft.fit(),
        draft.definitions(),
        draft.run(),
        draft.fingerprint(),
        draft.decision(),
        draft.elsewhere());
  }

  /** The same draft, trained because of a decision. */
  static ModelVersion because(ModelVersion draft, String decision) {
    return new ModelVersion(
        draft.model(),
        draft.number(),
        draft.artefact(),
        draft.metrics(),
        draft.baselines(),
        draft.parameters(),
        draft.admission(),
        draft.environment(),
        draft.trainingSet(),
        draft.onlineUse(),
        draft.definition(),
        draft.fit(),
        draft.definitions(),
        draft.run(),
        draft.fingerprint(),
        Optional.of(decision),
        Optional.empty());
  }

  /** The same draft, made of definitions, by kind and name. */
  static ModelVersion madeOf(ModelVersion draft, Map<String, Digest> definitions) {
    return new ModelVersion(
        draft.model(),
        draft.number(),
        draft.artefact(),
        draft.metrics(),
        draft.baselines(),
        draft.parameters(),
        draft.admission(),
        draft.environment(),
        draft.trainingSet(),
        draft.onlineUse(),
        draft.definition(),
        draft.fit(),
        definitions,
        draft.run(),
        draft.fingerprint(),
        draft.decision(),
        draft.elsewhere());
  }

  /** The same draft with other inputs. */
  static ModelVersion of(ModelVersion draft, Map<String, String> inputs) {
    FitParameters fit = draft.parameters().orElseThrow();
    return new ModelVersion(
        draft.model(),
        draft.number(),
        draft.artefact(),
        draft.metrics(),
        draft.baselines(),
        Optional.of(
            new FitParameters(
                fit.split(),
                inputs,
                fit.network(),
                fit.updater(),
                fit.learningRate(),
                fit.batch(),
                fit.mostEpochs(),
                fit.patience(),
                fit.seed(),
                fit.replicas(),
                fit.testRows(),
                fit.testPositives(),
                fit.epochs(),
                fit.bestEpoch())),
        draft.admission(),
        draft.environment(),
        draft.trainingSet(),
        draft.onlineUse(),
        draft.definition(),
        draft.fit(),
        draft.definitions(),
        draft.run(),
        draft.fingerprint(),
        draft.decision(),
        draft.elsewhere());
  }

  /** The same draft with other baselines. */
  static ModelVersion beside(ModelVersion draft, Map<String, Map<String, Double>> baselines) {
    return new ModelVersion(
        draft.model(),
        draft.number(),
        draft.artefact(),
        draft.metrics(),
        baselines,
        draft.parameters(),
        draft.admission(),
        draft.environment(),
        draft.trainingSet(),
        draft.onlineUse(),
        draft.definition(),
        draft.fit(),
        draft.definitions(),
        draft.run(),
        draft.fingerprint(),
        draft.decision(),
        draft.elsewhere());
  }
}
