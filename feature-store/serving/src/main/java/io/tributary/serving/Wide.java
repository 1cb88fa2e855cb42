package io.tributary.serving;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.serving.ServedViews.Asked;
import java.util.List;

/** Refuses questions whose answers would be too large. */
final class Wide {
  private Wide() {}

  static void require(int rows, List<Asked> asked) {
    int features = asked.stream().mapToInt(of -> of.features().size()).sum();
    if (rows > Limits.ENTITIES || (long) rows * features > Limits.VALUES) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot answer: %s entities of %s features are asked for, and %s entities and %s values are the most. Ask in parts."
              .formatted(rows, features, Limits.ENTITIES, Limits.VALUES));
    }
  }
}
