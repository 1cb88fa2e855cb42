package io.tributary.offline;

import io.tributary.definition.Feature;
import io.tributary.definition.FeatureView;
import io.tributary.definition.SqlText;
import io.tributary.offline.World.Event;
import io.tributary.offline.World.Label;
import io.tributary.offline.engine.Arena;
import io.tributary.offline.engine.EntitySweep;
import io.tributary.offline.engine.FeatureValues;
import io.tributary.offline.engine.InputColumn;
import io.tributary.offline.engine.InputType;
import io.tributary.offline.engine.OrderBytes;
import io.tributary.offline.engine.Pairs;
import io.tributary.offline.engine.UserAggregate;
import io.tributary.offline.engine.VersionPeriods;
import io.tributary.offline.engine.ViewPlan;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The engine's core over a world, without Spark: what the Spark part does with rows, done with
 * lists.
 */
final class EngineRun {
  private final World world;
  private final FeatureView view;
  private final ViewPlan plan;
  private final List<ViewPlan.Input> inputs;
  private final Map<Integer, Boolean> ambiguous = new HashMap<>();

  private EngineRun(World world, FeatureView view) {
    this.world = world;
    this.view = view;
    List<ViewPlan.Input> all = view.features().stream().map(EngineRun::input).toList();
    this.inputs = ViewPlan.distinct(all);
    this.plan =
        ordered(
            ViewPlan.of(
                view,
                all,
                inputs.stream().map(this::type).toList(),
                view.ttl(),
                view.features().stream().map(EngineRun::own).collect(Collectors.toList())));
  }

  /** Ties are settled by the inputs where these have all columns. */
  private ViewPlan ordered(ViewPlan plan) {
    int[] places =
        order().stream()
            .mapToInt(
                c ->
                    inputs.indexOf(
                        new ViewPlan.Input(Optional.of(c), Optional.empty(), Optional.empty())))
            .toArray();
    return Arrays.stream(places).anyMatch(i -> i < 0)
        ? plan
        : plan.orderedBy(places, view.tieBreak().size());
  }

  /** The columns that rank events of equal times. */
  private List<String> order() {
    Set<String> reads = reads();
    List<String> identifying = new ArrayList<>(world.eventKey());
    world.sequence().ifPresent(identifying::add);
    List<String> columns = List.copyOf(world.columns().keySet());
    return Stream.of(
            view.tieBreak(),
            columns.stream().filter(c -> !identifying.contains(c)).toList(),
            columns.stream().filter(c -> identifying.contains(c) && reads.contains(c)).toList())
        .flatMap(List::stream)
        .distinct()
        .toList();
  }

  private Set<String> reads() {
    Set<String> reads = new HashSet<>(view.entity());
    view.where().ifPresent(where -> reads.add(where.sql()));
    for (Feature feature : view.features()) {
      ViewPlan.Input input = input(feature);
      Stream.of(input.argument(), input.filter(), input.dimension())
          .forEach(column -> column.ifPresent(reads::add));
    }
    return reads;
  }

  private static UserAggregate own(Feature feature) {
    return feature instanceof Feature.Windowed w && w.aggregate().implementation().isPresent()
        ? new Own(w.aggregate().parameters().isEmpty() ? 1 : w.aggregate().parameters().get(0))
        : null;
  }

  /** The values as the engine holds them need no change. */
  private record Own(double factor) implements UserAggregate {
    @Override
    public Object of(Object value) {
      return new Fingerprint(factor).of(value);
    }

    @Override
    public Object merge(Object a, Object b) {
      return new Fingerprint(factor).merge((Fingerprint.Sum) a, (Fingerprint.Sum) b);
    }

    @Override
    public Object result(Object state) {
      return new Fingerprint(factor).result((Fingerprint.Sum) state);
    }
  }

  private static ViewPlan.Input input(Feature feature) {
    return feature instanceof Feature.Windowed w
        ? new ViewPlan.Input(
            w.argument().map(SqlText::sql), w.where().map(SqlText::sql), w.by().map(SqlText::sql))
        : new ViewPlan.Input(
            Optional.of(((Feature.Lookup) feature).expression().sql()), Optional.empty());
  }

  /** Every feature of every label, as {@link Reference#answer}. */
  static List<List<Object>> answer(World world, FeatureView view, List<Event> events) {
    return new EngineRun(world, view).run(events, Arena.heap());
  }

  /** Of every label, as {@link Reference#ambiguous}. */
  static List<Boolean> ambiguous(World world, FeatureView view, List<Event> events) {
    EngineRun run = new EngineRun(world, view);
    run.run(events, Arena.heap());
    return world.labels().stream().map(label -> run.ambiguous.get(label.id())).toList();
  }

