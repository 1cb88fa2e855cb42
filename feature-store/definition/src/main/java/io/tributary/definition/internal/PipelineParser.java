package io.tributary.definition.internal;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.parser.CronParser;
import io.tributary.core.Interval;
import io.tributary.core.Nearest;
import io.tributary.core.command.CommandEntry;
import io.tributary.core.command.Commands;
import io.tributary.definition.Model;
import io.tributary.definition.Pipeline;
import io.tributary.definition.Pipeline.Step;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What stands in a file of {@code pipelines/}. */
final class PipelineParser {
  /** By step what kind of thing it works on. */
  private static final Map<String, DefinitionKind> VERBS =
      Commands.steps().stream()
          .collect(
              Collectors.toMap(
                  CommandEntry::words,
                  command -> DefinitionKind.ofKey(command.subject().text()).orElseThrow(),
                  (a, b) -> a,
                  LinkedHashMap::new));

  private static final CronParser CRON =
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

  static final YamlKey<String> PIPELINE =
      YamlKey.required("pipeline", YamlTypes.NAME_TYPE, "The pipeline's name.");
  static final YamlKey<String> DESCRIPTION =
      YamlKey.withDefault("description", YamlTypes.TEXT, "\"\"", "What it is for, for people.");
  static final YamlKey<String> SCHEDULE =
      YamlKey.required(
          "schedule",
          YamlTypes.scalar("a schedule", "\"0 6 * * *\"", PipelineParser::schedule),
          "When it runs, as in cron: minute, hour, day of month, month, day of week, in the project's"
              + " zone. A run does the night of the day before.");
  static final YamlKey<Interval> HISTORY =
      YamlKey.optional(
          "history",
          YamlTypes.INTERVAL,
          "none",
          "What is loaded and computed in one go before the first night: whole days of the project's"
              + " zone.");
  static final YamlKey<Instant> UNTIL =
      YamlKey.optional(
          "until",
          YamlTypes.INSTANT,
          "open",
          "Where data that ends does, behind the last night: the start of a day.");
  static final YamlKey<List<String>> TRAIN =
      YamlKey.withDefault(
          "train",
          Structures.distinct(YamlTypes.NAME_TYPE),
          "[]",
          "Models that are trained after the history, if they have no version yet or what they are"
              + " made of has changed.");
  static final YamlKey<List<Step>> STEPS =
      YamlKey.required(
          "steps",
          Structures.list(
              YamlTypes.scalar("a step", "ingest or score departures", PipelineParser::step)),
          "The night's steps in order: a verb, and what of if not all.");

  static final List<YamlKey<?>> KEYS =
      List.of(PIPELINE, DESCRIPTION, SCHEDULE, HISTORY, UNTIL, TRAIN, STEPS);

  private PipelineParser() {}

  static Optional<Pipeline> bind(YamlFields f) {
    Optional<String> name = f.find(PIPELINE);
    String description = f.or(DESCRIPTION, "");
    Optional<String> schedule = f.find(SCHEDULE);
    Optional<Interval> history = f.find(HISTORY);
    Optional<Instant> until = f.find(UNTIL);
    ZoneId zone = f.mapping().origin().zone();
    history
        .filter(h -> !h.isWholeDays(zone))
        .ifPresent(
            h ->
                f.problem(
                    HISTORY,
                    "\"history\" begins or ends inside a day of "
                        + zone
                        + ", and nights are whole days. Write "
                        + days(h.nearestDays(zone), zone)
                        + "."));
    until
        .filter(u -> !u.atZone(zone).toLocalDate().atStartOfDay(zone).toInstant().equals(u))
        .ifPresent(
            u ->
                f.problem(
                    UNTIL,
                    "\"until\" is inside a day of "
                        + zone
                        + ", and nights are whole days. Write "
                        + u.atZone(zone).toLocalDate()
                        + "."));
    List<String> train = f.or(TRAIN, List.of());
    Optional<List<Step>> steps = f.find(STEPS);
    List<YamlValue> trained = f.value(TRAIN).map(YamlValue::items).orElse(List.of());
    for (int i = 0; i < train.size(); i++) {
      YamlValue at = trained.get(i);
      at.origin()
          .links()
          .<Model>refer(
              DefinitionKind.MODEL, train.get(i), at, model -> requireTrainedHere(model, at));
    }
    if (history.isPresent() && until.isPresent() && until.get().isBefore(history.get().to())) {
      f.problem(UNTIL, "\"until\" is before the end of \"history\". Correct one.");
    }
    steps
        .filter(List::isEmpty)
        .ifPresent(none -> f.problem(STEPS, "\"steps\" has no step. Write one."));
    if (!f.complete() || name.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Pipeline(
            name.get(),
            description,
            schedule.orElseThrow(),
            history,
            until,
            train,
            steps.orElseThrow(),
            f.mapping().origin().location(f.line(PIPELINE))));
  }

