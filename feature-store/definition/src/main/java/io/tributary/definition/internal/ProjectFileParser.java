package io.tributary.definition.internal;

import io.tributary.core.Durations;
import io.tributary.core.SuspectUse;
import io.tributary.definition.AirflowAddress;
import io.tributary.definition.Credential;
import io.tributary.definition.OnlineAddress;
import io.tributary.definition.Project;
import io.tributary.definition.Receiver;
import io.tributary.definition.Recording;
import io.tributary.definition.Secret;
import io.tributary.definition.SourceLocation;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What stands in {@code tributary.yaml}. */
final class ProjectFileParser {
  private static final Pattern PROJECT_NAME = Pattern.compile("[a-z][a-z0-9_-]{0,99}");
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*");
  private static final Pattern ADDRESS = Pattern.compile("[a-z][a-z0-9+.-]*:.+");
  private static final Pattern USER_INFO = Pattern.compile(".*//[^/@]*:[^/@]*@.*");

  static final YamlKey<String> PROJECT =
      YamlKey.required(
          "project",
          YamlTypes.scalar("a project's name", "nyc-flights", ProjectFileParser::projectName),
          "The project's name.");
  static final YamlKey<ZoneId> ZONE =
      YamlKey.required(
          "zone", YamlTypes.ZONE, "What days and local times mean where nothing else is said.");
  static final YamlKey<String> LAKE =
      YamlKey.withDefault(
          "lake",
          YamlTypes.scalar(
              "a path", "lake or hdfs://host/lake", ProjectFileParser::withoutPassword),
          "lake",
          "Where the tables lie: below the project's folder, or on a Hadoop file system with an atomic"
              + " rename (not S3); --lake overrides it, ${lake} stands for the result.");
  static final YamlKey<String> ONLINE =
      YamlKey.withDefault(
          "online",
          YamlTypes.scalar(
              "the address of an online store",
              "rocksdb:${lake}/online",
              ProjectFileParser::online),
          "rocksdb:${lake}/online",
          "Where features are published: RocksDB files in a folder that is local or mounted, or a Redis"
              + " server, redis://HOST[:PORT][/DATABASE], with TLS rediss://. A lake that is not local or"
              + " mounted needs one that is said. credentials.online signs in there.");

  private static final YamlType<String> DELTA = YamlTypes.choice(List.of("delta"));
  private static final YamlType<String> LINEAGE_TARGET =
      new YamlType<>(
          "delta",
          "",
          List.of(),
          value -> {
            if (value.isMapping()) {
              value.problem(
                  value.subject()
                      + " is a server: no server for lineage is in this version, it stands in the lake"
                      + " alone. Write [delta].");
              return Optional.empty();
            }
            return DELTA.bind(value);
          });
  static final YamlKey<List<String>> LINEAGE =
      YamlKey.withDefault(
          "lineage",
          Structures.distinct(LINEAGE_TARGET),
          "[delta]",
          "Where lineage is recorded: in the lake.");
  static final YamlKey<Duration> RETENTION =
      YamlKey.withDefault(
          "retention",
          YamlTypes.DURATION,
          "730d",
          "How long old versions of tables stay readable.");
  static final YamlKey<SuspectUse> SUSPECT =
      YamlKey.withDefault(
          "suspect",
          YamlTypes.choice(SuspectUse.class),
          "refuse",
          "What scoring, promotion, online resolution and training do with what tributary impact"
              + " --mark-suspect has marked: `refuse` it, or use it and `warn`, in the run's record,"
              + " result and summary.");

  static final YamlKey<URI> AIRFLOW_URL =
      YamlKey.required(
          "url",
          YamlTypes.scalar(
              "an address", "https://airflow.acme.org", ProjectFileParser::airflowAddress),
          "Where its pages and its REST interface are. Nobody signs in at another machine unless"
              + " TRIBUTARY_AIRFLOW_URL names it, which overrides this.");
  static final YamlKey<URI> AIRFLOW =
      YamlKey.optional(
          "airflow",
          Structures.object("an Airflow", List.of(AIRFLOW_URL), f -> f.find(AIRFLOW_URL)),
          "no Airflow",
          "The Airflow (3.x) that runs the pipelines: see `tributary airflow status`. Who signs in there is"
              + " told by the environment alone: TRIBUTARY_AIRFLOW_USER and TRIBUTARY_AIRFLOW_PASSWORD,"
              + " or TRIBUTARY_AIRFLOW_TOKEN.");