  /** The same with next to nothing on the heap. */
  static List<List<Object>> answerFromFiles(World world, FeatureView view, List<Event> events) {
    Arena arena =
        Arena.of(64, bytes -> ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder()));
    return new EngineRun(world, view).run(events, arena);
  }

  private record Period(Event event, long from, long until, boolean ambiguous) {}

  private List<List<Object>> run(List<Event> events, Arena arena) {
    Map<List<Object>, List<Period>> byEntity = new HashMap<>();
    for (Period period : periods(events)) {
      List<Object> key = key(period.event().values());
      boolean passes =
          view.where().isEmpty()
              || Boolean.TRUE.equals(period.event().values().get(view.where().get().sql()));
      if (passes && !key.contains(null)) {
        byEntity.computeIfAbsent(key, k -> new ArrayList<>()).add(period);
      }
    }
    Map<List<Object>, List<Label>> labels = new LinkedHashMap<>();
    Map<Integer, List<Object>> answers = new HashMap<>();
    for (Label label : world.labels()) {
      List<Object> key = key(label.keys());
      boolean empty = label.asOf() == null || key.contains(null);
      labels.computeIfAbsent(empty ? null : key, k -> new ArrayList<>()).add(label);
    }
    EntitySweep sweep = EntitySweep.of(plan, arena);
    FeatureValues out = new FeatureValues(plan.size());
    labels.forEach(
        (key, asking) -> {
          sweep.clear();
          byEntity.getOrDefault(key, List.of()).forEach(period -> add(sweep, period));
          sweep.begin();
          asking.sort(Comparator.comparing(l -> l.asOf() == null ? Long.MIN_VALUE : l.asOf()));
          for (Label label : asking) {
            long t = label.asOf() == null ? Long.MIN_VALUE : label.asOf();
            sweep.at(t);
            sweep.read(t, out, key);
            answers.put(label.id(), values(out));
            ambiguous.put(label.id(), sweep.isAmbiguous());
          }
        });
    return world.labels().stream().map(l -> answers.get(l.id())).toList();
  }

  private List<Period> periods(List<Event> events) {
    Map<List<Object>, List<Event>> byEvent = new LinkedHashMap<>();
    for (int i = 0; i < events.size(); i++) {
      Event e = events.get(i);
      List<Object> key =
          world.eventKey().isEmpty()
              ? List.of(i)
              : world.eventKey().stream().map(e.values()::get).collect(Collectors.toList());
      byEvent.computeIfAbsent(key, k -> new ArrayList<>()).add(e);
    }
    List<Period> result = new ArrayList<>();
    List<String> columns = List.copyOf(world.columns().keySet());
    VersionPeriods periods = new VersionPeriods(columns.size());
    List<String> rank = new ArrayList<>();
    world.sequence().ifPresent(rank::add);
    rank.addAll(view.tieBreak());
    List<String> values =
        columns.stream()
            .filter(c -> !world.eventKey().contains(c) && !world.sequence().equals(Optional.of(c)))
            .toList();
    for (List<Event> versions : byEvent.values()) {
      long[] event = versions.stream().mapToLong(Event::event).toArray();
      long[] known = versions.stream().mapToLong(Event::known).toArray();
      boolean[] deleted = new boolean[versions.size()];
      for (int i = 0; i < deleted.length; i++) {
        deleted[i] = versions.get(i).deleted();
      }
      VersionPeriods.VersionOrder order =
          new VersionPeriods.VersionOrder() {
            @Override
            public int compare(int a, int b) {
              return Arrays.compareUnsigned(bytes(a, rank), bytes(b, rank));
            }

            @Override
            public int compareValues(int a, int b) {
              return Arrays.compareUnsigned(bytes(a, values), bytes(b, values));
            }

            @Override
            public void differences(int a, int b, long[] differing) {
              for (int i = 0; i < columns.size(); i++) {
                List<String> column = List.of(columns.get(i));
                if (!Arrays.equals(bytes(a, column), bytes(b, column))) {
                  differing[0] |= 1L << i;
                }
              }
            }

            private byte[] bytes(int version, List<String> of) {
              return order(versions.get(version), of);
            }
          };
      periods.resolve(
          versions.size(),
          event,
          known,
          deleted,
          order,
          view.knowledgeTime(),
          (v, from, until, differing) ->
              result.add(
                  new Period(
                      versions.get(v),
                      from,
                      until,
                      reads().stream()
                          .anyMatch(c -> (differing[0] & 1L << columns.indexOf(c)) != 0))));
    }
    return result;
  }

  private List<Object> key(Map<String, Object> values) {
    return view.entity().stream().map(values::get).collect(Collectors.toList());
  }

  private void add(EntitySweep sweep, Period period) {
    Event e = period.event();
    byte[] order = plan.needsOrderBytes() ? order(e, order()) : new byte[0];
    int tie = plan.needsOrderBytes() ? order(e, view.tieBreak()).length : 0;
    int item =
        sweep.add(
            e.event(), e.known(), period.from(), period.until(), order, tie, period.ambiguous());
    for (int i = 0; i < inputs.size(); i++) {
      set(sweep.input(i), item, type(inputs.get(i)), value(inputs.get(i), e));
    }
  }

  private static void set(InputColumn column, int item, InputType type, Object value) {
    if (value == null) {
      column.setNull(item);
    } else if (type.kind() == InputType.Kind.INTEGER) {
      column.setLong(item, value instanceof Boolean b ? (b ? 1 : 0) : (Long) value);
    } else if (type.kind() == InputType.Kind.FLOATING) {
      column.setDouble(item, (Double) value);
    } else {
      column.setObject(item, value instanceof BigDecimal d ? d.unscaledValue() : value);
    }
  }

  private static Object value(ViewPlan.Input input, Event e) {
    boolean counts =
        input.filter().isEmpty() || Boolean.TRUE.equals(e.values().get(input.filter().get()));
    if (!counts) {
      return null;
    }
    return input.argument().isEmpty() ? Boolean.TRUE : e.values().get(input.argument().get());
  }

  private InputType type(ViewPlan.Input input) {
    if (input.argument().isEmpty()) {
      return InputType.INTEGER;
    }
    String type = world.columns().get(input.argument().get()).ddl();
    if (type.startsWith("decimal")) {
      return InputType.decimal(2);
    }
    return switch (type) {
      case "double", "float" -> InputType.FLOATING;
      case "boolean", "int", "bigint", "date", "timestamp" -> InputType.INTEGER;
      default -> InputType.object(OBJECTS);
    };
  }

  private static final InputType.Objects OBJECTS =
      new InputType.Objects() {
        private static final long serialVersionUID = 1L;

        @Override
        public int compare(Object a, Object b) {
          OrderBytes x = new OrderBytes();
          OrderBytes y = new OrderBytes();
          put(x, a);
          put(y, b);
          return Arrays.compareUnsigned(x.toByteArray(), y.toByteArray());
        }

        @Override
        public byte[] toBytes(Object value) {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(value);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return bytes.toByteArray();
        }

        @Override
        public Object fromBytes(byte[] bytes) {
          try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            return in.readObject();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
          }
        }
      };

  private static byte[] order(Event e, List<String> columns) {
    OrderBytes bytes = new OrderBytes();
    columns.forEach(column -> put(bytes, e.values().get(column)));
    return bytes.toByteArray();
  }

  private static void put(OrderBytes bytes, Object value) {
    if (value == null) {
      bytes.putNull();
    } else if (value instanceof Boolean b) {
      bytes.putBoolean(b);
    } else if (value instanceof Long l) {
      bytes.putLong(l);
    } else if (value instanceof Double d) {
      bytes.putDouble(d);
    } else if (value instanceof BigDecimal d) {
      bytes.putDecimal(d.unscaledValue());
    } else if (value instanceof String s) {
      bytes.putBytes(s.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    } else {
      bytes.begin();
      for (Object element : (List<?>) value) {
        bytes.element();
        put(bytes, element);
      }
      bytes.end();
    }
  }

  private List<Object> values(FeatureValues out) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < view.features().size(); i++) {
      values.add(out.isNull(i) ? null : value(view.features().get(i), out, i));
    }
    return values;
  }

  private Object value(Feature feature, FeatureValues out, int i) {
    String type = "";
    if (feature instanceof Feature.Lookup l) {
      type = world.columns().get(l.expression().sql()).ddl();
    } else if (feature instanceof Feature.Windowed w) {
      type =
          switch (w.aggregate().function().result()) {
            case COUNT, OWN -> "bigint";
            // The time since the last event is in microseconds here.
            case DOUBLE -> w.argument().isEmpty() ? "bigint" : "double";
            case SUM, VALUE, LIST, HISTOGRAM -> world.columns().get(w.argument().get().sql()).ddl();
          };
      if (type.equals("boolean")
          && w.aggregate().function() == io.tributary.definition.Aggregate.Function.SUM) {
        type = "bigint";
      }
      if (out.objectAt(i) instanceof Pairs pairs) {
        String key = w.by().map(by -> world.columns().get(by.sql()).ddl()).orElse(type);
        String of = w.by().isPresent() ? type : "bigint";
        Map<Object, Object> map = new LinkedHashMap<>();
        for (int k = 0; k < pairs.keys().length; k++) {
          map.put(plain(key, pairs.keys()[k]), split(of, pairs.values()[k]));
        }
        return map;
      }
      if (out.objectAt(i) instanceof Object[] several) {
        String element = type;
        return Arrays.stream(several).map(v -> plain(element, v)).toList();
      }
    }
    return plain(
        type,
        switch (type) {
          case "double", "float" -> (Object) out.doubleAt(i);
          case "boolean", "int", "bigint", "date", "timestamp" -> out.longAt(i);
          default -> out.objectAt(i);
        });
  }

  /** What a map has for a value of its dimension. */
  private static Object split(String type, Object value) {
    if (value instanceof Object[] several) {
      return Arrays.stream(several).map(v -> plain(type, v)).toList();
    }
    if (value instanceof Pairs counts) {
      Map<Object, Object> map = new LinkedHashMap<>();
      for (int k = 0; k < counts.keys().length; k++) {
        map.put(plain(type, counts.keys()[k]), counts.values()[k]);
      }
      return map;
    }
    return plain(type, value);
  }

  private static Object plain(String type, Object value) {
    if (type.equals("boolean") && value != null) {
      return (Long) value == 1;
    }
    return value instanceof BigInteger unscaled ? new BigDecimal(unscaled, 2) : value;
  }
}
