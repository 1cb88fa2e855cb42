package io.tributary.registry;

import io.tributary.core.Digest;
import io.tributary.core.Interval;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a mark of a suspect thing covers, as an impact tells it.
 *
 * @param things what was made from the thing
 * @param reaches of a delivery: by score set, the as-ofs of rows that read something of it, whether
 *     they are scored or not
 * @param readers by score set, the definitions that its reach was told by: its own, and the models'
 *     that scored it; a set without any has its reach by whatever definition
 * @param newest by model, the newest version that the impact knew; empty where that was not noted
 */
public record Coverage(
    List<String> things,
    Map<String, Interval> reaches,
    Map<String, Set<Digest>> readers,
    Optional<Map<String, Long>> newest) {
  public Coverage {
    things = List.copyOf(things);
    reaches = Collections.unmodifiableMap(new TreeMap<>(reaches));
    readers = Collections.unmodifiableMap(new TreeMap<>(readers));
    newest = newest.map(known -> Collections.unmodifiableMap(new TreeMap<>(known)));
  }

  /** Of things alone. */
  public static Coverage of(List<String> things) {
    return new Coverage(things, Map.of(), Map.of(), Optional.of(Map.of()));
  }

  /** What one of the two covers; a reach is told by the definitions of the later one. */
  Coverage and(Coverage later) {
    Set<String> all = new LinkedHashSet<>(things);
    all.addAll(later.things);
    Map<String, Interval> reached = new TreeMap<>(reaches);
    later.reaches.forEach((set, reach) -> reached.merge(set, reach, Coverage::hull));
    Map<String, Set<Digest>> read = new TreeMap<>(readers);
    read.putAll(later.readers);
    Map<String, Long> known = new TreeMap<>(newest.orElse(Map.of()));
    later.newest.ifPresent(more -> more.forEach((model, n) -> known.merge(model, n, Math::max)));
    return new Coverage(
        List.copyOf(all), reached, read, newest.or(() -> later.newest).map(any -> known));
  }

  private static Interval hull(Interval a, Interval b) {
    return Interval.of(
        a.from().isBefore(b.from()) ? a.from() : b.from(),
        a.to().isAfter(b.to()) ? a.to() : b.to());
  }
}
