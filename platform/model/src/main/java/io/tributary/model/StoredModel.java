package io.tributary.model;

import io.tributary.core.Digest;
import io.tributary.core.PlatformException;
import java.io.Serializable;
import java.util.Map;

/** The files of a model that scores, in memory. */
public sealed interface StoredModel extends Serializable permits ModelBundle, OnnxFile {
  /**
   * The model in an artefact's files.
   *
   * @param expected the registered digest
   * @throws PlatformException as {@link ModelBundle#of(Map, Digest)}; REFUSED where it foretells
   *     one of several classes
   */
  static StoredModel of(Map<String, byte[]> files, Digest expected) {
    return !files.containsKey(ModelBundle.HEADER) && OnnxFile.isAmong(files)
        ? OnnxFile.of(files)
        : ModelBundle.of(files, expected);
  }

  /** What the model takes and gives. */
  ModelSignature signature();

  /**
   * Opens it.
   *
   * @throws PlatformException REFUSED where this build can't score by it
   */
  ScoringModel open();
}
