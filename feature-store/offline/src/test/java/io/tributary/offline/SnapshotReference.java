package io.tributary.offline;

import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.offline.World.Event;
import io.tributary.offline.World.Label;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Rule 13 as naive loops: the values of views that are read from their snapshots. */
class SnapshotReference {
  private final Reference reference = new Reference();

  /**
   * A snapshot.
   *
   * @param at its instant
   * @param delivered what it was taken from
   */
  record Night(long at, List<Event> delivered) {}

  /** Every feature of a label. */
  List<Object> answer(World world, FeatureView view, List<Night> nights, Label label) {
    if (label.asOf() != null) {
      long t = label.asOf();
      Optional<Night> night = night(view, nights, t);
      if (night.isPresent()
          && isFresh(view, night.get(), t)
          && !hasExpired(world, view, night.get(), label)) {
        Label then = new Label(label.id(), night.get().at(), label.keys());
        return reference.answer(as(world, night.get()), view, then);
      }
    }
    return reference.answer(world, view, new Label(label.id(), null, label.keys()));
  }

  Optional<Night> night(FeatureView view, List<Night> nights, long t) {
    return nights.stream()
        .filter(night -> isServed(view, night, t))
        .max(Comparator.comparingLong(Night::at));
  }

  boolean isServed(FeatureView view, Night night, long t) {
    return night.at() + micros(view.publishDelay()) <= t;
  }

  boolean isFresh(FeatureView view, Night night, long t) {
    return view.maxStaleness().map(most -> t - night.at() <= micros(most)).orElse(true);
  }

  /** Of look-ups alone: the newest event that the snapshot saw is too old at the label's as-of. */
  boolean hasExpired(World world, FeatureView view, Night night, Label label) {
    if (view.ttl().isEmpty() || view.features().stream().anyMatch(f -> !isLookup(f))) {
      return false;
    }
    Label then = new Label(label.id(), night.at(), label.keys());
    return reference.visible(as(world, night), view, then).stream()
        .max(reference.order(world, view))
        .map(newest -> newest.event() < expiry(view, night, label.asOf()))
        .orElse(false);
  }

  long expiry(FeatureView view, Night night, long t) {
    return t - micros(view.ttl().orElseThrow());
  }

  private static boolean isLookup(Feature feature) {
    return feature instanceof Feature.Lookup;
  }

  static World as(World world, Night night) {
    return new World(
        world.seed(),
        world.columns(),
        world.eventKey(),
        world.sequence(),
        night.delivered(),
        world.views(),
        world.labels());
  }

  static long micros(Duration duration) {
    return duration.toNanos() / 1000;
  }
}
