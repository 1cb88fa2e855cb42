package io.tributary.registry;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.tributary.core.Interval;
import io.tributary.core.Pin;
import io.tributary.core.Principal;
import io.tributary.core.TableName;
import io.tributary.core.TableVersion;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A person's mark on a thing, and on all that was made from it by then, that it must not be used.
 *
 * @param root the thing, as an impact names it: {@code delivery:flights@17}
 * @param things what was made from it, as an impact names it
 * @param reaches of a delivery: by score set, the as-ofs of rows that read something of it, whether
 *     they are scored or not
 * @param at when it was marked
 * @param reason why, in the person's words
 */
public record Suspect(
    String root,
    List<String> things,
    Map<String, Interval> reaches,
    Instant at,
    Principal principal,
    String reason) {
  private static final String DELIVERY = "delivery:";

  public Suspect {
    things = List.copyOf(things);
    reaches = Collections.unmodifiableMap(new TreeMap<>(reaches));
  }

  /** Whether it is a thing, or was made from it. */
  public boolean marks(String thing) {
    return root.equals(thing) || things.contains(thing);
  }

  /** Whether a model's online inputs are served from a publication that it marks. */
  boolean marksOnline(String view) {
    return root.equals("view:" + view)
        || things.stream().anyMatch(thing -> thing.startsWith("online:" + view + "@"));
  }

  /**
   * Whether scores would be made from it.
   *
   * @param scores the score set
   * @param pins what they are made from
   * @param definitions what they are made by, by kind and name
   */
  boolean enters(String scores, Interval interval, List<Pin> pins, Set<String> definitions) {
    if (root.startsWith("view:")
        && definitions.contains("view " + root.substring("view:".length()))) {
      return true;
    }
    // A set that nobody had scored when it was marked may read it at any time.
    return isPinned(pins)
        && Optional.ofNullable(reaches.get(scores)).map(interval::overlaps).orElse(true);
  }

  /** Whether a build of a training set was made from it. */
  boolean enters(TableVersion build, List<Pin> pins) {
    return marks("table:" + build.shortName()) || isPinned(pins);
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
        && things.stream()
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
