package io.tributary.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.PlatformException;
import io.tributary.definition.Model.Layer;
import io.tributary.drift.DriftProfile;
import io.tributary.model.internal.Floats;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The artefact of a model version: the files that scoring and monitoring need, held in memory.
 *
 * <p>{@code bundle.json} says what the others are: its format, the kind of problem, the outputs,
 * and each file with its digest. It is read first, so that what this build can't read is refused by
 * name. Files that this build knows nothing of are kept as they are.
 *
 * <p>{@code network.zip} can also be read by Deeplearning4j's {@code ModelSerializer}. The same
 * contents always give the same bytes: no file holds a time.
 */
public final class ModelBundle implements StoredModel {
  private static final long serialVersionUID = 1L;

  /** The format of {@code bundle.json} and of the files that it names. */
  public static final int FORMAT = 1;

  /** The file that says what the others are. */
  public static final String HEADER = "bundle.json";

  private static final String INPUTS = "inputs-drift.bin";
  private static final String SCORES = "scores-drift.bin";

  /** The files beside it that every bundle has. */
  static final List<String> FILES =
      List.of("metrics.json", "network.zip", "profile.json", "signature.json", "vectorizer.json");

  private static final String BINARY = "binary";
  private static final String LAYERS = "layers.json";
  private static final String CONFIGURATION = "configuration.json";
  private static final String PARAMETERS = "coefficients.bin";
  private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final TreeMap<String, byte[]> files;
  private transient volatile ReferenceProfile profile;
  private transient volatile DriftProfile inputs;
  private transient volatile DriftProfile scores;

  private ModelBundle(Map<String, byte[]> files) {
    this.files = new TreeMap<>(files);
  }

  /**
   * What {@code bundle.json} says.
   *
   * @param problem {@code binary}: a boolean label, and its probability of being true
   * @param preprocess the version of what {@code vectorizer.json} means
   * @param files the digest of every other file, by name
   */
  record Header(
      int format,
      String problem,
      List<Output> outputs,
      int preprocess,
      SortedMap<String, Digest> files) {
    Header {
      files = files == null ? new TreeMap<>() : files;
    }
  }

  /**
   * What the model gives for a row.
   *
   * @param kind {@code probability}: a number from 0 to 1
   * @param label that it foretells
   */
  record Output(String name, String kind, String label) {}

  /**
   * A bundle of a fitted model.
   *
   * @param inputs the inputs' profile, in the signature's order, by the rows that trained it
   * @param scores the scores' profile, by the rows that validated and tested it
   */
  public static ModelBundle of(
      FittedNetwork network,
      Vectorizer vectorizer,
      ReferenceProfile profile,
      DriftProfile inputs,
      DriftProfile scores,
      ModelMetrics metrics) {
    ModelSignature signature = vectorizer.signature();
    Map<String, byte[]> files = new TreeMap<>();
    files.put("network.zip", zip(network));
    files.put("vectorizer.json", utf8(vectorizer.json()));
    files.put("signature.json", utf8(Json.write(signature)));
    files.put("profile.json", utf8(Json.write(profile)));
    files.put(INPUTS, inputs.bytes());
    files.put(SCORES, scores.bytes());
    files.put("metrics.json", utf8(Json.write(metrics)));
    SortedMap<String, Digest> digests = digests(files);
    files.put(
        HEADER,
        utf8(
            Json.write(
                new Header(
                    FORMAT,
                    BINARY,
                    List.of(new Output("score", "probability", signature.label())),
                    Vectorizer.MEANING,
                    digests))));
    return new ModelBundle(files);
  }

