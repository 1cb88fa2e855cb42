package io.tributary.registry;

import com.fasterxml.jackson.annotation.JsonValue;
import io.tributary.core.Condition;
import io.tributary.core.Condition.Operator;
import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.Nearest;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import io.tributary.events.Event;
import io.tributary.events.facts.SharedEvents;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What versions of models are searched by: conditions that all hold, {@code auc >= 0.74 and
 * tag.stage = trial and registered >= 2026-11-01}. A condition compares a measure on the test rows
 * (with a number, or the better baseline), or {@code leaks}, {@code number}, {@code registered}, by
 * any operator; or {@code model}, {@code alias}, {@code status}, {@code training-set}, {@code by},
 * {@code tag.KEY} by {@code =} and {@code !=}. Of what a version has several of, {@code =} asks for
 * one that is equal. What a version does not have meets no condition but {@code !=}.
 */
public final class VersionSearch {
  /** How a version stands; one may stand in several ways. */
  public enum Status {
    /** All of its admission rules hold. */
    ADMITTED,
    /** One does not. */
    REFUSED,
    /** An alias points to it. */
    IN_USE,
    RETIRED,
    HELD,
    /** A mark is on it. */
    SUSPECT;

    /** As users write it. */
    @JsonValue
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  private static final String TAG = "tag.";
  private static final String LEAKS = "leaks";
  private static final String NUMBER = "number";
  private static final String REGISTERED = "registered";
  private static final String BASELINE = "baseline";

  /** Of other measures the larger is the better. */
  private static final Set<String> SMALLER_IS_BETTER =
      Set.of("log-loss", "brier", "calibration", "rmse", "mse", "mae", "mape");

  private static final Map<String, Function<Found, List<String>>> TEXTS = texts();

  /** Ends a value that stands in no quotes. */
  private static final Pattern UNQUOTED_END = Pattern.compile("[\\s,]");

  private static final Pattern NUMBER_FORM = Pattern.compile("[+-]?\\d+(\\.\\d+)?([eE][+-]?\\d+)?");

  /** Outside of quotes. */
  private static final Pattern AND =
      Pattern.compile("\\s+and\\s+(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", Pattern.CASE_INSENSITIVE);

  private final String text;
  private final List<Condition> conditions;
  private final Supplier<ZoneId> zone;

  private VersionSearch(String text, List<Condition> conditions, Supplier<ZoneId> zone) {
    this.text = text;
    this.conditions = List.copyOf(conditions);
    this.zone = zone;
  }

  private static Map<String, Function<Found, List<String>>> texts() {
    Map<String, Function<Found, List<String>>> texts = new TreeMap<>();
    texts.put("model", found -> List.of(found.version().model()));
    texts.put("alias", Found::aliases);
    texts.put("status", found -> found.status().stream().map(Status::toString).toList());
    texts.put("by", found -> List.of(found.by()));
    texts.put(
        "training-set",
        found -> {
          String build = found.trainingSet();
          return List.of(build, build.substring(0, Math.max(0, build.lastIndexOf('@'))));
        });
    return texts;
  }

  /**
   * A version that was found.
   *
   * @param aliases that point to it, sorted
   * @param status how it stands
   * @param by who registered it
   * @param trainingSet {@code name@number} of the build that it was trained on, or {@code none}
   * @param metrics on the test rows, by the measure's name
   * @param baselines the same of each baseline
   * @param leaks the rows of its training set that leak, over all views; empty where nobody knows
   *     its training set
   */
  public record Found(
      ModelReference version,
      List<String> aliases,
      List<Status> status,
      Instant registered,
      String by,
      String trainingSet,
      Map<String, Double> metrics,
      Map<String, Map<String, Double>> baselines,
      Optional<Long> leaks,
      Map<String, String> tags,
      Optional<String> description) {}

  /** Of a registered version's body what is searched; the rest is not decoded. */
  private record Body(
      String model,
      long number,
      Map<String, Double> metrics,
      Map<String, Map<String, Double>> baselines,
      List<Rule> admission,
      Optional<Build> trainingSet,
      Optional<Said> elsewhere) {
    static final Set<String> FIELDS =
        Set.of("metrics", "baselines", "admission", "trainingSet", "elsewhere");

    /** Of a rule that is judged when the version is to be promoted nothing is known here. */
    record Rule(boolean passed, Optional<String> atPromotion) {
      boolean failed() {
        return !passed && atPromotion.isEmpty();
      }
    }

    record Build(String name, long number, SharedEvents shared) {}

    record Said(Optional<String> description) {}
  }

  /** What decides beside its name whether a mark is on a version. */
  private record Trained(
      String model,
      long number,
      Optional<Build> trainingSet,
      Map<String, Digest> definitions,
      Optional<Body.Said> elsewhere) {
    static final Set<String> FIELDS = Set.of("trainingSet", "definitions", "elsewhere");

    record Build(TableVersion table, List<Pin> pins) {}

    Optional<TrainingUse> use() {
      return trainingSet.map(set -> new TrainingUse(set.table(), set.pins(), definitions.keySet()));
    }
  }

