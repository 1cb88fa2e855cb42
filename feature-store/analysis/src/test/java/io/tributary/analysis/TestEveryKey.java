package io.tributary.analysis;

import static io.tributary.analysis.TestEveryKey.Effect.FIT;
import static io.tributary.analysis.TestEveryKey.Effect.MEANING;
import static io.tributary.analysis.TestEveryKey.Effect.NAME;
import static io.tributary.analysis.TestEveryKey.Effect.USE;
import static io.tributary.analysis.TestEveryKey.Effect.WORDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.Digest;
import io.tributary.definition.ProjectReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every key of the configuration reference changes something: an edit for each, and what it does to
 * the digest of the thing that it stands in. What is made again follows from that.
 */
class TestEveryKey {
  private static final Path REFERENCE = Path.of("../../docs/configuration.md");
  private static final String DEFINITION =
      "feature-store/definition/src/test/java/io/tributary/definition/";
  private static final String INGEST = "jobs/ingest/src/test/java/io/tributary/ingest/";
  private static final String PIPELINE = "jobs/pipeline/src/test/java/io/tributary/pipeline/";
  private static final String SERVING = "feature-store/serving/src/test/java/io/tributary/serving/";
  private static final String REGISTRY = "registry/src/test/java/io/tributary/registry/";

  enum Effect {
    /** The thing's meaning. */
    MEANING,
    /** Of a model, beside its meaning what decides the network. */
    FIT,
    /** What it is called, which is no part of its meaning. */
    NAME,
    /** What people read, and no digest. */
    WORDS,
    /** What becomes of the thing, not what it means: {@link Edit#shownBy} tells. */
    USE
  }

  /**
   * An edit that changes what a key says.
   *
   * @param key below its section, as in {@code split.train}
   * @param thing whose digest is looked at, as in {@code model late}
   * @param shownBy of {@link Effect#USE} the test that shows what changes
   */
  private record Edit(
      String key, String thing, String from, String to, Effect effect, String shownBy) {
    Edit(String key, String thing, String from, String to, Effect effect) {
      this(key, thing, from, to, effect, "");
    }
  }

  private static Edit source(String key, String from, String to, Effect effect) {
    return new Edit(key, "source all", from, to, effect);
  }

  private static Edit used(String key, String thing, String from, String to, String shownBy) {
    return new Edit(key, thing, from, to, USE, shownBy);
  }

  private static Edit notify(String key, String from, String to) {
    return used("notify." + key, "source rides", from, to, DEFINITION + "TestNotifyReading");
  }

  private static Edit view(String key, String from, String to, Effect effect) {
    return new Edit(key, "view all@1", from, to, effect);
  }

  private static Edit latest(String key, String from, String to) {
    return new Edit(key, "view latest@1", from, to, MEANING);
  }

  private static Edit of(String thing, String key, String from, String to, Effect effect) {
    return new Edit(key, thing, from, to, effect);
  }

  private static Edit set(String key, String from, String to, Effect effect) {
    return new Edit(key, "training-set late", from, to, effect);
  }

  private static Edit churn(String key, String from, String to) {
    return new Edit(key, "training-set churn", from, to, MEANING);
  }

  private static Edit model(String key, String from, String to, Effect effect) {
    return new Edit(key, "model late", from, to, effect);
  }

  private static Edit keys(String key, String from, String to) {
    return new Edit(key, "model keys", from, to, FIT);
  }

