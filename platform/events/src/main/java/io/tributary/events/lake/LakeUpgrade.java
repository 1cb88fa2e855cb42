package io.tributary.events.lake;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.util.ArrayList;
import java.util.List;

/**
 * Upgrades a lake of an older format to the present one, a step a format. An interrupted step is
 * repeated: the lake has the next format only once the step is complete.
 */
public final class LakeUpgrade {
  /** A step from one format to the next. */
  interface Step {
    /** The format that it starts from. */
    int from();

    /** What it changes, for people: a sentence without its full stop. */
    String description();

    /** Changes the lake; repeating it, also after an interruption, gives the same result. */
    void run(String lake);
  }

  /** One for each format that some build has written: format 1 is the first. */
  private static final List<Step> STEPS = List.of();

  private final List<Step> steps;
  private final int present;

  private LakeUpgrade(List<Step> steps, int present) {
    this.steps = steps;
    this.present = present;
  }

  /** The steps that this build knows. */
  public static LakeUpgrade known() {
    return new LakeUpgrade(STEPS, LakeIdentity.FORMAT);
  }

  /** The given steps up to a format. */
  static LakeUpgrade of(List<Step> steps, int present) {
    return new LakeUpgrade(steps, present);
  }

  /**
   * What was, or with {@code dryRun} would be, done to a lake, a sentence a step; none for one that
   * is of the present format.
   *
   * @throws PlatformException NOT_FOUND when there is no lake; REFUSED when the lake is of a newer
   *     format, or of one that no step starts from
   */
  public List<String> run(String lake, boolean dryRun) {
    List<String> done = new ArrayList<>();
    LakeIdentity identity = LakeIdentity.read(lake, present).orElse(null);
    if (identity == null) {
      LakeIdentity.require(lake);
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot upgrade lake %s: %s. Name the lake's folder, as with --lake; where no run has written yet, nothing has to be upgraded."
              .formatted(lake, LakeIdentity.missing(lake)));
    }
    for (int format = identity.format(); format < present; format++) {
      Step step = step(lake, format);
      done.add("format %d to %d: %s".formatted(format, format + 1, step.description()));
      if (!dryRun) {
        step.run(lake);
        identity = identity.upgradedTo(format + 1);
        LakeIdentity.write(lake, identity, true);
      }
    }
    return done;
  }

  private Step step(String lake, int format) {
    return steps.stream()
        .filter(s -> s.from() == format)
        .findFirst()
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.REFUSED,
                    "Cannot upgrade lake %s: this build knows no way from format %d to %d. Use an earlier build first."
                        .formatted(lake, format, format + 1)));
  }
}
