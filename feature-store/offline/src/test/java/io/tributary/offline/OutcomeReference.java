package io.tributary.offline;

import io.tributary.definition.Accuracy;
import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.ViewId;
import io.tributary.definition.Window;
import io.tributary.offline.SnapshotReference.Night;
import io.tributary.offline.World.Event;
import io.tributary.offline.World.Label;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Rule 14's labels over an interval, and what features and labels share, as naive loops. One method
 * a rule, so that a test can break one.
 */
class OutcomeReference {
  final Reference reference = new Reference();
  final World world;
  final FeatureView label;
  final long from;
  final boolean withFrom;
  final long to;
  final boolean withTo;
  final long maturity;

  /** The features that are taken of each view. */
  final Map<ViewId, List<String>> taken;

  /** The snapshots that were taken of views that are read from theirs. */
  final List<Night> nights;

  final SnapshotReference snapshots = new SnapshotReference();

  /**
   * @param label as a view: who belongs to a row, which events count, and one aggregate
   * @param from microseconds after the as-of, {@code to} the same
   */
  OutcomeReference(
      World world,
      FeatureView label,
      long from,
      boolean withFrom,
      long to,
      boolean withTo,
      long maturity,
      Map<ViewId, List<String>> taken,
      List<Night> nights) {
    this.world = world;
    this.label = label;
    this.from = from;
    this.withFrom = withFrom;
    this.to = to;
    this.withTo = withTo;
    this.maturity = maturity;
    this.taken = taken;
    this.nights = nights;
  }

  /** When the outcome of a row is read. */
  long readAt(long t) {
    return t + to + maturity;
  }

  boolean isMature(long t, long knownUntil) {
    return readAt(t) <= knownUntil;
  }

  boolean inInterval(Event e, long t) {
    boolean begun = withFrom ? e.event() >= t + from : e.event() > t + from;
    boolean over = withTo ? e.event() > t + to : e.event() >= t + to;
    return begun && !over;
  }

  boolean beforeInterval(Event e, long t) {
    return withFrom ? e.event() < t + from : e.event() <= t + from;
  }

  /** The version that the label reads, if it belongs to the row. */
  Optional<Event> told(List<Event> versions, Label row) {
    return reference
        .version(world, label, versions, readAt(row.asOf()))
        .filter(e -> !e.deleted())
        .filter(e -> reference.sameEntity(label, row, e))
        .filter(e -> reference.passes(label.where(), e));
  }

  /** The label's one aggregate. */
  Object value(Label row) {
    List<Event> inside = new ArrayList<>();
    for (List<Event> versions : reference.eventsOf(world)) {
      told(versions, row).filter(e -> inInterval(e, row.asOf())).ifPresent(inside::add);
    }
    inside.sort(reference.order(world, label));
    return reference.over(world, (Feature.Windowed) label.features().get(0), inside, row.asOf());
  }

  /** The end of what is known: when a live version begins or ceases to count. */
  long lastKnown() {
    long last = Long.MIN_VALUE;
    for (List<Event> versions : reference.eventsOf(world)) {
      for (Event e : versions) {
        long k = e.known();
        boolean after = isAlive(versions, k);
        if (after || isAlive(versions, k - 1)) {
          last = Math.max(last, k);
        }
      }
    }
    return last;
  }

  private boolean isAlive(List<Event> versions, long t) {
    return reference.version(world, label, versions, t).filter(e -> !e.deleted()).isPresent();
  }

  /** The version that a view shows a row, if a feature takes it in. */
  Optional<Event> shown(FeatureView view, List<Event> versions, Label row) {
    if (view.accuracy() == Accuracy.EXACT) {
      return seen(view, versions, row);
    }
    long t = row.asOf();
    return snapshots
        .night(view, nights, t)
        .filter(night -> snapshots.isFresh(view, night, t))
        .flatMap(night -> seen(view, versions, new Label(row.id(), night.at(), row.keys())))
        .filter(e -> view.servedTtl().isEmpty() || e.event() >= t - micros(view.servedTtl().get()));
  }

  /** The same of one that looks at the row's as-of. */
  Optional<Event> seen(FeatureView view, List<Event> versions, Label row) {
    long t = row.asOf();
    return reference
        .version(world, view, versions, t)
        .filter(e -> !e.deleted())
        .filter(e -> reference.happened(e, t))
        .filter(e -> reference.sameEntity(view, row, e))
        .filter(e -> reference.passes(view.where(), e))
        .filter(e -> features(view).anyMatch(f -> takes(f, e) && reaches(view, f, e, t)));
  }

  Stream<Feature> features(FeatureView view) {
    return view.features().stream().filter(f -> taken.get(view.id()).contains(f.name()));
  }

  boolean takes(Feature feature, Event e) {
    return !(feature instanceof Feature.Windowed w) || reference.passes(w.where(), e);
  }

  /** Whether the event is young enough for one of the view's features, wanted there or not. */
  boolean reaches(FeatureView view, Event e, long t) {
    return features(view).anyMatch(f -> reaches(view, f, e, t));
  }

  private static boolean reaches(FeatureView view, Feature feature, Event e, long t) {
    return feature instanceof Feature.Windowed w
        ? e.event() > t - micros(((Window.Physical) w.window()).length())
        : view.ttl().isEmpty() || e.event() >= t - micros(view.ttl().get());
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / 1000;
  }

  long both(FeatureView view, Label row) {
    return reference.eventsOf(world).stream()
        .filter(versions -> shown(view, versions, row).isPresent())
        .filter(versions -> told(versions, row).filter(e -> inInterval(e, row.asOf())).isPresent())
        .count();
  }

  long neither(FeatureView view, Label row) {
    return reference.eventsOf(world).stream()
        .filter(versions -> shown(view, versions, row).isEmpty())
        .filter(
            versions ->
                told(versions, row)
                    .filter(e -> beforeInterval(e, row.asOf()))
                    .filter(e -> reaches(view, e, row.asOf()))
                    .isPresent())
        .count();
  }

  /** Whether a view shows a row the event that it is itself about. */
  long shownOwn(FeatureView view, Label row) {
    return reference.eventsOf(world).stream()
        .filter(
            versions ->
                world.eventKey().stream()
                    .allMatch(c -> versions.get(0).values().get(c).equals(row.keys().get(c))))
        .filter(versions -> shown(view, versions, row).isPresent())
        .count();
  }

  /** The version that a label of one event reads. */
  Optional<Event> own(Label row, long knownUntil) {
    return reference.eventsOf(world).stream()
        .filter(
            versions ->
                world.eventKey().stream()
                    .allMatch(c -> versions.get(0).values().get(c).equals(row.keys().get(c))))
        .flatMap(versions -> reference.version(world, label, versions, knownUntil).stream())
        .filter(e -> !e.deleted())
        .max(Comparator.comparingLong(Event::known));
  }
}
