package io.tributary.offline.engine;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.SeenValue;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Answers the label rows of one entity for one view, in time order: first the entity's events, each
 * with the valid period of its version, then {@link #begin()}, then {@link #at} for instants that
 * never go back. An event is visible at {@code t} in {@code [max(from, event), until)} and in a
 * span of length {@code s} also only while {@code t < event + s}, so it comes once and leaves once;
 * in a span of calendar days while it is after the bound, which may go back, so it may come again.
 * Every state is exact, so that what a label sees depends on nothing else. Holds all events of one
 * entity, in an arena. Reused from entity to entity; not safe for threads.
 */
public final class EntitySweep {
  private static final int FIRST_ROOM = 8;

  private final ViewPlan plan;
  private final CalendarSpan[] calendars;
  private final long[] lowers;
  private final long[] lengths;
  private final long windows;
  private final InputColumn[] inputs;
  private final ValueRanks[] valueRanks;
  private final PairRanks[] pairRanks;
  private final EventRanks eventRanks;
  private final boolean ranksEvents;
  private final SweepState[][] states;
  private final SweepState.Sequence newest;
  private final FeatureReaders readers;
  private final Arena arena;
  private final IndexSort sort;

  private int n;
  private LongBuffer event = LongBuffer.allocate(FIRST_ROOM);
  private LongBuffer known = LongBuffer.allocate(FIRST_ROOM);
  private LongBuffer start = LongBuffer.allocate(FIRST_ROOM);
  private LongBuffer until = LongBuffer.allocate(FIRST_ROOM);
  private LongBuffer inSpans = LongBuffer.allocate(FIRST_ROOM);
  private IntBuffer tieLength = IntBuffer.allocate(FIRST_ROOM);
  private IntBuffer ambiguous = IntBuffer.allocate(FIRST_ROOM);
  private final Blobs<byte[]> order;
  private final Optional<Ties> tiesByInputs;
  private boolean anyAmbiguous;

  /** Whether each version begins to count at its event time, so that both have one order. */
  private boolean startsWithEvent;

  private IntBuffer byStart = IntBuffer.allocate(FIRST_ROOM);
  private IntBuffer byEvent = IntBuffer.allocate(FIRST_ROOM);
  private IntBuffer byUntil = IntBuffer.allocate(FIRST_ROOM);
  private int ending;
  private int nextStart;
  private int nextUntil;
  private final int[] heads;
  private int ambiguousInWindow;

  private EntitySweep(ViewPlan plan, boolean tracksNewest, Arena arena) {
    this.plan = plan;
    this.arena = arena;
    this.sort = new IndexSort(arena);
    this.order = Blobs.ofBytes(arena);
    this.calendars = plan.calendars().stream().map(CalendarSpan::new).toArray(CalendarSpan[]::new);
    this.lowers = new long[calendars.length];
    this.lengths = tracksNewest ? withUnbounded(plan.lengths()) : plan.lengths();
    this.windows = plan.windows();
    int spans = calendars.length + lengths.length;
    this.heads = new int[spans];
    this.inputs =
        plan.types().stream().map(type -> new InputColumn(type, arena)).toArray(InputColumn[]::new);
    this.tiesByInputs =
        Optional.ofNullable(plan.orderInputs())
            .map(columns -> Arrays.stream(columns).mapToObj(i -> inputs[i]))
            .map(columns -> columns.toArray(InputColumn[]::new))
            .map(columns -> Ties.of(columns, plan.orderTieBreak()));
    this.eventRanks =
        new EventRanks(
            Arrays.stream(plan.lookupInputs()).mapToObj(i -> inputs[i]).toArray(InputColumn[]::new),
            arena);
    StateFactory made = new StateFactory(plan, inputs, eventRanks, spans, arena);
    this.newest = tracksNewest ? made.sequence(-1, spans - 1) : null;
    this.readers = new FeatureReaders(plan, inputs, made);
    this.states = made.bySpan();
    this.valueRanks = made.valueRanks();
    this.pairRanks = made.pairRanks();
    this.ranksEvents = made.ranksEvents();
  }

  private static long[] withUnbounded(long[] lengths) {
    if (lengths.length > 0 && lengths[lengths.length - 1] == ViewPlan.UNBOUNDED) {
      return lengths;
    }
    long[] extended = Arrays.copyOf(lengths, lengths.length + 1);
    extended[lengths.length] = ViewPlan.UNBOUNDED;
    return extended;
  }

  public static EntitySweep of(ViewPlan plan, Arena arena) {
    return new EntitySweep(plan, false, arena);
  }

  /** One that also answers {@link #newestEvent()}. */
  public static EntitySweep trackingNewest(ViewPlan plan, Arena arena) {
    return new EntitySweep(plan, true, arena);
  }

  /** Forgets the events: the next entity begins. */
  public void clear() {
    for (InputColumn input : inputs) {
      input.clear();
    }
    order.clear();
    n = 0;
    anyAmbiguous = false;
    startsWithEvent = true;
  }

  /** How many events the entity has. */
  public int size() {
    return n;
  }

  /**
   * Adds an event; its inputs are then set on {@link #input}.
   *
   * @param event event time, in microseconds as all times here
   * @param known known time, as rule 5 orders by it
   * @param from when its version begins to count
   * @param until when it no longer counts, {@link Long#MAX_VALUE} = never
   * @param order its value columns as {@link OrderBytes}, tie-break columns first; empty when the
   *     plan needs none
   * @param tieLength how many of these bytes are the tie-break columns
   * @param ambiguous whether its version won by its values alone over one that differs in what the
   *     view reads
   * @return the item's number
   */
  public int add(
      long event,
      long known,
      long from,
      long until,
      byte[] order,
      int tieLength,
      boolean ambiguous) {
    if (n == this.event.capacity()) {
      grow(n + 1);
    }
    int i = n++;
    this.event.put(i, event);
    this.known.put(i, known);
    this.start.put(i, Math.max(event, from));
    this.until.put(i, until);
    this.order.set(i, order);
    this.tieLength.put(i, tieLength);
    this.ambiguous.put(i, ambiguous ? 1 : 0);
    anyAmbiguous |= ambiguous;
    startsWithEvent &= from <= event;
    return i;
  }

  private void grow(int least) {
    event = arena.longs(event, least);
    known = arena.longs(known, least);
    start = arena.longs(start, least);
    until = arena.longs(until, least);
    inSpans = arena.longs(inSpans, least);
    tieLength = arena.ints(tieLength, least);
    ambiguous = arena.ints(ambiguous, least);
  }

  /** The column of the plan's distinct input {@code i}. */
  public InputColumn input(int i) {
    return inputs[i];
  }

  /** All events are there: what follows are labels. */
  public void begin() {
    byStart = IndexSort.identity(arena, byStart, n);
    sort.sort(byStart, n, start);
    if (ranksEvents) {
      eventRanks.begin(n, event, known, tiesByInputs.orElseGet(() -> Ties.of(order, tieLength)));
      byEvent = eventRanks.items();
    } else {
      sortByEvent();
    }
    ending = 0;
    byUntil = arena.ints(byUntil, n);
    for (int i = 0; i < n; i++) {
      if (until.get(i) != Long.MAX_VALUE) {
        byUntil.put(ending++, i);
      }
    }
    sort.sort(byUntil, ending, until);
    for (ValueRanks ranks : valueRanks) {
      ranks.begin(n);
    }
    for (PairRanks ranks : pairRanks) {
      ranks.begin(n);
    }
    for (SweepState[] span : states) {
      for (SweepState state : span) {
        state.begin(n);
      }
    }
    for (int i = 0; i < n; i++) {
      inSpans.put(i, 0);
    }
    Arrays.fill(heads, 0);
    nextStart = 0;
    nextUntil = 0;
    ambiguousInWindow = 0;
  }

  private void sortByEvent() {
    if (startsWithEvent) {
      byEvent = arena.ints(byEvent, n);
      byEvent.put(0, byStart, 0, n);
      return;
    }
    byEvent = IndexSort.identity(arena, byEvent, n);
    sort.sort(byEvent, n, event);
  }

  /**
   * When the first event of the entity becomes visible; {@link Long#MAX_VALUE} when none ever does.
   */
  public long firstVisible() {
    for (int p = 0; p < n; p++) {
      int i = byStart.get(p);
      if (start.get(i) < until.get(i)) {
        return start.get(i);
      }
    }
    return Long.MAX_VALUE;
  }

  /** Moves to a label's instant, not before the last one; then the features can be read. */
  public void at(long t) {
    for (int s = 0; s < calendars.length; s++) {
      lowers[s] = calendars[s].lower(t);
    }
    while (nextStart < n && start.get(byStart.get(nextStart)) <= t) {
      int i = byStart.get(nextStart++);
      if (t < until.get(i)) {
        for (int s = 0; s < calendars.length; s++) {
          if (event.get(i) > lowers[s]) {
            enter(i, s);
          }
        }
        for (int l = lengths.length - 1; l >= 0 && t < end(i, l); l--) {
          enter(i, calendars.length + l);
        }
      }
    }
    while (nextUntil < ending && until.get(byUntil.get(nextUntil)) <= t) {
      int i = byUntil.get(nextUntil++);
      for (int s = 0; s < heads.length; s++) {
        leave(i, s);
      }
    }
    for (int s = 0; s < calendars.length; s++) {
      follow(s, t);
    }
    for (int l = 0; l < lengths.length; l++) {
      int s = calendars.length + l;
      int head = heads[s];
      while (head < n && end(byEvent.get(head), l) <= t) {
        leave(byEvent.get(head++), s);
      }
      heads[s] = head;
    }
  }

  /** Lets events go that a bound has passed, and those come again that it has gone back before. */
  private void follow(int s, long t) {
    long lower = lowers[s];
    int head = heads[s];
    while (head < n && event.get(byEvent.get(head)) <= lower) {
      leave(byEvent.get(head++), s);
    }
    while (head > 0 && event.get(byEvent.get(head - 1)) > lower) {
      int i = byEvent.get(--head);
      if (start.get(i) <= t && t < until.get(i)) {
        enter(i, s);
      }
    }
    heads[s] = head;
  }

  private long end(int item, int length) {
    if (lengths[length] == ViewPlan.UNBOUNDED) {
      return Long.MAX_VALUE;
    }
    long end = event.get(item) + lengths[length];
    return end < event.get(item) ? Long.MAX_VALUE : end;
  }

  private void enter(int item, int span) {
    long before = inSpans.get(item);
    long after = before | 1L << span;
    if (before == after) {
      return;
    }
    inSpans.put(item, after);
    for (SweepState state : states[span]) {
      state.add(item);
    }
    if (anyAmbiguous && ambiguous.get(item) != 0 && isFirstOf(before, after)) {
      ambiguousInWindow++;
    }
  }

  private void leave(int item, int span) {
    long before = inSpans.get(item);
    long after = before & ~(1L << span);
    if (before == after) {
      return;
    }
    inSpans.put(item, after);
    for (SweepState state : states[span]) {
      state.remove(item);
    }
    if (anyAmbiguous && ambiguous.get(item) != 0 && isFirstOf(after, before)) {
      ambiguousInWindow--;
    }
  }

  /** Whether {@code some} has windows among its spans where {@code none} has none. */
  private boolean isFirstOf(long none, long some) {
    return (none & windows) == 0 && (some & windows) != 0;
  }

  /** Whether a calendar window begins at a local time that does not exist, now. */
  public boolean hasSkippedBound() {
    for (CalendarSpan span : calendars) {
      if (span.isSkipped()) {
        return true;
      }
    }
    return false;
  }

  /** Whether a calendar window begins at a local time that comes twice, now. */
  public boolean hasRepeatedBound() {
    for (CalendarSpan span : calendars) {
      if (span.isRepeated()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Reads all features at the instant of the last {@link #at}.
   *
   * @param key names the entity in an error
   */
  public void read(long t, FeatureValues out, Object key) {
    try {
      readers.read(t, out, event);
    } catch (SumOverflow e) {
      throw new PlatformException(
          ErrorCode.INVALID_VALUE,
          "Cannot compute feature %s.%s of %s: %s"
              .formatted(plan.view(), e.feature(), SeenValue.of(key), e.getMessage()),
          e);
    }
  }

  /**
   * The event that look-ups take their values from at the instant of the last {@link #at}, or -1.
   */
  public int winner() {
    return readers.winner();
  }

  /** Whether a look-up's winner had a rival, or a version in a window had one. */
  public boolean isAmbiguous() {
    if (ambiguousInWindow > 0) {
      return true;
    }
    SweepState.Sequence lookup = readers.lookup();
    return lookup != null
        && !lookup.isEmpty()
        && (ambiguous.get(lookup.last()) != 0 || lookup.isAmbiguous());
  }

  /** The newest visible event, however old, or -1. */
  public int newestEvent() {
    return newest.isEmpty() ? -1 : newest.last();
  }

  public long eventTime(int item) {
    return event.get(item);
  }

  public long knownTime(int item) {
    return known.get(item);
  }

  /** Makes each state once, however many features read it. */
  static final class StateFactory {
    private final ViewPlan plan;
    private final InputColumn[] inputs;
    private final EventRanks eventRanks;
    private final Arena arena;
    private final List<List<SweepState>> bySpan = new ArrayList<>();
    private final List<ValueRanks> valueRanks = new ArrayList<>();
    private final java.util.Map<List<Object>, SweepState> made = new java.util.HashMap<>();
    private final java.util.Map<List<Object>, ValueRanks> ranks = new java.util.HashMap<>();
    private final java.util.Map<List<Object>, PairRanks> pairs = new java.util.LinkedHashMap<>();
    private boolean ranksEvents;

    StateFactory(
        ViewPlan plan, InputColumn[] inputs, EventRanks eventRanks, int spans, Arena arena) {
      this.arena = arena;
      this.plan = plan;
      this.inputs = inputs;
      this.eventRanks = eventRanks;
      for (int s = 0; s < spans; s++) {
        bySpan.add(new ArrayList<>());
      }
    }

    private SweepState state(
        String kind, int input, int span, java.util.function.Supplier<SweepState> make) {
      return made.computeIfAbsent(
          List.of(kind, input, span),
          k -> {
            SweepState state = make.get();
            bySpan.get(span).add(state);
            return state;
          });
    }

    private InputColumn input(int i) {
      return i < 0 ? null : inputs[i];
    }

    SweepState.Count count(int input, int span) {
      return (SweepState.Count)
          state("count", input, span, () -> new SweepState.Count(input(input)));
    }

    SweepState.Sum sum(int input, int span) {
      return (SweepState.Sum) state("sum", input, span, () -> total(input));
    }

    private SweepState.Sum total(int input) {
      return switch (plan.types().get(input).kind()) {
        case INTEGER -> new SweepState.IntegerTotal(inputs[input]);
        case FLOATING -> new SweepState.FloatingTotal(inputs[input]);
        default -> new SweepState.DecimalTotal(inputs[input]);
      };
    }

    GroupedState.Counts counts(int input, int dimension, int span) {
      return (GroupedState.Counts)
          state(
              "count by " + dimension,
              input,
              span,
              () ->
                  new GroupedState.Counts(
                      inputs[dimension], ranks(dimension, true), input(input), arena));
    }

    GroupedState.Each<SweepState.Sum> sums(int input, int dimension, int span) {
      return each("sum", input, dimension, span, () -> total(input));
    }

    GroupedState.Each<MomentsState> moments(int input, int dimension, int span) {
      return each("moments", input, dimension, span, () -> MomentsState.of(inputs[input]));
    }

    @SuppressWarnings("unchecked")
    private <C extends SweepState> GroupedState.Each<C> each(
        String kind, int input, int dimension, int span, java.util.function.Supplier<C> make) {
      return (GroupedState.Each<C>)
          state(
              kind + " by " + dimension,
              input,
              span,
              () ->
                  new GroupedState.Each<>(
                      inputs[dimension], ranks(dimension, true), inputs[input], make, arena));
    }

    /** In the order of values. */
    GroupedState.Ordered ordered(int input, int dimension, int span) {
      return grouped("extremes", "", input, dimension, span, ranks(input, false)::rank);
    }

    /** The same with places. */
    GroupedState.Ordered places(int input, int dimension, int span) {
      return grouped("extremes", "places", input, dimension, span, ranks(input, false)::rank);
    }

    /** As values that are equal or not. */
    GroupedState.Ordered equal(int input, int dimension, int span) {
      return grouped("equal", "", input, dimension, span, ranks(input, true)::rank);
    }

    /** The same with the most frequent one. */
    GroupedState.Ordered frequent(int input, int dimension, int span) {
      return grouped("equal", "frequent", input, dimension, span, ranks(input, true)::rank);
    }

    /** In the order of events. */
    GroupedState.Ordered sequence(int input, int dimension, int span) {
      ranksEvents = true;
      return grouped("sequence", "", input, dimension, span, eventRanks::rank);
    }

    private GroupedState.Ordered grouped(
        String kind, String more, int input, int dimension, int span, PairRanks.Inner inner) {
      PairRanks pair = pairs(kind, input, dimension, inner);
      return (GroupedState.Ordered)
          state(
              kind + more + " by " + dimension,
              input,
              span,
              () ->
                  new GroupedState.Ordered(
                      inputs[dimension],
                      ranks(dimension, true),
                      inputs[input],
                      pair,
                      more.equals("places"),
                      more.equals("frequent"),
                      arena));
    }

    private PairRanks pairs(String kind, int input, int dimension, PairRanks.Inner inner) {
      ValueRanks groups = ranks(dimension, true);
      return pairs.computeIfAbsent(
          List.of(kind, input, dimension),
          k -> new PairRanks(inputs[dimension], groups, inputs[input], inner, arena));
    }

    /** Each feature has its own: two of one class may differ in their parameters. */
    GroupedState.UserDefined userDefined(
        int input, int dimension, int span, UserAggregate aggregate) {
      GroupedState.UserDefined state =
          new GroupedState.UserDefined(
              inputs[dimension],
              ranks(dimension, true),
              inputs[input],
              pairs("items", input, dimension, item -> item),
              aggregate,
              arena);
      bySpan.get(span).add(state);
      return state;
    }

    /** Each feature has its own: two of one class may differ in their parameters. */
    MergeTree userDefined(int input, int span, UserAggregate aggregate) {
      MergeTree state = new MergeTree(inputs[input], aggregate);
      bySpan.get(span).add(state);
      return state;
    }

    MomentsState moments(int input, int span) {
      return (MomentsState) state("moments", input, span, () -> MomentsState.of(inputs[input]));
    }

    SweepState.Sequence sequence(int input, int span) {
      return (SweepState.Sequence)
          state("sequence", input, span, () -> new SweepState.Sequence(input(input), eventRanks));
    }

    /** In the order of values, with places where a feature of the plan reads one. */
    SweepState.Values ordered(int input, int span, boolean places) {
      return (SweepState.Values)
          state(
              places ? "places" : "extremes",
              input,
              span,
              () ->
                  new SweepState.Values(inputs[input], ranks(input, false), places, false, arena));
    }

    /** As values that are equal or not. */
    SweepState.Values equal(int input, int span) {
      return (SweepState.Values)
          state(
              "equal",
              input,
              span,
              () -> new SweepState.Values(inputs[input], ranks(input, true), false, true, arena));
    }

    private ValueRanks ranks(int input, boolean zerosAsOne) {
      return ranks.computeIfAbsent(
          List.of(input, zerosAsOne),
          k -> {
            ValueRanks made = new ValueRanks(inputs[input], zerosAsOne, arena);
            valueRanks.add(made);
            return made;
          });
    }

    /** Whether any state stands on the order of events. */
    boolean ranksEvents() {
      return ranksEvents
          || made.values().stream().anyMatch(state -> state instanceof SweepState.Sequence);
    }

    SweepState[][] bySpan() {
      return bySpan.stream()
          .map(states -> states.toArray(SweepState[]::new))
          .toArray(SweepState[][]::new);
    }

    PairRanks[] pairRanks() {
      return pairs.values().toArray(PairRanks[]::new);
    }

    ValueRanks[] valueRanks() {
      return valueRanks.toArray(ValueRanks[]::new);
    }
  }
}
