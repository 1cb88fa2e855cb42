package io.tributary.core;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What identifies the work of a run: runs with equal keys are attempts at the same work, runs with
 * different keys are independent.
 *
 * @param job the step: {@code ingest}, {@code materialize}, {@code publish}, {@code training-set},
 *     {@code train}, {@code score}, {@code monitor}, or the name of a user's own job
 * @param subject what it works on: a source, a view {@code name@version}, a training set, a model,
 *     a score set, a monitor
 * @param interval the interval of data, for steps that have one
 * @param parameters what else distinguishes this work from other work on the same subject, by name,
 *     such as {@code trial: 7}; sorted, and mostly empty. Names are kebab-case, values without
 *     white space. What changes only how the work is done (threads, memory) is not a parameter
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

  /** The same key with one parameter added or replaced. */
  public JobKey with(String parameter, String value) {
    Map<String, String> more = new TreeMap<>(parameters);
    more.put(parameter, value);
    return new JobKey(job, subject, interval, more);
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
