package io.tributary.features;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.JobKey;
import io.tributary.core.Pin;
import io.tributary.core.PlatformException;
import io.tributary.core.TableVersion;
import io.tributary.definition.FeatureView;
import io.tributary.definition.OnlineStaleness;
import io.tributary.definition.ViewId;
import io.tributary.events.facts.ConsistencyFacts;
import io.tributary.events.facts.ConsistencyFacts.Differing;
import io.tributary.events.served.ServedAnswers;
import io.tributary.features.Consistency.NotCompared;
import io.tributary.features.Consistency.OfView;
import io.tributary.features.ServedAnswerCheck.Found;
import io.tributary.lake.Lake;
import io.tributary.offline.FeatureStore;
import io.tributary.online.OnlineStore;
import io.tributary.online.Publication;
import io.tributary.runtime.Attempt;
import io.tributary.runtime.Job;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Compares what servers recorded of their answers with what was published: each value, at the
 * instant of its question, by the snapshots in the lake that the publication in force was made of.
 * It writes nothing but its run's record, and compares anew each time. A difference is a result, no
 * failure.
 */
public final class ConsistencyJob implements Job {
  private final FeatureStore store;
  private final OnlineStore online;
  private final Optional<Interval> interval;
  private Optional<Consistency> found = Optional.empty();

  /**
   * Of the answers to requests that came in an interval.
   *
   * @param interval empty: of all that are recorded
   */
  public ConsistencyJob(FeatureStore store, OnlineStore online, Optional<Interval> interval) {
    this.store = store;
    this.online = online;
    this.interval = interval;
  }

  @Override
  public JobKey key() {
    String project = store.project().project().name();
    return interval
        .map(within -> JobKey.of("consistency", project, within))
        .orElseGet(() -> JobKey.of("consistency", project));
  }

  /** None: the records that it reads may go whenever somebody removes them. */
  @Override
  public List<Pin> inputs() {
    return List.of();
  }

  @Override
  public Digest definition() {
    return Digest.of("consistency");
  }

  /** What was found, once it has run. */
  public Consistency found() {
    return found.orElseThrow();
  }

  @Override
  public void run(Attempt attempt) {
    Dataset<Row> answers = answers();
    Map<ViewId, Found> byView = new TreeMap<>();
    List<NotCompared> notCompared = new ArrayList<>();
    long recorded = 0;
    for (Row group :
        answers
            .groupBy("view", "publication", "identity")
            .agg(count(lit(1)).as("answers"), max("format").as("format"))
            .orderBy("view", "publication", "identity")
            .collectAsList()) {
      ServedAnswers.requireFormat(group.getAs("format"));
      ViewId view = ViewId.parse(group.getAs("view"));
      long publication = group.getAs("publication");
      long count = group.getAs("answers");
      recorded += count;
      try {
        Found of = compare(answers, view, publication, group.getAs("identity"));
        byView.merge(view, of, Found::and);
      } catch (PlatformException e) {
        if (e.code() != ErrorCode.NOT_FOUND) {
          throw e;
        }
        notCompared.add(new NotCompared(view.toString(), publication, count, e.getMessage()));
      }
    }
    found =
        Optional.of(
            new Consistency(
                interval,
                byView.entrySet().stream().map(e -> ofView(e.getKey(), e.getValue())).toList(),
                byView.values().stream().flatMap(of -> of.some().stream()).toList(),
                notCompared));
    attempt.report(facts(recorded, byView));
  }

  private Dataset<Row> answers() {
    Lake lake = store.lake();
    TableVersion version =
        lake.find(ServedAnswers.TABLE)
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.NOT_FOUND,
                        "Cannot compare what was answered: no server has recorded any. Serve with record-answers above 0, as \"serving\" in tributary.yaml says it."));
    Dataset<Row> answers = lake.table(ServedAnswers.TABLE).read(version);
    return interval
        .map(
            within ->
                answers.where(
                    col("at")
                        .geq(lit(Timestamp.from(within.from())))
                        .and(col("at").lt(lit(Timestamp.from(within.to()))))))
        .orElse(answers);
  }

  private Found compare(Dataset<Row> answers, ViewId id, long sequence, String identity) {
    FeatureView view = store.project().project().views().get(id);
    if (view == null || view.isOnDemand()) {
      throw gone("the project has no such view any more");
    }
    Publication publication =
        online.publications(id).stream()
            .filter(of -> of.sequence() == sequence && of.identity().equals(identity))
            .findFirst()
            .orElseThrow(() -> gone("the online store has no record of it any more"));
    Column mine =
        col("view")
            .equalTo(id.toString())
            .and(col("publication").equalTo(sequence))
            .and(col("identity").equalTo(identity));
    return new ServedAnswerCheck(store, online, view).of(publication, answers.where(mine));
  }

  private static PlatformException gone(String why) {
    return new PlatformException(ErrorCode.NOT_FOUND, why);
  }

  private OfView ofView(ViewId id, Found of) {
    return new OfView(
        id.toString(),
        of.answers(),
        of.values(),
        sum(of),
        Duration.ofSeconds(of.oldest()),
        OnlineStaleness.of(store.project().project(), store.project().project().views().get(id))
            .most());
  }

  private static long sum(Found of) {
    return of.differing().values().stream().mapToLong(n -> n).sum();
  }

  private static ConsistencyFacts facts(long recorded, Map<ViewId, Found> byView) {
    List<Differing> differing = new ArrayList<>();
    byView.forEach(
        (view, of) ->
            of.differing()
                .forEach(
                    (feature, values) ->
                        differing.add(new Differing(view.toString(), feature, values))));
    return new ConsistencyFacts(
        recorded,
        byView.values().stream().mapToLong(Found::answers).sum(),
        byView.values().stream().mapToLong(Found::values).sum(),
        differing);
  }
}
