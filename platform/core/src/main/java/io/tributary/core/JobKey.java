package io.tributary.core;

import java.util.Optional;

/**
 * What identifies the work of a run, so that two attempts at the same work can be told.
 *
 * @param job the step: {@code ingest}, {@code validate}, {@code materialize}, {@code publish},
 *     {@code training-set}, {@code train}, {@code score}, {@code monitor}
 * @param subject what it works on: a source, a view {@code name@version}, a training set, a model,
 *     a score set, a monitor
 * @param interval the interval of data, for steps that have one
 */
public record JobKey(String job, String subject, Optional<Interval> interval) {
  public static JobKey of(String job, String subject) {
    return new JobKey(job, subject, Optional.empty());
  }

  public static JobKey of(String job, String subject, Interval interval) {
    return new JobKey(job, subject, Optional.of(interval));
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
    return job + " " + subject + interval.map(i -> " " + i).orElse("");
  }
}
