package io.tributary.model;

import java.util.List;

/**
 * The columns that the rows of {@code scores.<score set>} have beside those of the label rows, and
 * the two more of {@code superseded.<score set>}.
 */
public final class ScoreColumns {
  /** {@code <score set>/<UTC day of the as-of>/<digest>}: the same however often it is scored. */
  public static final String PREDICTION = "_prediction_id";

  /** Where the row came from: {@value #BATCH}. */
  public static final String CHANNEL = "_channel";

  /** Of the request; none in a batch. */
  public static final String REQUEST = "_request_id";

  /**
   * What the model was to the row: {@value #CHAMPION}, {@value #CHALLENGER} or {@value #SHADOW}.
   */
  public static final String ROLE = "_role";

  /** The how-manieth scoring of its interval the row was scored in, from 1. */
  public static final String SCORING = "_scoring";

  /** From when on the row was in force. */
  public static final String SCORED_AT = "_scored_at";

  /** The prediction: a struct, of whose members one is not null. */
  public static final String OUTPUT = "output";

  /** The member of {@link #OUTPUT} of a model with two classes. */
  public static final String PROBABILITY = "probability";

  /** The member of {@link #OUTPUT} of a model that foretells a number. */
  public static final String NUMBER = "number";

  /** The names of the inputs that did not count as they were: a struct of three arrays. */
  public static final String FLAGS = "flags";

  public static final String MODEL = "model";
  public static final String MODEL_VERSION = "model_version";
  public static final String ARTEFACT = "artefact";
  public static final String RUN = "_run";

  /** Of what the model was given. */
  public static final String INPUTS_DIGEST = "_inputs_digest";

  /** What the model was given: a struct of {@link #NUMBERS} and {@link #CATEGORIES}. */
  public static final String INPUTS = "inputs";

  /** The member of {@link #INPUTS} with those that are read as numbers: a struct of doubles. */
  public static final String NUMBERS = "numbers";

  /** The member of {@link #INPUTS} with those that are read as categories: a struct of texts. */
  public static final String CATEGORIES = "categories";

  /** Until when a row was in force, that instant itself excluded. */
  public static final String SUPERSEDED_AT = "_superseded_at";

  /** The run that superseded it. */
  public static final String SUPERSEDED_BY = "_superseded_by";

  public static final String BATCH = "batch";
  public static final String CHAMPION = "champion";
  public static final String CHALLENGER = "challenger";
  public static final String SHADOW = "shadow";

  /** The members of {@link #FLAGS}. */
  public static final List<String> FLAG_NAMES = List.of("missing", "unseen", "clamped");

  private ScoreColumns() {}
}