  private static final YamlKey<String> USER =
      YamlKey.optional("user", YamlTypes.TEXT, "no user", "Who signs in.");
  private static final YamlKey<Secret> PASSWORD =
      YamlKey.optional("password", secret(), "no password", "The password, ${NAME}.");
  static final YamlKey<Map<String, Credential>> CREDENTIALS =
      YamlKey.withDefault(
          "credentials",
          Structures.map(
              YamlTypes.NAME_TYPE,
              Structures.object(
                  "how to sign in",
                  List.of(USER, PASSWORD),
                  f -> Optional.of(new Credential(f.find(USER), f.find(PASSWORD))))),
          "{}",
          "How the platform signs in at databases, under the names that sources use, and at the online"
              + " store, under online; secrets come from the environment alone.");

  private static final YamlKey<Double> RECORD_PREDICTIONS =
      YamlKey.withDefault(
          "record-predictions",
          YamlTypes.number(0, 1),
          YamlTypes.plain(Recording.DEFAULT.predictions()),
          "The share of requests for scores whose predictions, with the values of their inputs, are recorded"
              + " in the lake: `served.predictions`, for `tributary trace`. 0: none.");
  private static final YamlKey<Double> RECORD_ANSWERS =
      YamlKey.withDefault(
          "record-answers",
          YamlTypes.number(0, 1),
          YamlTypes.plain(Recording.DEFAULT.answers()),
          "The share of look-ups of features, for scores too, whose keys and answers are recorded in the"
              + " lake: `served.answers`. 0: none.");
  static final YamlKey<Recording> SERVING =
      YamlKey.withDefault(
          "serving",
          Structures.object(
              "what servers record",
              List.of(RECORD_PREDICTIONS, RECORD_ANSWERS),
              f ->
                  f.find(RECORD_PREDICTIONS)
                      .flatMap(p -> f.find(RECORD_ANSWERS).map(a -> new Recording(p, a)))),
          "{}",
          "What `tributary serve` records of what it answered.");

  static final List<YamlKey<?>> KEYS =
      List.of(
          PROJECT,
          ZONE,
          LAKE,
          ONLINE,
          LINEAGE,
          RETENTION,
          SUSPECT,
          SERVING,
          AIRFLOW,
          CREDENTIALS,
          NotifyParser.NOTIFY);

  /** What {@code tributary.yaml} says. */
  record Settings(
      String name,
      ZoneId zone,
      String lake,
      OnlineAddress online,
      List<String> lineage,
      Duration retention,
      SuspectUse suspect,
      Recording serving,
      Optional<URI> airflow,
      Map<String, Credential> credentials,
      List<Receiver> receivers) {}

  private ProjectFileParser() {}

  static Optional<Settings> bind(YamlFields f, Path folder, Optional<String> lakeOverride) {
    Origin origin = f.mapping().origin();
    Optional<String> name = f.find(PROJECT);
    Optional<ZoneId> zone = f.find(ZONE);
    zone.ifPresent(origin::in);
    Optional<String> lake =
        lakeOverride
            .map(text -> absolute(Path.of("").toAbsolutePath(), text))
            .or(() -> f.find(LAKE).map(text -> absolute(folder, text)));
    origin.variables().ifPresent(v -> v.put("lake", lake.orElse("lake")));
    Optional<String> online = f.find(ONLINE);
    Optional<List<String>> lineage = f.find(LINEAGE);
    if (lineage.filter(List::isEmpty).isPresent()) {
      f.problem(
          LINEAGE,
          "\"lineage\" is empty, and lineage is always recorded in the lake. Write [delta].");
      return Optional.empty();
    }
    Optional<Duration> retention = f.find(RETENTION);
    Optional<SuspectUse> suspect = f.find(SUSPECT);
    Optional<Recording> serving = f.find(SERVING);
    Optional<URI> airflow = f.find(AIRFLOW);
    Optional<Map<String, Credential>> credentials = f.find(CREDENTIALS);
    Optional<List<Receiver>> receivers = f.find(NotifyParser.NOTIFY);
    if (!f.complete() || name.isEmpty() || zone.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Settings(
            name.get(),
            zone.get(),
            lake.orElseThrow(),
            new OnlineAddress(
                online.orElseThrow(),
                credentials.map(c -> c.get(ONLINE.name())),
                name,
                Optional.of(
                    new SourceLocation(
                        ProjectFolder.PROJECT_FILE,
                        f.line(f.value(ONLINE).isPresent() ? ONLINE : LAKE)))),
            lineage.orElseThrow(),
            retention.orElseThrow(),
            suspect.orElseThrow(),
            serving.orElseThrow(),
            airflow,
            credentials.orElseThrow(),
            receivers.orElseThrow()));
  }

