package io.tributary.model;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.io.Serializable;

/** How an input column becomes numbers. Null, NaN and infinite values are missing values. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Encoding.Standardize.class, name = "standardize"),
  @JsonSubTypes.Type(value = Encoding.Raw.class, name = "raw"),
  @JsonSubTypes.Type(value = Encoding.OneHot.class, name = "one-hot"),
  @JsonSubTypes.Type(value = Encoding.Embedding.class, name = "embedding")
})
public sealed interface Encoding extends Serializable {
  /** Whether it reads its column as a category, not as a number. */
  boolean categorical();

  /**
   * Mean 0 and variance 1 over the training rows. A missing value is the mean, and sets an
   * indicator column if the training rows had missing values too. A column that is constant in
   * training is 0 always; a boolean is 0 or 1, before it is standardized.
   */
  record Standardize() implements Encoding {
    @Override
    public boolean categorical() {
      return false;
    }

    @Override
    public String toString() {
      return "standardize";
    }
  }

  /**
   * As it is. A missing value is 0, and sets an indicator column if the training rows had missing
   * values too.
   */
  record Raw() implements Encoding {
    @Override
    public boolean categorical() {
      return false;
    }

    @Override
    public String toString() {
      return "raw";
    }
  }

  /**
   * One column for each value seen in training, in the order of their text, and one for missing and
   * unseen values. If no training row had a missing value, nothing was learnt for that last column:
   * then they take the training rows' shares of the values.
   */
  record OneHot() implements Encoding {
    @Override
    public boolean categorical() {
      return true;
    }

    @Override
    public String toString() {
      return "one-hot";
    }
  }

  /**
   * A learnt vector for each value seen in training, and one for missing and unseen values. If no
   * training row had a missing value, that last vector is the mean of the others over the training
   * rows.
   */
  record Embedding(int width) implements Encoding {
    public Embedding {
      if (width < 1 || width > 1_024) {
        throw new PlatformException(
            ErrorCode.INVALID_DEFINITION,
            "Cannot use embedding("
                + width
                + "): its width is outside 1 to 1024. Choose a smaller one.");
      }
    }

    @Override
    public boolean categorical() {
      return true;
    }

    @Override
    public String toString() {
      return "embedding(" + width + ")";
    }
  }
}