  /**
   * A bundle from its files' bytes.
   *
   * @param expected the registered digest
   * @throws PlatformException {@code CORRUPT} if the bytes are not those that were registered,
   *     {@code REFUSED} if a newer build wrote them in a way that this one can't read
   */
  public static ModelBundle of(Map<String, byte[]> files, Digest expected) {
    ModelBundle bundle = new ModelBundle(files);
    if (!bundle.digest().equals(expected)) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot open artefact %s: its files have digest %s, so they are not what was registered. Restore them, or roll back to another version."
              .formatted(expected.shortHex(), bundle.digest().shortHex()));
    }
    bundle.check(expected);
    return bundle;
  }

  /**
   * Reads a bundle from a folder, whose other files are not looked at; see {@link #of(Map,
   * Digest)}.
   */
  public static ModelBundle read(Path folder, Digest expected) {
    Map<String, byte[]> files = new TreeMap<>();
    files.put(HEADER, bytes(folder, HEADER, expected));
    header(files.get(HEADER), expected)
        .files()
        .keySet()
        .forEach(name -> files.put(name, bytes(folder, name, expected)));
    return of(files, expected);
  }

  private static byte[] bytes(Path folder, String name, Digest artefact) {
    try {
      return Files.readAllBytes(folder.resolve(name));
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot read %s of artefact %s: %s. Restore it.".formatted(name, artefact.shortHex(), e),
          e);
    }
  }

  private void check(Digest artefact) {
    if (!files.containsKey(HEADER)) {
      throw corrupt(artefact, "it has no " + HEADER);
    }
    Header header = header(files.get(HEADER), artefact);
    TreeMap<String, byte[]> others = new TreeMap<>(files);
    others.remove(HEADER);
    if (!digests(others).equals(header.files())) {
      throw corrupt(
          artefact,
          "its files "
              + others.keySet()
              + " are not those of its "
              + HEADER
              + ", "
              + header.files().keySet());
    }
    if (!others.keySet().containsAll(FILES)) {
      throw corrupt(artefact, "it has the files " + others.keySet() + ", not all of " + FILES);
    }
  }

  private static Header header(byte[] bytes, Digest artefact) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    JsonNode tree = Json.read(text, JsonNode.class);
    int format = tree.path("format").asInt();
    int preprocess = tree.path("preprocess").asInt();
    String problem = tree.path("problem").asText();
    if (format > FORMAT) {
      throw newer(artefact, "format " + format, "reads formats up to " + FORMAT);
    }
    if (!problem.equals(BINARY)) {
      throw newer(artefact, "problem \"" + problem + "\"", "scores \"" + BINARY + "\" alone");
    }
    if (preprocess > Vectorizer.MEANING) {
      throw newer(
          artefact,
          "preprocessing of version " + preprocess,
          "knows versions up to " + Vectorizer.MEANING);
    }
    return Json.read(text, Header.class);
  }

  private static PlatformException newer(Digest artefact, String what, String known) {
    return new PlatformException(
        ErrorCode.REFUSED,
        "Cannot open artefact %s: its %s says %s, and this build %s. It was written by a newer build: use that one."
            .formatted(artefact.shortHex(), HEADER, what, known));
  }

  private static PlatformException corrupt(Digest artefact, String why) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot open artefact " + artefact.shortHex() + ": " + why + ". Restore it.");
  }

  /** Writes the files into a folder, which is made if it is missing. */
  public void write(Path folder) {
    try {
      Files.createDirectories(folder);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Files.write(folder.resolve(file.getKey()), file.getValue());
      }
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot write a model's artefact to %s: %s. Check the disk and its rights."
              .formatted(folder, e),
          e);
    }
  }

  /** The SHA-256 of the lines {@code NAME DIGEST} of its files, by name. */
  public Digest digest() {
    StringBuilder lines = new StringBuilder();
    digests(files)
        .forEach((name, digest) -> lines.append(name).append(' ').append(digest).append('\n'));
    return Digest.of(lines.toString());
  }

  private static SortedMap<String, Digest> digests(Map<String, byte[]> files) {
    SortedMap<String, Digest> digests = new TreeMap<>();
    files.forEach((name, bytes) -> digests.put(name, Digest.of(bytes)));
    return digests;
  }

  /** Its files by name; the arrays are the bundle's own. */
  public SortedMap<String, byte[]> files() {
    return Collections.unmodifiableSortedMap(files);
  }

  public Vectorizer vectorizer() {
    return Vectorizer.read(text("vectorizer.json"));
  }

  @Override
  public TrainedModel open() {
    return TrainedModel.open(this);
  }

  @Override
  public ModelSignature signature() {
    return Json.read(text("signature.json"), ModelSignature.class);
  }

  public ReferenceProfile profile() {
    ReferenceProfile known = profile;
    if (known == null) {
      known = Json.read(text("profile.json"), ReferenceProfile.class);
      profile = known;
    }
    return known;
  }

  /** What the inputs were like in each interval of training. */
  public DriftProfile inputs() {
    DriftProfile known = inputs;
    if (known == null) {
      known = drift(INPUTS);
      inputs = known;
    }
    return known;
  }

  /** What the scores were like in each interval of validation and test: one input, the score. */
  public DriftProfile scores() {
    DriftProfile known = scores;
    if (known == null) {
      known = drift(SCORES);
      scores = known;
    }
    return known;
  }

  /** None in a bundle of the builds that kept none. */
  private DriftProfile drift(String file) {
    return files.containsKey(file) ? DriftProfile.read(files.get(file)) : DriftProfile.NONE;
  }

  public ModelMetrics metrics() {
    return Json.read(text("metrics.json"), ModelMetrics.class);
  }

  /** The network as it was fitted. */
  public FittedNetwork network() {
    ModelMetrics metrics = metrics();
    return new FittedNetwork(
        layers(),
        new String(unzip(CONFIGURATION), StandardCharsets.UTF_8),
        parameters(),
        metrics.history(),
        metrics.bestEpoch());
  }

  /** The network's hidden layers. */
  List<Layer> layers() {
    return List.of(Json.read(new String(unzip(LAYERS), StandardCharsets.UTF_8), Layer[].class));
  }

  /** The network's parameters, read from ND4J's form of an array without ND4J. */
  float[] parameters() {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(unzip(PARAMETERS)))) {
      in.readUTF();
      long shape = in.readLong();
      in.readUTF();
      in.skipNBytes(shape * Long.BYTES);
      in.readUTF();
      float[] parameters = new float[Math.toIntExact(in.readLong())];
      String type = in.readUTF();
      if (!type.equals("FLOAT")) {
        throw new IOException("parameters of type " + type);
      }
      for (int k = 0; k < parameters.length; k++) {
        parameters[k] = in.readFloat();
      }
      return parameters;
    } catch (IOException e) {
      throw corrupt(e);
    }
  }

  private String text(String name) {
    return new String(files.get(name), StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] zip(FittedNetwork network) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      put(
          zip,
          LAYERS,
          Json.mapper()
              .writerFor(Layer[].class)
              .writeValueAsBytes(network.layers().toArray(new Layer[0])));
      put(zip, CONFIGURATION, utf8(network.configuration()));
      ByteArrayOutputStream parameters = new ByteArrayOutputStream();
      try (DataOutputStream out = new DataOutputStream(parameters)) {
        INDArray row = Nd4j.create(DataType.FLOAT, 1, network.parameters().length);
        Floats.write(network.parameters(), row);
        Nd4j.write(row, out);
      }
      put(zip, PARAMETERS, parameters.toByteArray());
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.BUG, "Cannot write a network: " + e + ". Report this as a bug.", e);
    }
    return bytes.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    // Stored, not deflated: the bytes must not depend on a compressor's version.
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(crc.getValue());
    entry.setTimeLocal(NO_TIME);
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }

  private byte[] unzip(String name) {
    try (ZipInputStream zip =
        new ZipInputStream(new ByteArrayInputStream(files.get("network.zip")))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().equals(name)) {
          return zip.readAllBytes();
        }
      }
    } catch (IOException e) {
      throw corrupt(e);
    }
    throw corrupt(new IOException("no entry " + name));
  }

  private static PlatformException corrupt(IOException e) {
    return new PlatformException(
        ErrorCode.CORRUPT,
        "Cannot read network.zip of a model's artefact: " + e.getMessage() + ". Restore it.",
        e);
  }
}