  private static String absolute(Path folder, String path) {
    return SCHEME.matcher(path).matches() ? path : folder.resolve(path).normalize().toString();
  }

  private static Optional<String> projectName(YamlValue value, String text) {
    if (!PROJECT_NAME.matcher(text).matches()) {
      value.problem(
          "\""
              + YamlValue.shortened(text)
              + "\" can't be a project's name: it is made of lower-case letters, digits, - and _, and"
              + " begins with a letter. Rename it, as in nyc-flights.");
      return Optional.empty();
    }
    return Optional.of(text);
  }

  private static Optional<String> online(YamlValue value, String text) {
    Optional<String> checked = withoutPassword(value, text);
    if (checked.isPresent() && !ADDRESS.matcher(text).matches()) {
      value.problem(
          "\"online\" is "
              + value.found()
              + ", not an address. Write KIND:PLACE, as in rocksdb:FOLDER.");
      return Optional.empty();
    }
    return checked;
  }

  private static Optional<String> withoutPassword(YamlValue value, String text) {
    if (text.isBlank()) {
      value.problem(value.subject() + " is empty. Write an address or a path.");
      return Optional.empty();
    }
    if (USER_INFO.matcher(text).matches()) {
      value.problem(
          value.subject()
              + " holds a password (before the @). Take it out, and write it below \"credentials\" as"
              + " ${NAME}.");
      return Optional.empty();
    }
    if (text.contains("://")) {
      try {
        // An address may have another one in it: rocksdb:file:///srv/online.
        URI uri = new URI(text.replaceFirst("^[a-z0-9+.-]+:(?=[a-z0-9+.-]+://)", ""));
        if (uri.getAuthority() == null && uri.getPath() == null) {
          throw new URISyntaxException("", "it names no server");
        }
      } catch (URISyntaxException e) {
        value.problem(value.subject() + " is no address: " + e.getReason() + ". Correct it.");
        return Optional.empty();
      }
    }
    return Optional.of(text);
  }

  private static Optional<URI> airflowAddress(YamlValue value, String text) {
    try {
      return Optional.of(AirflowAddress.parse(text));
    } catch (IllegalArgumentException e) {
      value.problem(value.subject() + " " + e.getMessage());
      return Optional.empty();
    }
  }

  private static YamlType<Secret> secret() {
    return new YamlType<>(
        "the name of an environment variable in ${}",
        "${DATABASE_PASSWORD}",
        List.of(),
        value -> value.origin().variables().flatMap(v -> v.secret(value, PASSWORD.type())));
  }

  static Map<String, Object> render(Project project) {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("project", project.name());
    tree.put("zone", project.zone().getId());
    tree.put("lake", project.lake());
    tree.put("online", project.online().text());
    tree.put("lineage", project.lineage());
    tree.put("retention", Durations.print(project.retention()));
    tree.put("suspect", YamlTypes.kebab(project.suspect()));
    Map<String, Object> serving = new LinkedHashMap<>();
    serving.put("record-predictions", project.serving().predictions());
    serving.put("record-answers", project.serving().answers());
    tree.put("serving", serving);
    project.airflow().ifPresent(url -> tree.put("airflow", Map.of("url", url.toString())));
    Map<String, Object> credentials = new LinkedHashMap<>();
    project
        .credentials()
        .forEach(
            (server, credential) -> {
              Map<String, Object> c = new LinkedHashMap<>();
              credential.user().ifPresent(u -> c.put("user", u));
              credential.password().ifPresent(p -> c.put("password", p.toString()));
              credentials.put(server, c);
            });
    tree.put("credentials", credentials);
    tree.put("notify", NotifyParser.render(project.receivers()));
    return tree;
  }
}
