package io.tributary.serving;

import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Project;
import io.tributary.definition.ViewId;
import io.tributary.online.Answer;
import io.tributary.online.OnlineStore;
import io.tributary.online.Publication;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredView;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The views of a project that are served, and what is answered of them. */
final class ServedViews {
  private static final int MOST_TRIES = 3;
  private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999Z");

  private static final long SECOND = 1_000_000_000;

  private final Project project;
  private final OnlineStore store;
  private final List<FeatureView> views;
  private final OnDemandViews onDemand;
  private final GuardedFeatures guarded;
  private final Recordings recordings;
  private final Map<ViewId, Long> unpublished = new ConcurrentHashMap<>();
  private Set<ViewId> published;

  ServedViews(
      Project project,
      OnlineStore store,
      OnDemandViews onDemand,
      GuardedFeatures guarded,
      Recordings recordings) {
    this.project = project;
    this.onDemand = onDemand;
    this.recordings = recordings;
    this.guarded = guarded;
    this.store = store;
    views =
        project.views().values().stream()
            .filter(view -> view.online() && !view.isOnDemand())
            .sorted(Comparator.comparing(FeatureView::id))
            .toList();
  }

  OnlineStore store() {
    return store;
  }

  /** Those that the project publishes, in name order. */
  List<FeatureView> views() {
    return views;
  }

  /** Those that are computed from what a request brings. */
  OnDemandViews onDemand() {
    return onDemand;
  }

  /** The definition of a view that is served. */
  FeatureView definition(ViewId id) {
    return project.views().get(id);
  }

  /** Whether the project as it is now publishes a view, or computes it on demand. */
  boolean isServed(ViewId id) {
    return onDemand.isServed(id) || views.stream().anyMatch(view -> view.id().equals(id));
  }

  /**
   * Refuses features with a tag that is not open to a caller.
   *
   * @throws Refused with the first of them
   */
  void requireOpen(Caller caller, List<Asked> asked) {
    asked.forEach(of -> guarded.require(caller, of));
  }

  /**
   * All features of a view, by what is in force of it.
   *
   * @param reference {@code carrier_history@1}, as Feast writes it {@code carrier_history@v1}, or
   *     without a version the highest that is served
   */
  Asked find(String reference) {
    ViewId id = id(reference);
    if (!isServed(id)) {
      requireNotRetired(id);
      throw unknown(reference);
    }
    return whole(id);
  }

  /** All features of a view that is served, by what is in force of it. */
  Asked whole(ViewId id) {
    return onDemand.isServed(id) ? Asked.of(onDemand.find(id)) : Asked.of(inForce(id));
  }