  /** The edits of each section of the reference that is gone through. */
  private static final Map<String, List<Edit>> EDITS =
      Map.of(
          "tributary.yaml",
          List.of(
              of("source rides", "project", "project: keys", "project: kees", WORDS),
              of("source rides", "zone", "zone: Europe/Berlin", "zone: UTC", MEANING),
              used(
                  "lake",
                  "source rides",
                  "lake: lake",
                  "lake: sea",
                  DEFINITION + "TestProjectReader"),
              used(
                  "online",
                  "source rides",
                  "online: rocksdb:here",
                  "online: rocksdb:there",
                  DEFINITION + "TestProjectReader"),
              used(
                  "lineage",
                  "source rides",
                  "lineage: [delta]\n",
                  "",
                  DEFINITION + "TestProjectReader"),
              used(
                  "retention",
                  "source rides",
                  "retention: 30d",
                  "retention: 31d",
                  "platform/lake/src/test/java/io/tributary/lake/ITRetention"),
              used(
                  "suspect",
                  "source rides",
                  "suspect: refuse",
                  "suspect: warn",
                  REGISTRY + "TestSuspects"),
              used(
                  "serving.record-predictions",
                  "source rides",
                  "record-predictions: 0.5",
                  "record-predictions: 0",
                  PIPELINE + "ITRecorded"),
              used(
                  "serving.record-answers",
                  "source rides",
                  "record-answers: 0.5",
                  "record-answers: 0",
                  SERVING + "TestRecording"),
              used(
                  "airflow.url",
                  "source rides",
                  "url: \"http://a.org\"",
                  "url: \"http://b.org\"",
                  "console/src/test/java/io/tributary/console/TestAirflowCommands"),
              used(
                  "credentials.user",
                  "source till",
                  "user: reader",
                  "user: writer",
                  INGEST + "ITJdbc"),
              used(
                  "credentials.password",
                  "source till",
                  "till: {user: reader, password: \"${SECRET}\"}",
                  "till: {user: reader, password: \"${OTHER}\"}",
                  INGEST + "ITJdbc"),
              notify("webhooks.url", "a.org/x", "a.org/y"),
              notify("webhooks.secret", "${ALERTS}", "${ALERTS_TOO}"),
              notify(
                  "webhooks.monitors",
                  "${ALERTS}\", monitors: []",
                  "${ALERTS}\", monitors: [late]"),
              notify("webhooks.changes", "changes: [held]", "changes: [retired]"),
              notify("mail.to", "to: ops@a.org", "to: [ops@a.org, dev@a.org]"),
              notify("mail.from", "from: ops@a.org", "from: dev@a.org"),
              notify("mail.server", "a.org:25", "a.org:587"),
              notify("mail.security", "starttls", "tls"),
              notify("mail.user", "user: ops", "user: dev"),
              notify(
                  "mail.password",
                  "user: ops, password: \"${SECRET}\"",
                  "user: ops, password: \"${OTHER}\""),
              notify("mail.monitors", "${SECRET}\", monitors: []", "${SECRET}\", monitors: [late]"),
              notify("mail.changes", "changes: [suspect]", "changes: [cleared]")),
          "sources/*.yaml",
          List.of(
              of("source renamed", "source", "source: renamed", "source: named", MEANING),
              source("description", "All of it.", "Some of it.", WORDS),
              source("owner", "owner: ada", "owner: bob", WORDS),
              of("source query", "query", "select ride", "select ride + 0 as ride", MEANING),
              used("other-columns", "source all", "ignore", "refuse", INGEST + "ITEvolution"),
              source("derive", "delay * 2", "delay * 3", MEANING),
              source("event-key", "event-key: [ride]", "event-key: [ride, city]", MEANING),
              used(
                  "on-duplicate-key",
                  "source all",
                  "on-duplicate-key: refuse",
                  "on-duplicate-key: count",
                  INGEST + "ITDuplicateKeys"),
              used(
                  "subject-key",
                  "source all",
                  "subject-key: driver",
                  "subject-key: city",
                  DEFINITION + "TestSourceReading"),
              used(
                  "expect-by",
                  "source all",
                  "expect-by: 05:30",
                  "expect-by: 06:30",
                  INGEST + "TestArrivals"),
              used(
                  "overdue",
                  "source all",
                  "overdue: alert",
                  "overdue: retry",
                  INGEST + "TestArrivals"),
              source("event-time", "event-time: starts", "event-time: seen", MEANING),
              source("known-time", "known-time: seen", "known-time: starts", MEANING),
              of(
                  "source rides",
                  "availability-delay",
                  "availability-delay: 1h",
                  "availability-delay: 2h",
                  MEANING),
              source("tombstone", "gone = 'y'", "gone = 'n'", MEANING),
              source("sequence", "sequence: number", "sequence: ride", MEANING),
              source("zone", "zone: Europe/Paris", "zone: Asia/Tokyo", MEANING),
              used(
                  "expectations",
                  "source all",
                  "expectations: one.json",
                  "expectations: two.json",
                  INGEST + "ITIngestRepair"),
              of(
                  "source towns",
                  "static",
                  "static: true",
                  "static: false\nevent-time: cast('2024-01-01' as timestamp)",
                  MEANING),
              of("source rides", "read.format", "format: csv", "format: json", MEANING),
              used("read.path", "source all", "all/*.csv", "more/*.csv", INGEST + "ITIngest"),
              of(
                  "source rides",
                  "read.header",
                  "format: csv",
                  "format: csv, header: false",
                  MEANING),
              source("read.nulls", "nulls: [NA]", "nulls: [none]", MEANING),
              source("read.options", "delimiter: ';'", "delimiter: '|'", MEANING),
              used(
                  "read.change",
                  "source feed",
                  "change: city",
                  "change: driver",
                  INGEST + "ITDeltaFeed"),
              used(
                  "read.changed-at",
                  "source feed",
                  "changed-at: starts",
                  "changed-at: seen",
                  INGEST + "ITDeltaFeed"),
              used("read.url", "source till", "//till/", "//shop/", INGEST + "ITJdbc"),
              used("read.table", "source till", "table: rides", "table: trips", INGEST + "ITJdbc"),
              used(
                  "read.watermark",
                  "source till",
                  "watermark: ride",
                  "watermark: starts",
                  INGEST + "ITJdbc"),
              used(
                  "read.credentials",
                  "source till",
                  "  credentials: till",
                  "  credentials: other",
                  INGEST + "ITJdbc"),
              source("columns.type", "delay: double", "delay: float", MEANING),
              source("columns.tags", "tags: [person]", "tags: [key]", WORDS),
              used(
                  "columns.optional",
                  "source all",
                  "optional: true",
                  "optional: false",
                  INGEST + "ITEvolution"),
              used(
                  "columns.was",
                  "source all",
                  "was: [town]",
                  "was: [place]",
                  INGEST + "ITEvolution"),
              source("columns.format", "dd/MM/yyyy", "MM/dd/yyyy", MEANING),
              source("lookup.source", "source: cities", "source: towns", MEANING),
              source("lookup.keys", "keys: [city]", "keys: [driver]", MEANING)),
          "features/*.yaml",
          List.of(
              view("view", "view: all@1", "view: all@2", MEANING),
              view("description", "All of it.", "Some of it.", WORDS),
              view("owner", "owner: ada", "owner: bob", WORDS),
              view("entity", "entity: [driver]", "entity: [driver, city]", MEANING),
              of("view asked@1", "request", "x: int", "x: bigint", MEANING),
              view("source", "source: rides", "source: other_rides", MEANING),
              view("where", "delay > 0", "delay > 1", MEANING),
              view("features", "max(hour(starts)) over 7d", "max(hour(starts)) over 8d", MEANING),
              view("derived", "n_7d + 1", "n_7d + 2", MEANING),
              latest("ttl", "ttl: 7d", "ttl: 8d"),
              latest("tie-break", "tie-break: [ride]", "tie-break: [delay]"),
              latest("on-ambiguity", "on-ambiguity: refuse", "on-ambiguity: count"),
              latest("knowledge-time", "knowledge-time: off", "knowledge-time: on"),
              view(
                  "accuracy",
                  "accuracy: snapshot\npublish-delay: 1h\nmax-staleness: 3d\n",
                  "",
                  MEANING),
              view("publish-delay", "publish-delay: 1h", "publish-delay: 2h", MEANING),
              view("max-staleness", "max-staleness: 3d", "max-staleness: 4d", MEANING),
              used(
                  "online",
                  "view all@1",
                  "online: false",
                  "online: true",
                  REGISTRY + "TestOnlineUse"),
              view("default", "n_7d: 7", "n_7d: 8", MEANING),
              view("zone", "zone: Europe/Paris", "zone: Asia/Tokyo", MEANING),
              view("tags", "tags: [a]", "tags: [b]", WORDS),
              view("status", "status: active", "status: draft", WORDS)),
          "scores/*.yaml",
          List.of(
              of("scores late", "scores", "scores: late", "scores: later", MEANING),
              of("scores late", "description", "Nightly.", "Hourly.", WORDS),
              of(
                  "scores late",
                  "model",
                  "model: late@production",
                  "model: keys@production",
                  MEANING),
              of("scores late", "rows", "rows: late", "rows: late_else", MEANING),
              of("scores late", "decide", "score > 0.5", "score > 0.6", MEANING),
              of("scores late", "challengers", "[candidate]", "[other]", MEANING),
              of("scores late", "shadows", "[next]", "[after]", MEANING),
              of("scores late", "decisions", "score > 0.7", "score > 0.8", MEANING)),
          "monitors/*.yaml",
          List.of(
              of("monitor late", "monitor", "monitor: late", "monitor: later", MEANING),
              of("monitor late", "description", "Is it good?", "Is it bad?", WORDS),
              of(
                  "monitor late",
                  "model",
                  "model: late\nscores: late",
                  "model: keys\nscores: of_keys",
                  MEANING),
              of("monitor late", "scores", "scores: late", "scores: late_too", MEANING),
              of("monitor late", "inputs.psi", "psi: 0.1", "psi: 0.2", MEANING),
              of("monitor late", "window", "window: 14", "window: 28", MEANING),
              of("monitor late", "matters", "matters: 0.02", "matters: 0.03", MEANING),
              of("monitor late", "predictions.psi", "psi: 0.3", "psi: 0.4", MEANING),
              of("monitor late", "bounds.score", "[0, 0.9]", "[0, 0.8]", MEANING),
              of("monitor late", "bounds.mean", "[0.1, 0.5]", "[0.1, 0.6]", MEANING),
              of("monitor late", "bounds.mean", "[0.1, 0.5]", "learnt", MEANING),
              of("monitor late", "actuals.after", "after: 3d", "after: 4d", MEANING),
              of("monitor late", "actuals.auc-drop", "auc-drop: 0.1", "auc-drop: 0.2", MEANING),
              of("monitor late", "aside.night", "night: 2024-01-07", "night: 2024-01-08", MEANING),
              of("monitor late", "aside.reason", "reason: Ice.", "reason: Snow.", WORDS),
              used(
                  "breach",
                  "monitor late",
                  "breach: alert",
                  "breach: retrain",
                  PIPELINE + "ITRetraining")),
          "pipelines/*.yaml",
          List.of(
              of("pipeline nightly", "pipeline", "pipeline: nightly", "pipeline: daily", MEANING),
              of("pipeline nightly", "description", "Each night.", "Every night.", WORDS),
              of("pipeline nightly", "schedule", "0 6 * * *", "0 7 * * *", MEANING),
              of(
                  "pipeline nightly",
                  "history",
                  "2024-01-01/2024-02-01",
                  "2024-01-02/2024-02-01",
                  MEANING),
              of("pipeline nightly", "until", "2024-03-01", "2024-03-02", MEANING),
              of("pipeline nightly", "train", "train: [late]", "train: [keys]", MEANING),
              of("pipeline nightly", "steps", "- materialize", "- publish", MEANING)),
          "training-sets/*.yaml",
          List.of(
              set("training-set", "training-set: late", "training-set: later", NAME),
              set("description", "Who is late.", "Who comes late.", WORDS),
              set("known-until", "2024-05-01", "2024-06-01", MEANING),
              set("rows.source", "  source: plan\n", "  source: other_plan\n", MEANING),
              set("rows.as-of", "starts - interval 1 hour", "starts - interval 2 hours", MEANING),
              set("rows.where", "driver <> 'test'", "driver <> 'tests'", MEANING),
              churn("rows.every", "every: 7d", "every: 14d"),
              churn("rows.entity", "entity: [driver]", "entity: [driver, city]"),
              churn("rows.from", "from: 2024-01-01", "from: 2024-01-02"),
              churn("rows.to", "to: 2024-06-03", "to: 2024-06-10"),
              set("label.name", "name: late", "name: too_late", MEANING),
              set("label.source", "  source: rides\n", "  source: other_rides\n", MEANING),
              set("label.value", "delay > 15", "delay > 20", MEANING),
              set("label.where", "delay is not null", "delay > 0", MEANING),
              churn("label.during", "(0d, 90d]", "(0d, 60d]"),
              churn("label.maturity", "maturity: 2d", "maturity: 3d"),
              churn("label.keys", "keys: {driver: driver}", "keys: {substitute: driver}"),
              set("features.view", "view: history@1", "view: history@2", MEANING),
              set("features.keys", "{driver: driver}", "{driver: substitute}", MEANING),
              set("features.as", "as: before", "as: earlier", MEANING),
              set("features.take", "take: [n_7d]", "take: [n_7d, n_30d]", MEANING)),
          "models/*.yaml",
          List.of(
              model("model", "model: late", "model: later", FIT),
              model("description", "Lateness.", "How late.", WORDS),
              model("training-set", "training-set: late", "training-set: late_too", FIT),
              model("split.train", "-90d/-30d", "-91d/-30d", FIT),
              model("split.validate", "-30d/-15d", "-30d/-16d", FIT),
              model("split.test", "-15d/0d", "-14d/0d", FIT),
              keys(
                  "problem",
                  "training-set: late\nsplit: {by: [driver], salt: a, train: 70%, validate: 15%, test: 15%}\nnetwork:\n  - dense(8, relu)\n",
                  "problem: number\ntraining-set: minutes\nadmit: [rmse <= 12.5]\n"),
              keys("split.by", "by: [driver]", "by: [driver, ride]"),
              keys("split.salt", "salt: a", "salt: b"),
              model("inputs", "default: raw", "default: standardize", FIT),
              model("network", "dense(8, relu)", "dense(8, tanh)", FIT),
              model("fit.updater", "updater: adam", "updater: nesterovs", FIT),
              model("fit.learning-rate", "learning-rate: 0.01", "learning-rate: 0.02", FIT),
              model("fit.batch", "batch: 64", "batch: 65", FIT),
              model("fit.epochs", "epochs: 3", "epochs: 4", FIT),
              model("fit.patience", "patience: 2", "patience: 1", FIT),
              model("fit.seed", "seed: 1", "seed: 2", FIT),
              model("evaluate.metrics", "metrics: [auc]", "metrics: [auc, brier]", MEANING),
              model("evaluate.slices", "slices: [driver]", "slices: [city]", MEANING),
              model("admit", "leaks <= 3", "leaks <= 4", MEANING),
              model("online", "online: stale\n", "", MEANING),
              used(
                  "retrain.at-most-every",
                  "model late",
                  "at-most-every: 3d",
                  "at-most-every: 4d",
                  PIPELINE + "ITRetraining"),
              used(
                  "promote",
                  "model late",
                  "promote: by-hand",
                  "promote: automatic",
                  PIPELINE + "ITRetraining"),
              used(
                  "margin",
                  "model late",
                  "margin: 0.01",
                  "margin: 0.02",
                  PIPELINE + "ITRetraining")));

