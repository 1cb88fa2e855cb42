package io.tributary.model;

import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model in the Open Neural Network Exchange's format, as its artefact holds it: one file that
 * ends in {@code .onnx}, and {@code signature.json}, which says its columns.
 */
public final class OnnxFile implements StoredModel {
  private static final long serialVersionUID = 1L;

  private static final String SUFFIX = ".onnx";
  private static final String SIGNATURE = "signature.json";
  private static final String NUMBER = "number";
  private static final List<String> SCORED = List.of("binary", NUMBER);

  private final byte[] model;
  private final String name;
  private final ArrayList<Input> inputs;
  private final String label;
  private final boolean number;

  /** None where the model has one output alone. */
  private final ArrayList<String> output;

  /** What {@code signature.json} says beside a {@link ModelSignature}. */
  private record Said(String problem, Optional<String> output) {}

  private OnnxFile(byte[] model, ModelSignature signature, Said said) {
    this.model = model;
    this.name = signature.model();
    this.inputs = new ArrayList<>(signature.inputs());
    this.label = signature.label();
    this.number = said.problem().equals(NUMBER);
    this.output = new ArrayList<>(said.output().stream().toList());
  }

  /** Whether files are such a model's. */
  static boolean isAmong(Map<String, byte[]> files) {
    return files.containsKey(SIGNATURE)
        && files.keySet().stream().anyMatch(name -> name.endsWith(SUFFIX));
  }

  /**
   * The model among the files of an artefact.
   *
   * @throws PlatformException REFUSED where it foretells something else than a boolean or a number
   */
  static OnnxFile of(Map<String, byte[]> files) {
    String text = new String(files.get(SIGNATURE), StandardCharsets.UTF_8);
    ModelSignature signature = Json.read(text, ModelSignature.class);
    Said said = Json.read(text, Said.class);
    if (!SCORED.contains(said.problem())) {
      throw new PlatformException(
          ErrorCode.REFUSED,
          "Cannot score with a model of %s: it foretells %s, and this build scores models of problem %s alone. Score its rows where it was trained."
              .formatted(signature.model(), said.problem(), String.join(" and ", SCORED)));
    }
    return new OnnxFile(
        files.entrySet().stream()
            .filter(file -> file.getKey().endsWith(SUFFIX))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElseThrow(),
        signature,
        said);
  }

  @Override
  public ModelSignature signature() {
    return new ModelSignature(name, inputs, label);
  }

  @Override
  public OnnxModel open() {
    return OnnxModel.open(
        model,
        signature(),
        number ? ScoreColumns.NUMBER : ScoreColumns.PROBABILITY,
        output.stream().findFirst());
  }
}
