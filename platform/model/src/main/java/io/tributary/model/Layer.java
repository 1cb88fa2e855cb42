package io.tributary.model;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** A hidden layer of a network. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Layer.Dense.class, name = "dense"),
  @JsonSubTypes.Type(value = Layer.Dropout.class, name = "dropout")
})
public sealed interface Layer {
  /**
   * Fully connected.
   *
   * @param activation {@code relu}, {@code tanh}, {@code sigmoid}, {@code identity} or {@code gelu}
   */
  record Dense(int width, String activation) implements Layer {}

  /** Drops this share of the values that it is given, while training. */
  record Dropout(double share) implements Layer {}
}