  private static final String SOURCE =
      """
      read: {format: csv, path: in/*.csv}
      columns:
        ride: bigint
        driver: string
        substitute: string
        city: string
        starts: timestamp
        delay: double
      event-time: starts
      availability-delay: 1h
      event-key: [ride]
      """;

  private static final String VIEW =
      """
      entity: [driver]
      source: rides
      online: true
      features:
        n: count(*) over 7d, 30d
      """;

  private static final String SET =
      """
      rows:
        source: plan
        as-of: starts - interval 1 hour
        where: driver <> 'test'
      label:
        name: late
        source: rides
        value: delay > 15
        where: delay is not null
      features:
        - view: history@1
          keys: {driver: driver}
          as: before
          take: [n_7d]
      known-until: 2024-05-01
      """;

  private static Map<String, String> files() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put(
        "tributary.yaml",
        """
        project: keys
        zone: Europe/Berlin
        lake: lake
        online: rocksdb:here
        lineage: [delta]
        retention: 30d
        suspect: refuse
        serving: {record-predictions: 0.5, record-answers: 0.5}
        airflow: {url: "http://a.org"}
        credentials:
          till: {user: reader, password: "${SECRET}"}
          other: {user: reader, password: "${SECRET}"}
        notify:
          webhooks:
            alerts: {url: "https://a.org/x", secret: "${ALERTS}", monitors: [], changes: [held]}
          mail:
            team: {to: ops@a.org, from: ops@a.org, server: "a.org:25", security: starttls, user: ops, password: "${SECRET}", monitors: [], changes: [suspect]}
        """);
    files.put("expectations/one.json", "{\"name\": \"one\", \"expectations\": []}");
    files.put("expectations/two.json", "{\"name\": \"two\", \"expectations\": []}");
    for (String reference : List.of("cities", "towns")) {
      files.put(
          "sources/" + reference + ".yaml",
          "source: "
              + reference
              + """

                static: true
                read: {format: csv, path: ref/*.csv}
                columns: {name: string, country: string}
                event-key: [name]
                """);
    }
    files.put(
        "sources/all.yaml",
        """
        source: all
        description: All of it.
        owner: ada
        read:
          format: csv
          path: all/*.csv
          header: true
          nulls: [NA]
          options: {delimiter: ';'}
        columns:
          ride: bigint
          driver: {type: string, tags: [person]}
          city: {type: string, was: [town]}
          gone: {type: string, optional: true}
          born: {type: date, format: dd/MM/yyyy}
          number: bigint
          starts: timestamp
          seen: timestamp
          delay: double
        other-columns: ignore
        lookup:
          place: {source: cities, keys: [city]}
        derive:
          twice: delay * 2
          country: place.country
        event-key: [ride]
        on-duplicate-key: refuse
        subject-key: driver
        expect-by: 05:30
        overdue: alert
        event-time: starts
        known-time: seen
        tombstone: gone = 'y'
        sequence: number
        zone: Europe/Paris
        expectations: one.json
        """);
    files.put("sources/renamed.yaml", "source: renamed\n" + SOURCE);
    files.put(
        "sources/query.yaml",
        """
        source: query
        query: select ride, driver, starts from rides
        event-key: [ride]
        event-time: starts
        """);
    files.put(
        "sources/till.yaml",
        """
        source: till
        read:
          format: jdbc
          url: jdbc:postgresql://till/shop
          table: rides
          watermark: ride
          credentials: till
        columns: {ride: bigint, starts: timestamp}
        event-key: [ride]
        event-time: starts
        """);
    files.put(
        "sources/other_till.yaml",
        """
        source: other_till
        read: {format: jdbc, url: "jdbc:postgresql://till/shop", table: rides, watermark: ride, credentials: other}
        columns: {ride: bigint, starts: timestamp}
        event-key: [ride]
        event-time: starts
        """);
    files.put(
        "sources/till_too.yaml",
        """
        source: till_too
        read: {format: jdbc, url: "jdbc:postgresql://till/shop", table: trips, watermark: ride, credentials: till}
        columns: {ride: bigint, starts: timestamp}
        event-key: [ride]
        event-time: starts
        """);
    files.put(
        "sources/feed.yaml",
        """
        source: feed
        read: {format: delta, path: feed, change: city, changed-at: starts}
        columns: {ride: bigint, city: string, driver: string, starts: timestamp, seen: timestamp}
        event-key: [ride]
        event-time: starts
        known-time: seen
        tombstone: "'delete' in (city, driver)"
        """);
    files.put(
        "features/all_1.yaml",
        """
        view: all@1
        description: All of it.
        owner: ada
        entity: [driver]
        source: rides
        where: delay > 0
        features:
          n: count(*) over 7d
          hour: max(hour(starts)) over 7d
        derived:
          more: n_7d + 1
        accuracy: snapshot
        publish-delay: 1h
        max-staleness: 3d
        online: false
        default: {n_7d: 7}
        zone: Europe/Paris
        tags: [a]
        status: active
        """);
    files.put(
        "features/latest_1.yaml",
        """
        view: latest@1
        entity: [driver]
        source: rides
        features:
          city: city
          delay: delay
        ttl: 7d
        tie-break: [ride]
        on-ambiguity: refuse
        knowledge-time: off
        """);
    files.put(
        "features/asked_1.yaml",
        """
        view: asked@1
        request: {x: int}
        features:
          y: x + 1
        """);
    files.put(
        "scores/late.yaml",
        """
        scores: late
        description: Nightly.
        model: late@production
        rows: late
        decide: score > 0.5
        challengers: [candidate]
        shadows: [next]
        decisions:
          challenger: score > 0.7
        """);
    files.put("scores/late_too.yaml", "scores: late_too\nmodel: late@production\nrows: late\n");
    files.put("scores/of_keys.yaml", "scores: of_keys\nmodel: keys@production\nrows: late\n");
    files.put(
        "monitors/late.yaml",
        """
        monitor: late
        description: Is it good?
        model: late
        scores: late
        window: 14
        matters: 0.02
        inputs: {psi: 0.1}
        predictions: {psi: 0.3}
        bounds: {score: [0, 0.9], mean: [0.1, 0.5]}
        actuals: {after: 3d, auc-drop: 0.1}
        aside: [{night: 2024-01-07, reason: Ice.}]
        breach: alert
        """);
    files.put(
        "pipelines/nightly.yaml",
        """
        pipeline: nightly
        description: Each night.
        schedule: "0 6 * * *"
        history: 2024-01-01/2024-02-01
        until: 2024-03-01
        train: [late]
        steps:
          - materialize
        """);
    for (String source : List.of("plan", "other_plan", "rides", "other_rides")) {
      files.put("sources/" + source + ".yaml", "source: " + source + "\n" + SOURCE);
    }
    files.put("features/history_1.yaml", "view: history@1\n" + VIEW);
    files.put("features/history_2.yaml", "view: history@2\n" + VIEW);
    files.put("training-sets/late.yaml", "training-set: late\ndescription: Who is late.\n" + SET);
    files.put(
        "training-sets/late_too.yaml",
        "training-set: late_too\n" + SET.replace("delay > 15", "delay > 30"));
    files.put(
        "training-sets/minutes.yaml",
        "training-set: minutes\n" + SET.replace("delay > 15", "delay"));
    files.put(
        "training-sets/late_else.yaml",
        "training-set: late_else\n" + SET.replace("driver <> 'test'", "driver <> 'none'"));
    files.put(
        "training-sets/churn.yaml",
        """
        training-set: churn
        rows:
          source: rides
          every: 7d
          entity: [driver]
          from: 2024-01-01
          to: 2024-06-03
        label:
          name: gone
          value: count(*) = 0 from rides
          during: "(0d, 90d]"
          maturity: 2d
          keys: {driver: driver}
        features:
          - history@1
        """);
    files.put(
        "models/late.yaml",
        """
        model: late
        description: Lateness.
        training-set: late
        split: {train: -90d/-30d, validate: -30d/-15d, test: -15d/0d}
        inputs: {default: raw}
        network:
          - dense(8, relu)
        fit: {updater: adam, learning-rate: 0.01, batch: 64, epochs: 3, patience: 2, seed: 1}
        evaluate: {metrics: [auc], slices: [driver]}
        admit:
          - leaks <= 3
        online: stale
        promote: by-hand
        margin: 0.01
        retrain: {at-most-every: 3d}
        """);
    files.put(
        "models/keys.yaml",
        """
        model: keys
        training-set: late
        split: {by: [driver], salt: a, train: 70%, validate: 15%, test: 15%}
        network:
          - dense(8, relu)
        """);
    return files;
  }

  @TempDir Path folder;

  private CheckedProject check(Map<String, String> files) throws IOException {
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.writeString(path, file.getValue());
    }
    return CheckedProject.check(
        ProjectReader.read(
            folder,
            Map.of(
                "SECRET",
                "s",
                "OTHER",
                "o",
                "ALERTS",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "ALERTS_TOO",
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx"),
            Optional.empty()));
  }

  @Test
  void changesWhatItIsSaidToChange() throws IOException {
    CheckedProject before = check(files());
    for (Map.Entry<String, List<Edit>> section : EDITS.entrySet()) {
      for (Edit edit : section.getValue()) {
        Map<String, String> files = files();
        String kind = edit.thing().substring(0, edit.thing().indexOf(' '));
        String name = edit.thing().substring(edit.thing().indexOf(' ') + 1);
        String file = section.getKey().replace("*", name.replace('@', '_'));
        assertThat(files.get(file)).as(edit.toString()).contains(edit.from());
        String text = files.get(file).replace(edit.from(), edit.to());
        files.put(file, text);
        String named =
            file.startsWith(kind) || file.contains("/")
                ? text.lines().findFirst().orElseThrow().replaceFirst(".*: ", "")
                : name;
        if (!named.equals(name) || kind.equals("scores")) {
          // What names the thing, or takes it for what it was, would be broken.
          files.keySet().removeIf(f -> !f.equals(file) && f.matches(users(kind)));
        }
        clear();
        CheckedProject after = check(files);
        boolean meaning = !meaning(before, kind, name).equals(meaning(after, kind, named));
        assertThat(meaning)
            .as(edit.toString())
            .isEqualTo(edit.effect() == MEANING || edit.effect() == FIT);
        if (kind.equals("model")) {
          boolean fit = !before.model(name).fit().equals(after.model(named).fit());
          assertThat(fit).as(edit.toString()).isEqualTo(edit.effect() == FIT);
        }
        if (edit.effect() == USE) {
          assertThat(Files.readString(Path.of("../..", edit.shownBy() + ".java")).replace("-", ""))
              .as(edit.toString())
              .containsIgnoringCase(
                  edit.key().substring(edit.key().lastIndexOf('.') + 1).replace("-", ""));
        }
      }
    }
  }

  /** Files of things that may name one of a kind. */
  private static String users(String kind) {
    return switch (kind) {
      case "training-set" -> "(models|scores|monitors|pipelines)/.*";
      case "model" -> "(scores|monitors|pipelines)/.*";
      case "scores" -> "(monitors|pipelines)/.*";
      default -> "pipelines/.*";
    };
  }

  private void clear() throws IOException {
    for (String file : files().keySet()) {
      Files.deleteIfExists(folder.resolve(file));
    }
  }

  private static Digest meaning(CheckedProject project, String kind, String name) {
    String reference = kind + " " + name;
    return project.definitions(List.of(reference)).stream()
        .filter(d -> d.reference().equals(reference))
        .findFirst()
        .orElseThrow()
        .meaningDigest();
  }

  @Test
  void thereIsAnEditForEveryKey() throws IOException {
    Map<String, Set<String>> reference = keysOfTheReference();
    assertThat(EDITS.keySet()).isEqualTo(reference.keySet());
    for (Map.Entry<String, List<Edit>> section : EDITS.entrySet()) {
      assertThat(section.getValue().stream().map(Edit::key).collect(Collectors.toSet()))
          .as(section.getKey())
          .containsExactlyInAnyOrderElementsOf(reference.get(section.getKey()));
    }
  }

  /** The keys of each section that have no keys below them. */
  private static Map<String, Set<String>> keysOfTheReference() throws IOException {
    Map<String, Set<String>> sections = new LinkedHashMap<>();
    String section = "";
    String below = "";
    for (String line : Files.readAllLines(REFERENCE)) {
      if (line.startsWith("## ")) {
        section = line.substring(3);
        below = "";
        sections.put(section, new TreeSet<>());
      } else if (line.startsWith("### ")) {
        below = line.substring(4) + ".";
        sections.get(section).remove(line.substring(4));
      } else if (line.startsWith("- **`")) {
        sections.get(section).add(below + line.substring(5, line.indexOf('`', 5)));
      }
    }
    return sections;
  }
}
