package io.tributary.testing;

import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * What computes rows in tests that both runners must pass: {@code -Drunner=auto}, this process
 * where it can, or {@code -Drunner=spark}; else drawn once a process, and printed with what draws
 * it again.
 */
public final class DrawnRunner {
  private static final String PROPERTY = "runner";
  private static final String NAME = drawn();

  private DrawnRunner() {}

  /** {@code auto} or {@code spark}. */
  public static String name() {
    return NAME;
  }

  private static String drawn() {
    Optional<String> given =
        Optional.ofNullable(System.getProperty(PROPERTY)).filter(name -> !name.isBlank());
    String name = given.orElseGet(() -> List.of("auto", "spark").get(new Random().nextInt(2)));
    System.out.printf("Rows are computed by %s; -D%s=%s does it again.%n", name, PROPERTY, name);
    return name;
  }
}
