package io.tributary.definition;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.definition.internal.DescribedModelParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A model that was trained elsewhere, as the file {@value #FILE} in its folder describes it. The
 * other files of the folder are the model.
 *
 * @param kind {@code bundle}, {@code onnx} or {@code files}
 * @param description in words; empty if nobody said
 * @param problem {@code binary}, {@code classes} or {@code number}
 * @param inputs the types of the columns that it takes, in its order; empty for a bundle
 * @param label the column that it foretells
 * @param output the output of an ONNX model that has the score
 * @param metrics by the measure's name
 * @param measuredOn the as-of of the rows that the metrics are of
 * @param trainingSet the build that it was trained on; empty if the lake does not have its rows
 */
public record DescribedModel(
    String model,
    String kind,
    Optional<String> description,
    String problem,
    Map<String, ColumnType> inputs,
    Optional<String> label,
    Optional<String> output,
    Map<String, Double> metrics,
    Optional<Interval> measuredOn,
    Map<String, String> parameters,
    Optional<String> codeRevision,
    Map<String, String> environment,
    Optional<Build> trainingSet) {
  /** The file that describes a folder's model. */
  public static final String FILE = "model-version.yaml";

  /** A build of a training set. */
  public record Build(String name, long number) {}

  public DescribedModel {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    metrics = Map.copyOf(metrics);
    parameters = Map.copyOf(parameters);
    environment = Map.copyOf(environment);
  }

  /**
   * Reads the description in a folder.
   *
   * @param zone of bare dates
   * @throws PlatformException NOT_FOUND if there is none, INVALID_DEFINITION with all that is wrong
   */
  public static DescribedModel read(Path folder, ZoneId zone) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot register a model from %s: it has no %s, which says what the model is. Write one beside its files, as tributary registry register --help shows."
              .formatted(folder, FILE));
    }
    Problems problems = new Problems();
    Optional<DescribedModel> read = DescribedModelParser.read(file, zone, problems);
    if (!problems.isEmpty()) {
      throw Problem.exceptionOf("the model in " + folder, problems.sorted());
    }
    return read.orElseThrow();
  }
}
