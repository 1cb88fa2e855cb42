package io.tributary.serving;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Nearest;
import io.tributary.model.Input;
import io.tributary.model.ScoringBlock;
import io.tributary.online.Answer;
import io.tributary.serving.ModelInputs.Lookup;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Scores on request, as MLflow's scoring server gives them ({@code POST …/invocations}). Rows bring
 * all inputs of the model along; or what names their entities, and the inputs that no published
 * view has. A score is to the bit that of batch scoring for the same inputs, and all of one answer
 * are by one version.
 */
final class Invocations {
  /** The header that says which version scored. */
  static final String VERSION = "Tributary-Model";

  private final ServedViews views;
  private final ServedModels models;
  private final ModelInputs inputs;

  Invocations(ServedViews views, ServedModels models, ModelInputs inputs) {
    this.views = views;
    this.models = models;
    this.inputs = inputs;
  }

  Reply score(Call call) {
    Frame frame = Frame.of(Body.of(call.body(), Set.of("dataframe_records", "dataframe_split")));
    ServedVersion version = models.find(call.path().get(0));
    return views.steady(() -> score(call, frame, version));
  }

  private Reply score(Call call, Frame frame, ServedVersion version) {
    List<Input> signature = version.model().signature().inputs();
    boolean whole = signature.stream().allMatch(input -> frame.has(input.column()));
    List<Lookup> lookups = whole ? List.of() : inputs.of(version);
    requireColumns(frame, version, lookups);
    if (!whole) {
      inputs.require(version, lookups);
    }
    double[] scores = scores(frame, version, lookups, read(call, frame, lookups));
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
        .with(Map.of(VERSION, version.version().reference().toString()));
  }

  private List<List<List<Answer>>> read(Call call, Frame frame, List<Lookup> lookups) {
    return inputs.read(lookups, frame.rows().size(), frame::value, call.at());
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
          "the rows have no %s. %s takes all of its inputs, or %s and looks up the others"
              .formatted(missing, version.version().reference(), List.copyOf(taken)));
    }
    for (String column : frame.columns().keySet()) {
      if (looked.contains(column)) {
        throw Body.wrong(
            "the rows have some inputs that are looked up, as \"%s\", and not all. Bring all along, or none"
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

  private static double[] scores(
      Frame frame, ServedVersion version, List<Lookup> lookups, List<List<List<Answer>>> read) {
    List<Input> signature = version.model().signature().inputs();
    int rows = frame.rows().size();
    double[] scores = new double[rows];
    ScoringBlock block = version.take();
    try {
      for (int from = 0; from < rows; from += block.most()) {
        int to = Math.min(rows, from + block.most());
        block.clear();
        for (int row = from; row < to; row++) {
          block.append();
          set(block, signature, frame, row);
          for (int l = 0; l < lookups.size(); l++) {
            List<Answer> answers = read.get(l).get(row);
            for (int f = 0; f < answers.size(); f++) {
              int place = lookups.get(l).inputs().get(f);
              InputValues.set(
                  block, place, signature.get(place), answers.get(f).value().orElse(null));
            }
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

  private static void set(ScoringBlock block, List<Input> signature, Frame frame, int row) {
    for (int i = 0; i < signature.size(); i++) {
      Input input = signature.get(i);
      if (frame.has(input.column())) {
        JsonNode said = frame.value(row, input.column());
        InputValues.set(block, i, input, InputValues.of(said, input));
      }
    }
  }
}