  /**
   * Reads an expression.
   *
   * @param expression conditions with {@code and} between them; blank = all versions
   * @param zone of bare dates; asked for where there is one
   * @throws PlatformException INVALID_REQUEST where it is none
   */
  public static VersionSearch parse(String expression, Supplier<ZoneId> zone) {
    String text = expression.strip();
    List<Condition> conditions = new ArrayList<>();
    for (String part : text.isEmpty() ? List.<String>of() : Arrays.asList(AND.split(text))) {
      Condition condition =
          Condition.parse(part)
              .orElseThrow(
                  () ->
                      refused(
                          text,
                          "\"%s\" is no condition. Write NAME OPERATOR VALUE with one of < <= > >= = !=, and \"and\" between conditions, as in auc >= 0.74 and tag.stage = trial."
                              .formatted(part.strip())));
      if (!part.contains("\"") && UNQUOTED_END.matcher(condition.value()).find()) {
        throw refused(
            text,
            "\"%s\" is no value. Write a value with blanks or commas in quotes, and \"and\" between conditions; there is no or: search twice."
                .formatted(condition.value()));
      }
      boolean isText = TEXTS.containsKey(condition.name()) || condition.name().startsWith(TAG);
      if (condition.value().equals(BASELINE) && isBuiltIn(condition.name()) && !isText) {
        throw refused(
            text,
            "%s has no baseline. Compare a measure with it, as in auc > baseline."
                .formatted(condition.name()));
      }
      if (isText && condition.operator().orders()) {
        throw refused(text, "%s has no order. Compare it by = or !=.".formatted(condition.name()));
      }
      if (condition.name().equals("status")
          && Arrays.stream(Status.values())
              .noneMatch(s -> s.toString().equals(condition.value()))) {
        List<String> known = Arrays.stream(Status.values()).map(Status::toString).toList();
        throw refused(
            text,
            "there is no status \"%s\". Write one of %s.%s"
                .formatted(
                    condition.value(),
                    String.join(", ", known),
                    Nearest.hint(condition.value(), known)));
      }
      conditions.add(condition);
    }
    return new VersionSearch(text, conditions, zone);
  }