  private static String days(Interval interval, ZoneId zone) {
    return interval.from().atZone(zone).toLocalDate()
        + "/"
        + interval.to().atZone(zone).toLocalDate();
  }

  private static Optional<String> schedule(YamlValue value, String text) {
    try {
      String fields = text.strip().replaceAll("\\s+", " ");
      CRON.parse(fields).validate();
      return Optional.of(fields);
    } catch (IllegalArgumentException e) {
      value.problem(
          "\"schedule\" is "
              + value.found()
              + ", not a schedule: "
              + e.getMessage().replaceFirst("^Failed to parse cron expression. ", "")
              + ". Write the five fields of cron in quotes, as in \"0 6 * * *\".");
      return Optional.empty();
    }
  }

  private static Optional<Step> step(YamlValue value, String text) {
    String[] words = text.strip().split("\\s+", -1);
    DefinitionKind kind = VERBS.get(words[0]);
    if (kind == null) {
      value.problem(
          words[0].equals("validate")
              ? "there is no step \"validate\" of its own: \"ingest\" lets in only what meets its"
                  + " expectations. Leave it out."
              : "no step \""
                  + words[0]
                  + "\"."
                  + Nearest.of(words[0], VERBS.keySet())
                      .map(near -> " Did you mean \"" + near + "\"?")
                      .orElse(" Steps: " + String.join(", ", VERBS.keySet()) + "."));
      return Optional.empty();
    }
    if (words.length > 2) {
      value.problem(
          value.subject()
              + " is "
              + value.found()
              + ": a step is a verb and one name. Write one step"
              + " for each.");
      return Optional.empty();
    }
    if (words.length == 1) {
      return Optional.of(new Step(words[0], Optional.empty()));
    }
    if (words[0].equals("train")) {
      value
          .origin()
          .links()
          .<Model>refer(kind, words[1], value, model -> requireTrainedHere(model, value));
    } else {
      value.origin().links().refer(kind, words[1], value, found -> {});
    }
    return Optional.of(new Step(words[0], Optional.of(words[1])));
  }

  private static void requireTrainedHere(Model model, YamlValue at) {
    if (!model.isTrainedHere()) {
      at.problem(
          "model \"%s\" foretells a number, and Tributary trains no such model. Take it out; whoever trains it registers its versions: tributary registry register."
              .formatted(model.name()));
    }
  }

  static Map<String, Object> render(Pipeline pipeline) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("pipeline", pipeline.name());
    tree.put("description", pipeline.description());
    tree.put("schedule", pipeline.schedule());
    pipeline.history().ifPresent(h -> tree.put("history", h.toString()));
    pipeline.until().ifPresent(u -> tree.put("until", u.toString()));
    tree.put("train", pipeline.train());
    List<Object> steps = new ArrayList<>();
    pipeline.steps().forEach(s -> steps.add(s.verb() + s.subject().map(x -> " " + x).orElse("")));
    tree.put("steps", steps);
    return tree;
  }
}
