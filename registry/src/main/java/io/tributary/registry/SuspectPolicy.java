package io.tributary.registry;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.SuspectUse;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What becomes of the use of a suspect thing, as a project says: it is refused, or goes on and is
 * told of. As safe for threads as what it tells.
 */
public final class SuspectPolicy {
  private final Supplier<SuspectUse> use;
  private final Consumer<String> warned;

  private SuspectPolicy(Supplier<SuspectUse> use, Consumer<String> warned) {
    this.use = use;
    this.warned = warned;
  }

  /**
   * @param use asked once something that is marked would be used
   * @param warned is told in a sentence of each use of what is marked that is not refused; of the
   *     same use perhaps several times
   */
  public static SuspectPolicy of(Supplier<SuspectUse> use, Consumer<String> warned) {
    return new SuspectPolicy(use, warned);
  }

  /** Whoever has no project refuses. */
  static SuspectPolicy refusing() {
    return of(() -> SuspectUse.REFUSE, none -> {});
  }

  boolean refuses() {
    return use.get() == SuspectUse.REFUSE;
  }

  /**
   * Refuses what would use a marked thing, or tells of it.
   *
   * @param what would be done, as an infinitive: {@code promote late_arrival@3 to production}
   * @throws PlatformException REFUSED, unless the project says that it is to warn
   */
  void used(String what, Suspect mark) {
    if (refuses()) {
      throw new PlatformException(ErrorCode.REFUSED, "Cannot " + what + ": " + mark);
    }
    warned.accept("SUSPECT and used all the same, to " + what + ": " + mark);
  }
}