  /**
   * What is in force of a view.
   *
   * @throws PlatformException NOT_FOUND where it was never published: that is remembered for a
   *     second, as to find it out costs a look at all that the store has
   */
  Publication inForce(ViewId id) {
    Long until = unpublished.get(id);
    if (until == null || System.nanoTime() - until > 0) {
      try {
        Publication found = store.inForce(id);
        unpublished.remove(id);
        return found;
      } catch (PlatformException e) {
        if (e.code() != ErrorCode.NOT_FOUND) {
          throw e;
        }
        unpublished.put(id, System.nanoTime() + SECOND);
      }
    }
    throw new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot read features of %s: it was never published. Run the project's next night."
            .formatted(id));
  }

  private ViewId id(String reference) {
    if (reference.contains("@")) {
      try {
        return ViewId.parse(reference.replaceFirst("@v(?=\\d)", "@"));
      } catch (PlatformException e) {
        throw new PlatformException(ErrorCode.INVALID_REQUEST, e.getMessage(), e);
      }
    }
    return served()
        .map(FeatureView::id)
        .filter(id -> id.name().equals(reference))
        .max(Comparator.naturalOrder())
        .orElseThrow(() -> unknown(reference));
  }

  /**
   * Refuses a view that was published and is served no more, where a later version of it is.
   *
   * @throws Refused with that one
   */
  private void requireNotRetired(ViewId id) {
    Optional<ViewId> successor =
        served()
            .map(FeatureView::id)
            .filter(other -> other.name().equals(id.name()) && other.compareTo(id) > 0)
            .max(Comparator.naturalOrder());
    if (successor.isPresent() && published().contains(id)) {
      throw new Refused(
          Problem.gone(
              "Cannot read features of %s: the project serves it no more. Ask for %s."
                  .formatted(id, successor.get()),
              "/views/" + successor.get()));
    }
  }

  /** What the store had when this was first asked: what the project lacks is published no more. */
  private synchronized Set<ViewId> published() {
    if (published == null) {
      published = Set.copyOf(store.views());
    }
    return published;
  }

  private Stream<FeatureView> served() {
    return Stream.concat(views.stream(), onDemand.views().stream());
  }

  private PlatformException unknown(String reference) {
    List<String> known = served().map(view -> view.id().toString()).toList();
    return new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot read features of \"%s\": the project serves no such view.%s Ask for one of %s."
            .formatted(Body.shown(reference), Nearest.hint(reference, known), known));
  }

  /**
   * Features of one view that are asked for.
   *
   * @param view its keys are the entity's columns, or those of a request
   * @param published what is in force of it; empty where it is computed on demand
   * @param computed what computes it; empty where it is published
   * @param features those of the view, by its columns
   */
  record Asked(
      StoredView view,
      Optional<Publication> published,
      Optional<OnDemandView> computed,
      List<StoredFeature> features) {
    static Asked of(Publication published) {
      StoredView view = published.view();
      return new Asked(view, Optional.of(published), Optional.empty(), view.features());
    }

    static Asked of(OnDemandView computed) {
      StoredView view = computed.view();
      return new Asked(view, Optional.empty(), Optional.of(computed), view.features());
    }

    Asked only(Collection<StoredFeature> some) {
      return new Asked(view, published, computed, List.copyOf(some));
    }

    /** The columns that who asks has to name, of those of a request what the features need. */
    List<String> needed() {
      Stream<String> names = view.keys().stream().map(StoredColumn::name);
      return computed
          .map(of -> of.needs(names(features)))
          .map(needs -> names.filter(needs::contains))
          .orElse(names)
          .toList();
    }

    private static Set<String> names(List<StoredFeature> features) {
      return features.stream().map(StoredFeature::name).collect(Collectors.toSet());
    }

    private int[] places() {
      return features.stream().mapToInt(view.features()::indexOf).toArray();
    }
  }

  /**
   * What references name, by view, in the order in which they are named.
   *
   * @param references {@code view:feature}, or {@code view} for all that it has
   * @throws Refused where one has a tag that is not open to the caller
   */
  List<Asked> asked(List<String> references, Caller caller) {
    Map<String, Asked> found = new HashMap<>();
    Map<ViewId, Asked> views = new LinkedHashMap<>();
    Map<ViewId, Set<StoredFeature>> features = new HashMap<>();
    for (String reference : references) {
      int colon = reference.indexOf(':');
      String name = colon < 0 ? reference : reference.substring(0, colon);
      Asked first = found.computeIfAbsent(name, this::find);
      // Of two ways to name a view the second may find a later publication.
      Asked all = views.computeIfAbsent(first.view().id(), id -> first);
      Set<StoredFeature> of =
          features.computeIfAbsent(all.view().id(), id -> new LinkedHashSet<>());
      if (colon < 0) {
        of.addAll(all.view().features());
      } else {
        of.add(feature(all.view(), reference.substring(colon + 1)));
      }
    }
    List<Asked> asked =
        views.values().stream().map(of -> of.only(features.get(of.view().id()))).toList();
    requireOpen(caller, asked);
    return asked;
  }

  private static StoredFeature feature(StoredView view, String name) {
    for (StoredFeature feature : view.features()) {
      if (feature.name().equals(name)) {
        return feature;
      }
    }
    List<String> known = view.features().stream().map(StoredFeature::name).toList();
    throw new PlatformException(
        ErrorCode.NOT_FOUND,
        "Cannot read feature \"%s\" of %s: it has none of that name.%s It has %s."
            .formatted(Body.shown(name), view.id(), Nearest.hint(name, known), known));
  }

  /** Refuses questions whose answers would be too large: of a row all features are read. */
  static void requireFew(int rows, List<Asked> asked) {
    int features = asked.stream().mapToInt(of -> of.view().features().size()).sum();
    if (rows > Limits.ENTITIES || (long) rows * features > Limits.VALUES) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot answer: %s entities of views with %s features are asked for, and %s entities and %s values are the most. Ask in parts."
              .formatted(rows, features, Limits.ENTITIES, Limits.VALUES));
    }
  }

  /** A view was published between two looks at it. */
  private static final class Moved extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Moved(ViewId view) {
      super(view.toString(), null, false, false);
    }
  }

  /**
   * An answer by one publication of each view, of which it is known which: it is made again where
   * another one comes meanwhile. What was read for it is recorded once it is there.
   */
  Reply steady(Call call, Function<Call, Reply> answer) {
    for (int tries = 1; ; tries++) {
      Call now = call.anew();
      try {
        Reply reply = answer.apply(now);
        recordings.answered(now);
        return reply;
      } catch (Moved e) {
        if (tries == MOST_TRIES) {
          throw new PlatformException(
              ErrorCode.CONFLICT,
              "Cannot answer: %s is published again and again. Ask again."
                  .formatted(e.getMessage()));
        }
      }
    }
  }

  /**
   * The store's answers of several keys, or what is computed of what a request brings: of each one
   * a feature that is asked for.
   *
   * @param keys by row, one value a column of the entity or the request, as {@link EntityKeys}
   *     reads them
   * @param at decides what has expired: nothing of what is computed
   * @param call for which they are read
   */
  List<List<Answer>> answers(Asked asked, List<List<Object>> keys, Instant at, Call call) {
    int[] places = asked.places();
    if (asked.computed().isPresent()) {
      requireFewElements(keys);
      return asked.computed().get().compute(keys, Asked.names(asked.features())).stream()
          .map(values -> only(asked.view().computed(values), places))
          .toList();
    }
    StoredView view = asked.view();
    Publication published = asked.published().orElseThrow();
    List<List<Answer>> read = store.readAll(view.id(), keys, at);
    Publication now = inForce(view.id());
    // Read was what was in force before, or now, or between them. A server that was restored gives
    // a number twice.
    if (now.sequence() != published.sequence()
        || !now.identity().equals(published.identity())
        || !now.view().equals(view)) {
      throw new Moved(view.id());
    }
    List<List<Answer>> answers = read.stream().map(row -> only(row, places)).toList();
    call.readings().add(new Reading(at, published, asked.features(), keys, answers));
    return answers;
  }

  /** What is computed takes many times what it is computed from. */
  private static void requireFewElements(List<List<Object>> rows) {
    long elements = rows.stream().flatMap(List::stream).mapToLong(ServedViews::elements).sum();
    if (elements > Limits.ELEMENTS) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot compute what is asked for: the arrays, maps and structs of the request have %s elements, and %s are the most. Ask in parts."
              .formatted(elements, Limits.ELEMENTS));
    }
  }

  /** How many values others hold. */
  private static long elements(Object value) {
    if (value instanceof Map<?, ?> map) {
      return elements(map.keySet()) + elements(map.values());
    }
    return value instanceof Collection<?> all
        ? all.size() + all.stream().mapToLong(ServedViews::elements).sum()
        : 0;
  }

  private static List<Answer> only(List<Answer> row, int[] places) {
    return Arrays.stream(places).mapToObj(row::get).toList();
  }

  /**
   * The instant of a question, which decides what has expired; a request may name another one than
   * now.
   */
  static Instant at(Optional<String> written, Instant now) {
    try {
      return written
          .map(text -> OffsetDateTime.parse(text).toInstant())
          .map(ServedViews::within)
          .orElse(now);
    } catch (DateTimeException e) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot read \"at\": \"%s\" is no instant. Write it as in 2013-12-30T05:00:00Z; in a path + is %%2B."
              .formatted(Body.shown(written.orElseThrow())),
          e);
    }
  }

  private static Instant within(Instant at) {
    if (!isOfFourDigits(at)) {
      throw new DateTimeException("no year of four digits");
    }
    return at;
  }

  /** Whether an instant's year has four digits. */
  static boolean isOfFourDigits(Instant at) {
    return !at.isBefore(EARLIEST) && !at.isAfter(LATEST);
  }
}