  private static PlatformException refused(String text, String why) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST, "Cannot search versions by \"%s\": %s".formatted(text, why));
  }

  /** The order of the best first by a measure, versions without it last; of equals the newest. */
  public static Comparator<Found> by(String measure) {
    Comparator<Double> better =
        SMALLER_IS_BETTER.contains(measure) ? Comparator.naturalOrder() : Comparator.reverseOrder();
    Comparator<Found> best =
        Comparator.comparing(found -> found.metrics().get(measure), Comparator.nullsLast(better));
    return best.thenComparing(newest());
  }

  /** The order of the newest first. */
  public static Comparator<Found> newest() {
    return Comparator.comparing(Found::registered)
        .reversed()
        .thenComparing(found -> found.version().model())
        .thenComparing(found -> -found.version().number().orElseThrow());
  }

  /** The versions that it finds, retired or not, in the order of their registration. */
  List<Found> in(List<Event> events, Registrations registrations) {
    List<Found> all = all(events, registrations);
    requireKnown(all);
    List<Found> found = new ArrayList<>(all);
    for (Condition condition : conditions) {
      found.removeIf(condition(condition).negate());
    }
    return found;
  }

  private void requireKnown(List<Found> all) {
    Set<String> measures = new TreeSet<>();
    all.forEach(version -> measures.addAll(version.metrics().keySet()));
    for (Condition condition : conditions) {
      String name = condition.name();
      if (!measures.contains(name) && !isBuiltIn(name) && !all.isEmpty()) {
        Set<String> known = new TreeSet<>(TEXTS.keySet());
        known.addAll(List.of(LEAKS, NUMBER, REGISTERED));
        known.addAll(measures);
        throw refused(
            text,
            "no version has a measure \"%s\". Write one of %s, or tag.KEY.%s"
                .formatted(name, String.join(", ", known), Nearest.hint(name, known)));
      }
    }
  }

  private static boolean isBuiltIn(String name) {
    return TEXTS.containsKey(name)
        || name.startsWith(TAG)
        || Set.of(LEAKS, NUMBER, REGISTERED).contains(name);
  }

  private Predicate<Found> condition(Condition condition) {
    Operator operator = condition.operator();
    String name = condition.name();
    if (TEXTS.containsKey(name) || name.startsWith(TAG)) {
      Function<Found, List<String>> texts =
          TEXTS.getOrDefault(
              name,
              found -> Stream.ofNullable(found.tags().get(name.substring(TAG.length()))).toList());
      return found ->
          texts.apply(found).contains(condition.value()) == (operator == Operator.EQUAL);
    }
    if (name.equals(REGISTERED)) {
      Interval asked = asked(condition.value());
      return found ->
          operator.holds(
              found.registered().isBefore(asked.from())
                  ? -1
                  : asked.contains(found.registered()) ? 0 : 1);
    }
    boolean ofBaseline = condition.value().equals(BASELINE);
    double bound = ofBaseline ? Double.NaN : number(condition);
    return found -> {
      Optional<Double> value = value(found, name);
      return value.isEmpty()
          ? operator == Operator.UNEQUAL
          : operator.holds(value.get(), ofBaseline ? baseline(found, name) : bound);
    };
  }

  /** A day, or an instant, as an interval. */
  private Interval asked(String value) {
    ZoneId days = value.length() == 10 ? zone.get() : ZoneOffset.UTC;
    Instant from = Interval.instant(value, days);
    return value.length() == 10
        ? Interval.day(Interval.dayOf(from, days), days)
        : new Interval(from, from.plus(1, ChronoUnit.MICROS));
  }

  private double number(Condition condition) {
    if (!NUMBER_FORM.matcher(condition.value()).matches()) {
      throw refused(
          text,
          "\"%s\" is no number. Compare %s with one%s."
              .formatted(
                  condition.value(),
                  condition.name(),
                  isBuiltIn(condition.name()) ? "" : ", or with baseline"));
    }
    return Double.parseDouble(condition.value());
  }

  private static Optional<Double> value(Found found, String name) {
    return switch (name) {
      case LEAKS -> found.leaks().map(Long::doubleValue);
      case NUMBER -> Optional.of((double) found.version().number().orElseThrow());
      default -> Optional.ofNullable(found.metrics().get(name));
    };
  }

  /** The better baseline's value of a measure; NaN where none has it. */
  private static double baseline(Found found, String measure) {
    return found.baselines().values().stream()
        .flatMap(of -> Stream.ofNullable(of.get(measure)))
        .reduce(SMALLER_IS_BETTER.contains(measure) ? Math::min : Math::max)
        .orElse(Double.NaN);
  }

  private static List<Found> all(List<Event> events, Registrations registrations) {
    Map<String, Event> registered = new LinkedHashMap<>();
    Map<String, Standing> standings = new HashMap<>();
    Map<String, Map<String, Long>> aliases = new HashMap<>();
    for (Event event : events) {
      switch (event.kind()) {
        case ModelEvents.REGISTERED -> registered.put(event.subject(), event);
        case ModelEvents.PROMOTED, ModelEvents.ROLLED_BACK -> {
          ModelEvents.Moved moved = event.body(ModelEvents.Moved.class);
          aliases
              .computeIfAbsent(moved.model(), m -> new TreeMap<>())
              .put(moved.alias(), moved.number());
        }
        default -> {
          if (Standing.changes(event)) {
            standings.put(
                event.subject(),
                standings.getOrDefault(event.subject(), Standing.NEW).after(event));
          }
        }
      }
    }
    List<Suspect> marks = Suspects.standing(events);
    return registered.values().stream()
        .map(
            event ->
                found(
                    event,
                    registrations.part(event, Body.class, Body.FIELDS),
                    standings.getOrDefault(event.subject(), Standing.NEW),
                    aliases,
                    !marks.isEmpty() && isSuspect(event, registrations, marks)))
        .toList();
  }

  private static boolean isSuspect(Event event, Registrations registrations, List<Suspect> marks) {
    Trained trained = registrations.part(event, Trained.class, Trained.FIELDS);
    ModelReference version = ModelReference.of(trained.model(), trained.number());
    return marks.stream()
        .anyMatch(mark -> mark.covers(version, trained.elsewhere().isEmpty(), trained.use()));
  }

  private static Found found(
      Event event,
      Body body,
      Standing standing,
      Map<String, Map<String, Long>> allAliases,
      boolean suspect) {
    List<String> aliases =
        allAliases.getOrDefault(body.model(), Map.of()).entrySet().stream()
            .filter(alias -> alias.getValue() == body.number())
            .map(Map.Entry::getKey)
            .toList();
    Map<Status, Boolean> status = new EnumMap<>(Status.class);
    boolean admitted = body.admission().stream().noneMatch(Body.Rule::failed);
    status.put(Status.ADMITTED, admitted);
    status.put(Status.REFUSED, !admitted);
    status.put(Status.IN_USE, !aliases.isEmpty());
    status.put(Status.RETIRED, standing.retirement().isPresent());
    status.put(Status.HELD, standing.hold().isPresent());
    status.put(Status.SUSPECT, suspect);
    return new Found(
        ModelReference.of(body.model(), body.number()),
        aliases,
        status.entrySet().stream().filter(Map.Entry::getValue).map(Map.Entry::getKey).toList(),
        event.at(),
        event.principal().name(),
        body.trainingSet().map(build -> build.name() + "@" + build.number()).orElse("none"),
        new TreeMap<>(body.metrics()),
        body.baselines(),
        body.trainingSet()
            .map(
                build ->
                    build.shared().inBoth().values().stream()
                        .mapToLong(SharedEvents.Count::rows)
                        .sum()),
        standing.tags(),
        standing.description().or(() -> body.elsewhere().flatMap(Body.Said::description)));
  }
}
