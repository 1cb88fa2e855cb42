package io.tributary.train;

import io.tributary.analysis.CheckedTrainingSet;
import io.tributary.analysis.CheckedUse;
import io.tributary.definition.Feature;
import io.tributary.definition.Window;
import io.tributary.drift.InputName;
import io.tributary.model.Input;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.types.StructField;

/**
 * Where a model's inputs come from.
 *
 * @param names of the inputs with their views; those of the rows themselves are of one group
 * @param longest of the windows over which their views look back: what comes within it of the first
 *     row is not like what follows
 */
record InputOrigins(List<InputName> names, Duration longest) {
  private static final String ROWS = "rows";

  static InputOrigins of(List<Input> inputs, CheckedTrainingSet trainingSet) {
    Set<String> columns = new HashSet<>();
    inputs.forEach(input -> columns.add(input.column()));
    Map<String, String> views = new HashMap<>();
    Duration longest = Duration.ZERO;
    for (CheckedUse use : trainingSet.uses()) {
      use.columns().forEach(column -> views.put(column.name(), use.view().id().name()));
      if (use.columns().stream().anyMatch(column -> columns.contains(column.name()))) {
        for (Feature feature : lookingBack(use)) {
          if (feature instanceof Feature.Windowed windowed) {
            Duration length = length(windowed.window());
            longest = length.compareTo(longest) > 0 ? length : longest;
          }
        }
      }
    }
    return new InputOrigins(
        inputs.stream()
            .map(input -> new InputName(input.column(), views.getOrDefault(input.column(), ROWS)))
            .toList(),
        longest);
  }

  /** The features that are taken; all of the view if a derived one is, which may stand on any. */
  private static List<Feature> lookingBack(CheckedUse use) {
    Map<String, Feature> features = new HashMap<>();
    use.view().definition().features().forEach(feature -> features.put(feature.name(), feature));
    List<String> taken = use.features().stream().map(StructField::name).toList();
    return features.keySet().containsAll(taken)
        ? taken.stream().map(features::get).toList()
        : List.copyOf(features.values());
  }

  private static Duration length(Window window) {
    return window instanceof Window.CalendarDays calendar
        ? Duration.ofDays(calendar.days())
        : ((Window.Physical) window).length();
  }
}
