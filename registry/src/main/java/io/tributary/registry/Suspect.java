package io.tributary.registry;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.tributary.core.Pin;
import io.tributary.core.Principal;
import io.tributary.core.TableName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A person's mark on a thing, and on all that was made from it, that it must not be used.
 *
 * @param root the thing, as an impact names it: {@code delivery:flights@17}
 * @param coverage what the mark covers, together with marks of the same thing before it
 * @param at when it was marked
 * @param reason why, in the person's words
 */
public record Suspect(
    String root, @JsonUnwrapped Coverage coverage, Instant at, Principal principal, String reason) {
  private static final String DELIVERY = "delivery:";
  private static final String VIEW = "view:";

  /** Whether it is a thing, or was made from it. */
  public boolean marks(String thing) {
    return root.equals(thing) || coverage.things().contains(thing);
  }

  /**
   * Whether a version of a model is the thing, or was made from it: one that the mark's impact did
   * not know yet, if what it was trained on would be refused now.
   *
   * @param here whether it was trained here: of any other nobody knows for sure what it read
   */
  boolean covers(ModelReference version, boolean here, Optional<TrainingUse> trained) {
    return marks("model:" + version)
        || trained.filter(this::enters).isPresent() && (!here || isNew(version));
  }

  /** Whether the mark's impact did not know a version. */
  private boolean isNew(ModelReference version) {
    return coverage
        .newest()
        .filter(known -> known.getOrDefault(version.model(), 0L) < version.number().orElseThrow())
        .isPresent();
  }

  /** Whether a model's online inputs are served from a publication that it marks. */
  boolean marksOnline(String view) {
    return root.equals(VIEW + view)
        || coverage.things().stream().anyMatch(thing -> thing.startsWith("online:" + view + "@"));
  }

  /** Whether scores would be made from it. */
  boolean enters(ScoringUse use) {
    if (uses(use.definitions())) {
      return true;
    }
    // A set that nobody had scored so when it was marked may read it at any time.
    return isPinned(use.pins())
        && Optional.ofNullable(coverage.reaches().get(use.scores()))
            .filter(reach -> use.isBy(coverage.readers().getOrDefault(use.scores(), Set.of())))
            .map(use.interval()::overlaps)
            .orElse(true);
  }

  /** Whether what a model is trained on was made from it. */
  boolean enters(TrainingUse use) {
    return use.build().filter(build -> marks("table:" + build.shortName())).isPresent()
        || isPinned(use.pins())
        || uses(use.definitions());
  }

  private boolean uses(Set<String> definitions) {
    return root.startsWith(VIEW) && definitions.contains("view " + root.substring(VIEW.length()));
  }

  private boolean isPinned(List<Pin> pins) {
    return pins.stream().anyMatch(this::isPinned);
  }

  /** The delivery's own table is pinned by its number; a table made from it by the version. */
  private boolean isPinned(Pin pin) {
    TableName table = pin.version().table();
    boolean isSource = table.layer().equals("validated");
    String delivery = DELIVERY + table.subject() + "@";
    if (isSource && root.startsWith(delivery)) {
      return pin.deliveries().orElse(0L) >= Long.parseLong(root.substring(delivery.length()));
    }
    String made = "table:" + table + "@";
    return (isSource || table.layer().equals("features"))
        && coverage.things().stream()
            .filter(thing -> thing.startsWith(made))
            .anyMatch(
                thing -> Long.parseLong(thing.substring(made.length())) <= pin.version().version());
  }

  /** The thing as {@code tributary impact} takes it. */
  @JsonIgnore
  public String operand() {
    String name = root.substring(root.indexOf(':') + 1);
    int at = name.lastIndexOf('@');
    return root.startsWith(DELIVERY)
        ? name.substring(0, at) + " --delivery " + name.substring(at + 1)
        : root.startsWith("run:") ? name : root;
  }

  /** Who marked what, and how the mark is cleared, in sentences. */
  @Override
  public String toString() {
    return "%s marked %s as suspect at %s (%s). Make anew what was made from it, or clear the mark: tributary impact %s --clear --reason \"…\"."
        .formatted(principal, root.replaceFirst(":", " "), at, reason, operand());
  }
}
