package io.tributary.offline;

import io.tributary.core.RunnerChoice;
import java.util.Optional;

/**
 * What computes some rows of a feature store.
 *
 * @param name {@code local} or {@code spark}
 * @param why why it is Spark where this process could have been it
 */
public record ChosenRunner(String name, Optional<String> why) {
  static final ChosenRunner LOCAL = new ChosenRunner(RunnerChoice.local.name(), Optional.empty());
  static final ChosenRunner SPARK = new ChosenRunner(RunnerChoice.spark.name(), Optional.empty());

  static ChosenRunner spark(String why) {
    return new ChosenRunner(SPARK.name, Optional.of(why));
  }

  public boolean isLocal() {
    return name.equals(LOCAL.name);
  }
}
