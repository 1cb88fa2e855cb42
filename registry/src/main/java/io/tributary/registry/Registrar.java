package io.tributary.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.registry.TrainedElsewhere.Input;
import io.tributary.registry.TrainedElsewhere.Kind;
import io.tributary.registry.TrainedElsewhere.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Registers models that were trained elsewhere. They become versions like any others, but none is
 * promoted. Safe for concurrent threads and processes.
 */
public final class Registrar {
  private static final String HEADER = "bundle.json";
  private static final String SIGNATURE = "signature.json";

  private static final Map<String, String> RAW = Map.of("kind", "raw");
  private static final Pattern NUMERIC =
      Pattern.compile("boolean|tinyint|smallint|int|bigint|float|double|decimal\\(.*");

  private final String lake;
  private final ModelRegistry registry;

  private Registrar(String lake, ModelRegistry registry) {
    this.lake = lake;
    this.registry = registry;
  }

  /** The registrar of the lake at a local path or a Hadoop URI. */
  public static Registrar open(String lake) {
    return new Registrar(lake, ModelRegistry.open(lake));
  }

  /**
   * Registers a model under the next number of its name, its files in the artefact store. One that
   * is registered already, with equal files and equally described, is that version: nothing is
   * written, so that who was killed can do it again.
   *
   * @return the version, with its number
   * @throws PlatformException INVALID_REQUEST when the files are not what their kind asks for
   */
  public ModelVersion register(Registration registration, Principal principal) {
    TrainedElsewhere said = checked(registration);
    Environment here = Environment.ofProcess();
    LakeIdentity.ensure(lake, new LakeIdentity.Build(Instant.now(), here.code(), here.dirty()));
    Artefact artefact = ArtefactStore.open(lake).put(files(registration, said));
    Digest definition = Digest.of(Json.write(said));
    Digest fingerprint =
        Digest.of(
            "register 1\n"
                + Json.write(
                    List.of(
                        definition,
                        registration.metrics(),
                        registration.trainedOn(),
                        registration.admission())));
    ModelVersion draft =
        new ModelVersion(
            registration.model(),
            0,
            artefact,
            registration.metrics(),
            Map.of(),
            Optional.empty(),
            registration.admission(),
            Optional.empty(),
            registration.trainingSet(),
            Optional.empty(),
            definition,
            artefact.digest(),
            registration
                .trainingSet()
                .map(set -> built(set.name(), set.number()).definitions())
                .orElse(Map.of()),
            Optional.empty(),
            fingerprint,
            Optional.empty(),
            Optional.of(said));
    return registry.register(draft, principal);
  }

  /**
   * A build of a training set, by what its run recorded.
   *
   * @throws PlatformException NOT_FOUND when no run built it, or its table is gone
   */
  public TrainingSetReference trainingSet(String name, long number) {
    return built(name, number).reference();
  }

  private BuiltTrainingSet built(String name, long number) {
    return BuiltTrainingSet.find(
        lake, name, number, "register a model trained on", "write training-set: none");
  }

  /** An ONNX model does not say what its columns are: a file beside it does. */
  private static Map<String, byte[]> files(Registration registration, TrainedElsewhere said) {
    Map<String, byte[]> files = new TreeMap<>(registration.files());
    if (said.kind() == Kind.ONNX) {
      files.put(
          SIGNATURE,
          Json.write(
                  new Signature(
                      registration.model(),
                      said.problem().toString(),
                      said.inputs().stream()
                          .map(input -> new RawInput(input.column(), input.type(), RAW))
                          .toList(),
                      said.label().orElse(""),
                      said.output()))
              .getBytes(StandardCharsets.UTF_8));
    }
    return files;
  }

  /** The {@value #SIGNATURE} of an ONNX model, which {@code platform/model} reads. */
  private record Signature(
      String model, String problem, List<RawInput> inputs, String label, Optional<String> output) {}

  private record RawInput(String column, String type, Map<String, String> encoding) {}

  /** What is said, completed by what the files say themselves. */
  private static TrainedElsewhere checked(Registration registration) {
    TrainedElsewhere said = registration.said();
    return switch (said.kind()) {
      case BUNDLE -> ofBundle(registration);
      case ONNX -> {
        List<String> models =
            registration.files().keySet().stream().filter(name -> name.endsWith(".onnx")).toList();
        if (models.size() != 1) {
          throw refused(
              registration,
              models.isEmpty()
                  ? "no file ends in .onnx. Add the model, or say kind: files"
                  : "%s are several models. Keep one, or say kind: files"
                      .formatted(String.join(" and ", models)));
        }
        if (said.inputs().isEmpty()) {
          throw refused(registration, "nothing says its inputs. Name them under inputs");
        }
        if (registration.files().containsKey(SIGNATURE)) {
          throw refused(
              registration,
              SIGNATURE + " is a name for what is said of its inputs. Give the file another one");
        }
        for (Input input : said.inputs()) {
          if (!NUMERIC.matcher(input.type()).matches()) {
            throw refused(
                registration,
                "its input %s is of type %s, and numbers and booleans alone are given to it. Make numbers of it by a derived feature, or say kind: files"
                    .formatted(input.column(), input.type()));
          }
        }
        yield said;
      }
      case FILES -> {
        if (registration.files().isEmpty()) {
          throw refused(registration, "there is no file. Add those that it is made of");
        }
        yield said;
      }
    };
  }

  /** A bundle says itself what it takes and foretells. */
  private static TrainedElsewhere ofBundle(Registration registration) {
    Map<String, byte[]> others = new TreeMap<>(registration.files());
    byte[] header = others.remove(HEADER);
    byte[] signature = others.get(SIGNATURE);
    if (header == null || signature == null) {
      throw refused(
          registration,
          "a bundle has %s and %s, and the folder has not. Copy all files of the artefact, or say kind: files"
              .formatted(HEADER, SIGNATURE));
    }
    Map<String, String> digests = new TreeMap<>();
    others.forEach((name, bytes) -> digests.put(name, Digest.of(bytes).hex()));
    Map<String, String> named = new TreeMap<>();
    tree(registration, HEADER, header)
        .path("files")
        .fields()
        .forEachRemaining(file -> named.put(file.getKey(), file.getValue().asText()));
    if (!named.equals(digests)) {
      throw refused(
          registration,
          "its files are not those that %s names by their SHA-256. Copy all files of the artefact, unaltered"
              .formatted(HEADER));
    }
    JsonNode takes = tree(registration, SIGNATURE, signature);
    List<Input> inputs = new ArrayList<>();
    takes
        .path("inputs")
        .forEach(
            input ->
                inputs.add(new Input(input.path("column").asText(), input.path("type").asText())));
    TrainedElsewhere said = registration.said();
    return new TrainedElsewhere(
        Kind.BUNDLE,
        Problem.BINARY,
        said.description(),
        inputs,
        Optional.of(takes.path("label").asText()),
        Optional.empty(),
        said.measured(),
        said.parameters(),
        said.code(),
        said.environment());
  }

  private static JsonNode tree(Registration registration, String file, byte[] bytes) {
    try {
      return Json.read(new String(bytes, StandardCharsets.UTF_8), JsonNode.class);
    } catch (PlatformException e) {
      throw refused(registration, file + " is no JSON. Copy all files of the artefact, unaltered");
    }
  }

  private static PlatformException refused(Registration registration, String why) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST,
        "Cannot register a version of %s as %s: %s."
            .formatted(registration.model(), registration.said().kind(), why));
  }
}
