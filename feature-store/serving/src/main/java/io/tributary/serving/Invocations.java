package io.tributary.serving;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Nearest;
import io.tributary.model.Input;
import io.tributary.model.ScoringBlock;
import io.tributary.online.Answer;
import io.tributary.serving.ModelInputs.Lookup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Scores on request, as MLflow's scoring server gives them ({@code POST …/invocations}). Rows bring
 * all inputs of the model along; or what names their entities, what views on demand are computed
 * from, and the inputs that no view has. A score is to the bit that of batch scoring for the same
 * inputs, and all of one answer are by one version.
 */
final class Invocations {
  /** The header that says which version scored. */
  static final String VERSION = "Tributary-Model";

  /** The header with what the predictions' ids begin with, where they are recorded. */
  static final String PREDICTIONS = "Tributary-Predictions";

  private final ServedViews views;
  private final ServedModels models;
  private final ModelInputs inputs;
  private final Recordings recordings;

  Invocations(ServedViews views, ServedModels models, ModelInputs inputs, Recordings recordings) {
    this.views = views;
    this.recordings = recordings;
    this.models = models;
    this.inputs = inputs;
  }

  Reply score(Call call) {
    Frame frame = Frame.of(Body.of(call.body(), Set.of("dataframe_records", "dataframe_split")));
    ServedVersion version = models.find(call.path().get(0));
    return views.steady(call, now -> score(now, frame, version));
  }

  private Reply score(Call call, Frame frame, ServedVersion version) {
    List<Input> signature = version.model().signature().inputs();
    boolean whole = signature.stream().allMatch(input -> frame.has(input.column()));
    List<Lookup> lookups = whole ? List.of() : inputs.of(version, frame::has);
    requireColumns(frame, version, lookups);
    if (!whole) {
      inputs.require(version, lookups);
    }
    Object[][] used = inputs(frame, version, lookups, read(call, frame, lookups));
    double[] scores = scores(version, used);
    Optional<String> id =
        recordings.scored(
            call,
            version,
            asked(frame, lookups),
            used,
            scores,
            lookups.stream().flatMap(of -> of.asked().published().stream()).toList());
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(VERSION, version.version().reference().toString());
    id.ifPresent(of -> headers.put(PREDICTIONS, of));
    return Reply.json(
            json -> {
              json.writeStartObject();
              json.writeArrayFieldStart("predictions");
              for (double score : scores) {
                json.writeNumber(score);
              }
              json.writeEndArray();
              json.writeEndObject();
            })
        .with(headers);
  }

  private List<List<List<Answer>>> read(Call call, Frame frame, List<Lookup> lookups) {
    return inputs.read(lookups, frame.rows().size(), frame::value, call.at(), call);
  }

  /** Refuses rows that lack a column, or have one that means nothing. */
  private static void requireColumns(Frame frame, ServedVersion version, List<Lookup> lookups) {
    Set<String> looked = new LinkedHashSet<>();
    Set<String> taken = new LinkedHashSet<>();
    List<Input> signature = version.model().signature().inputs();
    lookups.forEach(of -> of.inputs().forEach(i -> looked.add(signature.get(i).column())));
    signature.stream().map(Input::column).filter(c -> !looked.contains(c)).forEach(taken::add);
    taken.addAll(ModelInputs.keys(lookups));
    List<String> missing = taken.stream().filter(column -> !frame.has(column)).toList();
    if (!missing.isEmpty()) {
      throw Body.wrong(
          "the rows have no %s. %s takes all of its inputs, or %s and looks up or computes the others"
              .formatted(missing, version.version().reference(), List.copyOf(taken)));
    }
    for (String column : frame.columns().keySet()) {
      if (looked.contains(column)) {
        throw Body.wrong(
            "the rows have some inputs that are looked up or computed, as \"%s\", and not all. Bring all along, or none"
                .formatted(Body.shown(column)));
      }
      if (!taken.contains(column)) {
        throw Body.wrong(
            "column \"%s\" means nothing to %s.%s It takes %s"
                .formatted(
                    Body.shown(column),
                    version.version().reference(),
                    Nearest.hint(column, taken),
                    List.copyOf(taken)));
      }
    }
  }

  /** By row, what it says beside inputs: keys of entities, and what inputs are computed from. */
  private static List<Map<String, JsonNode>> asked(Frame frame, List<Lookup> lookups) {
    Set<String> keys = ModelInputs.keys(lookups);
    List<Map<String, JsonNode>> asked = new ArrayList<>();
    for (int row = 0; row < frame.rows().size(); row++) {
      Map<String, JsonNode> said = new LinkedHashMap<>();
      for (String key : keys) {
        said.put(key, frame.value(row, key));
      }
      asked.add(said);
    }
    return asked;
  }

  /** By row, the values of the inputs in their order; null for what is missing. */
  private static Object[][] inputs(
      Frame frame, ServedVersion version, List<Lookup> lookups, List<List<List<Answer>>> read) {
    List<Input> signature = version.model().signature().inputs();
    Object[][] inputs = new Object[frame.rows().size()][signature.size()];
    for (int row = 0; row < inputs.length; row++) {
      for (int i = 0; i < signature.size(); i++) {
        Input input = signature.get(i);
        if (frame.has(input.column())) {
          inputs[row][i] = InputValues.of(frame.value(row, input.column()), input);
        }
      }
      for (int l = 0; l < lookups.size(); l++) {
        List<Answer> answers = read.get(l).get(row);
        for (int f = 0; f < answers.size(); f++) {
          inputs[row][lookups.get(l).inputs().get(f)] = answers.get(f).value().orElse(null);
        }
      }
    }
    return inputs;
  }

  private static double[] scores(ServedVersion version, Object[][] inputs) {
    List<Input> signature = version.model().signature().inputs();
    double[] scores = new double[inputs.length];
    ScoringBlock block = version.take();
    try {
      for (int from = 0; from < inputs.length; from += block.most()) {
        int to = Math.min(inputs.length, from + block.most());
        block.clear();
        for (int row = from; row < to; row++) {
          block.append();
          for (int i = 0; i < signature.size(); i++) {
            InputValues.set(block, i, signature.get(i), inputs[row][i]);
          }
        }
        block.score();
        for (int row = from; row < to; row++) {
          scores[row] = block.score(row - from);
        }
      }
    } finally {
      version.give(block);
    }
    return scores;
  }
}
