package io.tributary.core;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What identifies the work of a run, so that two attempts at the same work can be told from two
 * works: runs of one key are attempts at one thing, those of different keys have nothing to do with
 * each other.
 *
 * @param job the step: {@code ingest}, {@code materialize}, {@code publish}, {@code training-set},
 *     {@code train}, {@code score}, {@code monitor}, or a name of a user's own
 * @param subject what it works on: a source, a view {@code name@version}, a training set, a model,
 *     a score set, a monitor
 * @param interval the interval of data, for steps that have one
 * @param parameters what else tells this work from other work on the same subject, by name, such as
 *     {@code trial: 7}; sorted, and mostly empty. Names are kebab-case, values without white space.
 *     What only changes how the work is done (threads, memory) is no parameter
 */
public record JobKey(
    String job,
    String subject,
    Optional<Interval> interval,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, String> parameters) {
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");
  private static final Pattern VALUE = Pattern.compile("\\S+");

  public JobKey {
    parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
    parameters.forEach(
        (name, value) -> {
          if (!NAME.matcher(name).matches() || !VALUE.matcher(value).matches()) {
            throw new PlatformException(
                ErrorCode.BUG,
                "Cannot identify work by parameter \"%s=%s\": its name must be kebab-case, and its value without white space. Report this as a bug."
                    .formatted(name, value));
          }
        });
  }

  public static JobKey of(String job, String subject) {
    return new JobKey(job, subject, Optional.empty(), Map.of());
  }

  public static JobKey of(String job, String subject, Interval interval) {
    return new JobKey(job, subject, Optional.of(interval), Map.of());
  }

  /** The same work but for one parameter, which is added or replaced. */
  public JobKey with(String parameter, String value) {
    Map<String, String> more = new TreeMap<>(parameters);
    more.put(parameter, value);
    return new JobKey(job, subject, interval, more);
  }

  /**
   * The definition that says what the job does, by kind and name, {@code scores departures}; empty
   * for a job of a user's own.
   */
  public Optional<String> definition() {
    String kind =
        switch (job) {
          case "ingest" -> "source";
          case "materialize", "publish" -> Definition.VIEW;
          case "train" -> "model";
          case "score" -> "scores";
          case "training-set", "monitor" -> job;
          default -> "";
        };
    return kind.isEmpty() ? Optional.empty() : Optional.of(kind + " " + subject);
  }

  @Override
  public String toString() {
    return job
        + " "
        + subject
        + interval.map(i -> " " + i).orElse("")
        + parameters.entrySet().stream()
            .map(p -> " " + p.getKey() + "=" + p.getValue())
            .collect(Collectors.joining());
  }
}
