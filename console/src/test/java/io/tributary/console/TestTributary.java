package io.tributary.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.tributary.core.ColumnOrigin;
import io.tributary.core.ColumnReference;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.JobKey;
import io.tributary.core.Json;
import io.tributary.core.Outcome;
import io.tributary.core.Pin;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.core.TableVersion;
import io.tributary.core.command.ClassPath;
import io.tributary.core.command.Commands;
import io.tributary.definition.DefinitionPrinter;
import io.tributary.definition.Project;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.ViewId;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.definitions.DefinitionStore;
import io.tributary.events.facts.FitFacts;
import io.tributary.events.facts.SharedEvents;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.LineageNode;
import io.tributary.events.runs.RunLog;
import io.tributary.events.runs.RunRecord;
import io.tributary.online.KeyCodec;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.online.OnlineWriter;
import io.tributary.online.Origin;
import io.tributary.online.PartitionWriter;
import io.tributary.online.PublishedSnapshot;
import io.tributary.online.RowCodec;
import io.tributary.online.StoredColumn;
import io.tributary.online.StoredFeature;
import io.tributary.online.StoredRow;
import io.tributary.online.StoredView;
import io.tributary.registry.ArtefactStore;
import io.tributary.registry.Coverage;
import io.tributary.registry.FitParameters;
import io.tributary.registry.ModelEnvironment;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.OnlineUse;
import io.tributary.registry.Suspect;
import io.tributary.registry.Suspects;
import io.tributary.registry.TrainingSetReference;
import io.tributary.testing.JavaProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class TestTributary {
  @TempDir Path folder;
  private Path project;

  private record Answered(int code, String out, String err) {}

  @BeforeEach
  void writeProject() throws IOException {
    project = folder.resolve("shop");
    write(
        "tributary.yaml",
        "project: shop",
        "zone: UTC",
        "lake: lake",
        "online: rocksdb:${lake}/online",
        "lineage: [delta]");
    write(
        "sources/orders.yaml",
        "source: orders",
        "read: {format: csv, path: data/orders.csv, header: true}",
        "columns: {customer: string, paid: double, at: timestamp}",
        "event-time: at");
    write(
        "features/spending.yaml",
        "view: spending@1",
        "entity: [customer]",
        "source: orders",
        "features:",
        "  paid: sum(paid) over 7d",
        "  orders: count(*) over 7d");
  }

  private void write(String name, String... lines) throws IOException {
    Files.createDirectories(project.resolve(name).getParent());
    Files.writeString(project.resolve(name), String.join("\n", lines) + "\n");
  }

  private Answered run(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<String> args = new ArrayList<>(Arrays.asList(words));
    if (!args.contains("--help")) {
      args.add("--project=" + project);
    }
    int code =
        Tributary.run(
            new PrintWriter(out, true), new PrintWriter(err, true), args.toArray(String[]::new));
    return new Answered(code, out.toString(), err.toString());
  }

  @Test
  void helpNamesEveryCommand() {
    Answered help = run("--help");
    assertThat(help.code()).isZero();
    assertThat(help.out())
        .contains(
            Commands.first().stream()
                .map(command -> "  %-13s %s\n".formatted(command.words(), command.description()))
                .toList());
    assertThat(run("registry", "--help").out())
        .startsWith("Usage: tributary registry [-hV] [--json] COMMAND\n")
        .contains("  promote       let an alias stand for a version");
    assertThat(run("quarantine", "--help").out()).contains("  release       release rows");
  }

  @TestFactory
  Stream<DynamicTest> eachLightCommandHasHelp() {
    return Commands.all().stream()
        .filter(command -> command.classPath() == ClassPath.LIGHT)
        .map(
            command ->
                DynamicTest.dynamicTest(
                    command.words(),
                    () -> {
                      List<String> words = new ArrayList<>(List.of(command.words().split(" ")));
                      words.add("--help");
                      Answered help = run(words.toArray(String[]::new));
                      assertThat(help.code()).isZero();
                      assertThat(help.out())
                          .startsWith("Usage: tributary " + command.words() + " [")
                          .contains("--json");
                    }));
  }

  @Test
  void aFirstWordThatIsAProjectsFolderIsTheProject() {
    StringWriter out = new StringWriter();
    int code =
        Tributary.run(
            new PrintWriter(out),
            new PrintWriter(out),
            "show",
            "--json",
            project.toString(),
            "spending@1");
    assertThat(out.toString()).contains("\"view\" : \"spending@1\"");
    assertThat(code).isZero();
  }

  @Test
  void anUnknownCommandIsOneLineWithTheNearest() {
    assertThat(run("rnus"))
        .isEqualTo(
            new Answered(
                2,
                "",
                "Cannot run rnus: there is no such command. Did you mean \"runs\"? Run \"tributary --help\" for what there is.\n"));
    assertThat(run("registry", "lst").err())
        .isEqualTo(
            "Cannot run registry lst: there is no such command. Did you mean \"registry list\"? Run \"tributary registry --help\" for what there is.\n");
    assertThat(run("train").err())
        .isEqualTo("Cannot run train from here: it needs Spark. Start it by bin/tributary.\n");
  }

  @Test
  void showsAdefinitionWithItsDefaults() {
    Answered shown = run("show", "spending@1");
    assertThat(shown.code()).isZero();
    assertThat(shown.out())
        .contains("view: spending@1", "paid: sum(paid) over 7d", "knowledge-time: on");
  }

  @Test
  void showsTheTypesOfAviewsFeatures() throws IOException {
    write(
        "features/spending.yaml",
        "view: spending@1",
        "entity: [customer]",
        "source: orders",
        "features:",
        "  paid: sum(paid) over 7d",
        "  squares: sum(paid * paid) over 7d",
        "  quiet: time_since_last() over 7d");
    assertThat(run("show", "spending@1").out())
        .endsWith(
            """
            # Types of the features:
            #   paid_7d: double
            #   squares_7d: as Spark SQL types its expression; once taken, as its column of features.spending_v1
            #   quiet_7d: double, in seconds
            """);
    JsonNode types =
        Json.read(run("show", "spending@1", "--json").out(), JsonNode.class).path("feature-types");
    assertThat(types)
        .hasToString(
            "{\"paid_7d\":{\"type\":\"double\"},\"squares_7d\":{},\"quiet_7d\":{\"type\":\"double\",\"unit\":\"seconds\"}}");
    assertThat(run("show", "orders").out()).doesNotContain("Types of");
  }

  @Test
  void namesTheNearestOfWhatThereIs() {
    Answered unknown = run("show", "spendng@1");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.out()).isEmpty();
    assertThat(unknown.err()).contains("Did you mean \"spending@1\"?");
  }

  @Test
  void findsWhatLineagePrints() {
    Instant noon = Instant.parse("2024-01-10T12:00:00Z");
    String lake = project.resolve("lake").toString();
    LakeIdentity.ensure(lake, new LakeIdentity.Build(noon, "abc", false));
    RunLog log = RunLog.open(lake);
    for (int version = 0; version < 2; version++) {
      log.append(
          List.of(
              new RunRecord(
                  RunId.startingAt(noon.plusSeconds(version)),
                  JobKey.of("score", "next"),
                  1 + version,
                  Outcome.SUCCEEDED,
                  Optional.empty(),
                  Optional.empty(),
                  "",
                  noon,
                  1,
                  List.of(),
                  List.of(TableVersion.parse("scores.next@" + version + "#t")),
                  Optional.empty(),
                  Map.of(),
                  List.of(
                      LineageNode.model("late", 1 + version),
                      LineageNode.file("data/orders.csv", Digest.of("" + version))),
                  List.of(),
                  Map.of(),
                  Optional.empty(),
                  new Environment("abc123", false, "17", "Linux", "ada", "host"))));
    }
    String file = "orders.csv@" + Digest.of("0").hex().substring(0, 8);
    assertThat(run("lineage", "scores.next").out())
        .startsWith("table:scores.next@1#t")
        .contains("model:late@1", "model:late@2", file);
    for (String thing : List.of("scores.next@0", "table:scores.next@0", "model:late@1", file)) {
      Answered answered = run("lineage", thing);
      assertThat(answered.code()).as(thing).isZero();
      assertThat(answered.out()).as(thing).contains("@0", "score next").doesNotContain("late@2");
    }
    assertThat(run("lineage", "scores.next@7").err()).contains("no run read or wrote it");
  }

  @Test
  void showsWhatArunUsedWhenItsFileIsGone() throws IOException {
    Instant noon = Instant.parse("2024-01-10T12:00:00Z");
    String lake = project.resolve("lake").toString();
    LakeIdentity.ensure(lake, new LakeIdentity.Build(noon, "abc", false));
    Definition view =
        new Definition(
            "view",
            "spending@1",
            "features/spending.yaml",
            "active",
            "view: spending@1\nentity: [customer]\n",
            "kind 6 view 1\n",
            Map.of(),
            Map.of(),
            Map.of());
    Digest kept = DefinitionStore.open(lake).put(view);
    RunId run = RunId.startingAt(noon);
    RunLog.open(lake)
        .append(
            List.of(
                new RunRecord(
                    run,
                    JobKey.of("materialize", "spending@1"),
                    1,
                    Outcome.SUCCEEDED,
                    Optional.empty(),
                    Optional.empty(),
                    "",
                    noon,
                    1,
                    List.of(),
                    List.of(TableVersion.parse("features.spending_v1@0#t")),
                    Optional.empty(),
                    Map.of(),
                    List.of(),
                    List.of(),
                    Map.of(view.reference(), kept),
                    Optional.empty(),
                    new Environment("abc123", false, "17", "Linux", "ada", "host"))));
    Files.delete(project.resolve("features/spending.yaml"));

    for (String thing : List.of("spending@1", "spending", "view spending@1")) {
      assertThat(run("show", thing, "--of", run.text()).out()).as(thing).isEqualTo(view.text());
    }
    assertThat(run("show", "--of", run.text()).out())
        .isEqualTo(kept.shortHex() + "  view spending@1\n");
    assertThat(run("show", "--of", kept.shortHex()).out()).isEqualTo(view.text());
    assertThat(run("show", "--of", kept.hex(), "--json").out())
        .contains("\"format\":1", "\"meaningDigest\":\"" + view.meaningDigest());
    assertThat(run("show", "orders", "--of", kept.hex()).err())
        .contains("is of view spending@1. Name that, or nothing.");
    assertThat(run("show", "spendin@1", "--of", run.text()).err())
        .contains("used no such thing", "It used: view spending@1.");
    assertThat(run("show", "--of", "00000000").err()).contains("nothing is kept under digest");
    assertThat(run("show", "--of", RunId.startingAt(noon.plusSeconds(9)).text()).err())
        .contains("the log has no run");
  }

  @Test
  void listsEveryProblemOfAbrokenProject() throws IOException {
    write(
        "features/spending.yaml",
        "view: spending@1",
        "entitty: [customer]",
        "source: orders",
        "features:",
        "  paid: sum(paid) over 7d");
    write("models/late.yaml", "model: late", "fitt: {}");
    Answered broken = run("show");
    assertThat(broken.code()).isEqualTo(2);
    assertThat(broken.err())
        .contains("features/spending.yaml:2", "\"entitty\"", "\"entity\"")
        .contains("models/late.yaml:2", "\"fitt\"", "\"fit\"");
  }

  @Test
  void saysThatNothingIsStoredOfWhatIsComputedOnDemand() throws IOException {
    write(
        "features/clock.yaml",
        "view: clock@1",
        "request:",
        "  at: timestamp",
        "features:",
        "  hour: hour(at)");
    Answered asked = run("features", "get", "clock@1", "x");
    assertThat(asked.code()).isEqualTo(2);
    assertThat(asked.err())
        .startsWith(
            "Cannot read features of clock@1: it is computed on demand from what a request brings [at],");
  }

  @Test
  void saysWhatToDoInAnEmptyLake() {
    assertThat(run("runs").out()).contains("No runs yet. Start with: tributary run");
    assertThat(run("registry", "list").out()).contains("No models yet.");
    Answered lineage = run("lineage", "bronze.orders");
    assertThat(lineage.code()).isEqualTo(2);
    assertThat(lineage.err()).contains("no run read or wrote it");
    Answered features = run("features", "get", "spending@1", "ada");
    assertThat(features.code()).isEqualTo(2);
    assertThat(features.err())
        .contains("Cannot read features of spending@1: it was never published");
  }

  @Test
  void readsTheOnlineStore() {
    Instant at = Instant.parse("2026-01-31T23:59:59.999999Z");
    ViewId view = ViewId.parse("spending@1");
    List<StoredColumn> keys = List.of(new StoredColumn("customer", "string"));
    StoredView stored =
        new StoredView(
            view,
            Digest.of("definition"),
            keys,
            List.of(
                new StoredFeature("paid_7d", "double", Optional.empty(), Optional.empty()),
                new StoredFeature(
                    "orders_7d", "bigint", Optional.of(RowCodec.node(0L)), Optional.empty())),
            Optional.empty(),
            Optional.empty());
    try (OnlineStore store = OnlineStores.open("rocksdb:" + project.resolve("lake/online"))) {
      OnlineWriter writer =
          store.begin(
              stored,
              new PublishedSnapshot(
                  at, TableVersion.parse("features.spending_v1@0#table"), Map.of()),
              Origin.of("shop"));
      try (PartitionWriter partition = writer.partitions().open()) {
        partition.add(
            KeyCodec.encode(keys, List.of("ada")),
            RowCodec.encode(
                new StoredRow(Optional.of(at), Optional.of(at), at, List.of(12.5, 2L))));
        writer.publish(
            writer.complete(partition.finish().stream().toList()).orElseThrow(), Map.of());
      }
    }
    Answered present = run("features", "get", "spending@1", "ada", "--json");
    assertThat(present.code()).isZero();
    JsonNode answers = Json.read(present.out(), JsonNode.class);
    assertThat(answers.at("/0/value").asDouble()).isEqualTo(12.5);
    assertThat(answers.at("/1/status").asText()).isEqualTo("PRESENT");
    assertThat(run("features", "get", "spending@1", "bob").out())
        .containsPattern("orders_7d +0 +absent");
    assertThat(run("features", "list").out())
        .containsPattern("spending@1 +customer +2 +2026-01-31T23:59:59.999999Z +1");
  }

  @Test
  void refusesAnAliasWhereAversionIsNeeded() {
    Answered promoted = run("registry", "promote", "late@production", "--reason", "better");
    assertThat(promoted.code()).isEqualTo(2);
    assertThat(promoted.err())
        .contains(
            "Cannot use version \"late@production\": it names no number. Write it as in late_arrival@3.");
  }

  @Test
  void putsVersionsSideBySide() throws IOException {
    register();
    assertThat(run("registry", "compare", "late@1").code()).isEqualTo(2);

    assertThat(run("registry", "promote", "late@1", "--reason", "first").code()).isZero();
    Answered compared = run("registry", "compare", "late@production", "late@1");

    assertThat(compared.code()).isZero();
    assertThat(compared.out())
        .containsPattern("(?m)^ +late@1 +late@1$")
        .containsPattern("(?m)^version +aliases +production +production$")
        .containsPattern("(?m)^test +auc +0.8000 +0.8000$")
        .doesNotContain("learningRate")
        .containsPattern("(?m)^\\d+ more are equal or nearly so; --all shows them.$")
        .endsWith("definitions of late@1 beside those of late@1\n  not recorded for both\n");
    assertThat(run("registry", "compare", "late@1", "late@1", "--all").out())
        .containsPattern("(?m)^fit +learningRate +0.0010 +0.0010$");
    JsonNode told =
        Json.read(run("registry", "compare", "late@1", "late@1", "--json").out(), JsonNode.class);
    assertThat(told.at("/versions/1").asText()).as(told.toString()).isEqualTo("late@1");
    assertThat(told.at("/facts/0/name").asText()).isEqualTo("registered");
  }

  @Test
  void whereTheProjectWarnsASuspectVersionIsPromotedAndThatIsSaid() throws IOException {
    register();
    assertThat(run("impact", "late@1", "--mark-suspect", "--reason", "wrong units").code())
        .isZero();
    assertThat(run("registry", "promote", "late@1", "--reason", "first").err())
        .contains("Cannot promote late@1 to production: ", " marked model late@1 as suspect at ");
    Path file = project.resolve("tributary.yaml");
    Files.writeString(file, Files.readString(file) + "suspect: warn\n");
    String said = "SUSPECT and used all the same, to promote late@1 to ";
    assertThat(run("registry", "promote", "late@1", "--reason", "first").out())
        .startsWith(said + "production: ")
        .endsWith("late@production is now late@1\n");
    JsonNode told =
        Json.read(
            run("registry", "promote", "late@1", "next", "--reason", "first", "--json").out(),
            JsonNode.class);
    assertThat(told.path("number").asLong()).isEqualTo(1);
    assertThat(told.at("/suspect/0").asText()).startsWith(said + "next: ");
  }

  /** The ledger has no such delivery, as after its loss. */
  @Test
  void aMarkIsClearedThoughItsImpactCanNotBeTold() {
    String lake = project.resolve("lake").toString();
    Suspects.open(lake)
        .mark("delivery:rides@3", Coverage.of(List.of()), Principal.osUser("ada"), "bad");
    assertThat(run("impact", "rides", "--delivery", "3", "--clear", "--reason", "good").out())
        .isEqualTo("delivery rides@3 is suspect no more.\n");
    assertThat(Suspects.open(lake).standing()).isEmpty();
    assertThat(run("impact", "rides", "--delivery", "3", "--clear", "--reason", "good").err())
        .contains("Cannot tell the impact of delivery 3 of rides: the ledger has none.");
  }

  @Test
  void aClearingIsOfTheThingThatTheSameWordsMark() throws IOException {
    register();
    Suspects suspects = Suspects.open(project.resolve("lake").toString());
    for (String marked : List.of("view:late@1", "model:late@1")) {
      suspects.mark(marked, Coverage.of(List.of()), Principal.osUser("ada"), "bad");
    }
    assertThat(run("impact", "late@1", "--clear", "--reason", "good").out())
        .isEqualTo("model late@1 is suspect no more.\n");
    assertThat(suspects.standing()).extracting(Suspect::root).containsExactly("view:late@1");
  }

  @Test
  void writesAPageOfWhatItTells() throws IOException {
    register();
    for (String command : List.of("trace", "impact")) {
      Path file = folder.resolve(command + ".html");
      assertThat(run(command, "late@1", "--html", file.toString()).out())
          .isEqualTo("page: " + file + "\n");
      JsonNode told = Json.read(run(command, "late@1", "--json").out(), JsonNode.class);
      Document page = Jsoup.parse(file.toFile());
      assertThat(page.select("h1").text()).isEqualTo("model late@1");
      for (JsonNode node : told.path("nodes")) {
        String name = node.path("kind").asText() + " " + node.path("name").asText();
        Element shown =
            page.select(".tree summary, .tree span").stream()
                .filter(e -> e.text().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name));
        for (JsonNode from : node.path("from")) {
          // A trace goes back, an impact forward.
          Element below =
              command.equals("trace")
                  ? shown.parent()
                  : page.select(".tree details").stream()
                      .filter(d -> d.selectFirst("summary").text().equals(named(told, from)))
                      .findFirst()
                      .orElseThrow();
          assertThat(below.select("summary, span").eachText())
              .anyMatch(
                  text -> text.startsWith(command.equals("trace") ? named(told, from) : name));
        }
      }
      assertThat(page.select(".tree p").eachText()).isNotEmpty();
    }
    assertThat(run("trace", "late@1", "--html", "none/page.html", "--json").err())
        .contains("Cannot write page none/page.html: ");
    String other = folder.resolve("compared.html").toString();
    assertThat(run("registry", "compare", "late@1", "late@1", "--html", other, "--json").out())
        .isEqualTo("{\"page\":\"" + other + "\"}\n");
    Document page = Jsoup.parse(Path.of(other).toFile());
    assertThat(page.select("h1").text()).isEqualTo("late@1 beside late@1");
    assertThat(page.select("h2").eachText())
        .startsWith("Versions", "Measures on the test rows of each")
        .endsWith("Definitions of late@1 beside those of late@1");
    assertThat(page.select("section > div tr").eachText()).contains("auc 0.8000 0.8000");
    assertThat(page.select("details tr").eachText()).contains("learningRate 0.0010 0.0010");
  }

  private static String named(JsonNode told, JsonNode id) {
    for (JsonNode node : told.path("nodes")) {
      if (node.path("id").equals(id)) {
        return node.path("kind").asText() + " " + node.path("name").asText();
      }
    }
    throw new AssertionError(id);
  }

  @Test
  void whatIsSaidOfAVersionIsShownComparedAndFound() throws IOException {
    register();
    assertThat(run("registry", "tag", "late@1", "stage=first trial", "owner=ada").out())
        .isEqualTo("tags of late@1 are owner=ada stage=first trial\n");
    assertThat(run("registry", "tag", "late@1", "--remove", "owner", "--json").out())
        .isEqualTo("{\"tags\":{\"stage\":\"first trial\"},\"version\":\"late@1\"}\n");
    assertThat(run("registry", "tag", "late@1").err())
        .contains(
            "Cannot tag late@1: no tag is named. Write one as in stage=trial, or --remove stage.");
    assertThat(run("registry", "tag", "late@1", "stage").err())
        .contains(
            "Cannot tag late@1: \"stage\" is no tag. Write a word and a value, as in stage=trial.");
    assertThat(run("registry", "describe", "late@1", "the one of spring").out())
        .isEqualTo("late@1 is described\n");
    assertThat(run("registry", "hold", "late@1", "--reason", "audit 7").out())
        .isEqualTo("late@1 is held\n");

    assertThat(run("registry", "show", "late@1").out())
        .containsPattern(
            "held by \\S+ at \\S+ \\(audit 7\\)\nthe one of spring\ntags stage=first trial\n");
    JsonNode shown = Json.read(run("registry", "show", "late@1", "--json").out(), JsonNode.class);
    assertThat(shown.at("/tags/stage").asText()).isEqualTo("first trial");
    assertThat(shown.at("/description").asText()).isEqualTo("the one of spring");
    assertThat(shown.at("/hold/reason").asText()).isEqualTo("audit 7");
    assertThat(run("registry", "compare", "late@1", "late@1").out())
        .containsPattern("(?m)^version +held +true +true$")
        .containsPattern("(?m)^version +tag stage +first trial +first trial$");
    assertThat(run("registry", "history", "late").out())
        .contains(" tagged late@1 at ", " (without owner)\n", " held late@1 at ");

    Answered found =
        run("registry", "search", "tag.stage = \"first trial\" and status = held and auc > 0.7");
    assertThat(found.out()).containsPattern("^VERSION .*\nlate@1 .*held .*stage=first trial\n$");
    assertThat(run("registry", "search", "auc > 0.9").out()).isEqualTo("No version meets it.\n");
    assertThat(run("registry", "search", "--limit", "0").err())
        .contains("Cannot search versions: --limit 0 shows none. Write 1 or more.");

    assertThat(run("registry", "retire", "late@1", "--reason", "old").code()).isNotZero();
    assertThat(run("registry", "release", "late@1", "--reason", "over").out())
        .isEqualTo("late@1 is no longer held\n");
    assertThat(run("registry", "retire", "late@1", "--reason", "old").code()).isZero();
  }

  @Test
  void aVersionGoesFromOneLakeToAnother() throws IOException {
    register();
    String archive = project.resolve("late.zip").toString();
    assertThat(run("registry", "export", "late@1", "--to", archive).err())
        .contains("has no id, by which the archive would say where the version is from");
    String id =
        LakeIdentity.ensure(
                project.resolve("lake").toString(),
                new LakeIdentity.Build(Instant.EPOCH, "code", false))
            .id();
    assertThat(run("registry", "export", "late@1", "--to", archive).out())
        .matches("late@1 is in \\S+late\\.zip, digest [0-9a-f]{64}\n");
    assertThat(run("registry", "import", archive).out())
        .isEqualTo("late@1 is this version: it was trained in this lake\n");

    String other = "--lake=" + project.resolve("other");
    assertThat(run("registry", "import", archive, other).out())
        .startsWith("late@1 is late@1 of lake " + id + " (shop), registered there by ada at ");
    JsonNode again =
        Json.read(run("registry", "import", archive, other, "--json").out(), JsonNode.class);
    assertThat(again.at("/version").asText()).isEqualTo("late@1");
    assertThat(again.at("/importedFrom/lake").asText()).isEqualTo(id);
    assertThat(run("registry", "show", "late@1", other).out())
        .contains("imported: it is late@1 of lake " + id + " (shop)");
    assertThat(
            Json.read(run("registry", "show", "late@1", other, "--json").out(), JsonNode.class)
                .at("/importedFrom/version")
                .asText())
        .isEqualTo("late@1");
    assertThat(run("registry", "history", "late", other).out())
        .contains(" registered late@1 at ", " (imported: late@1 of lake " + id);
    assertThat(run("registry", "compare", "late@1", "late@1", other).out())
        .containsPattern("(?m)^version +imported from +late@1 of " + id.substring(0, 20));
  }

  @Test
  void receiversAreToldOfChangesInTheRegistry() throws Exception {
    register();
    List<String> got = new ArrayList<>();
    List<JsonNode> bodies = new ArrayList<>();
    AtomicInteger answer = new AtomicInteger(401);
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/",
        exchange -> {
          String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
          if (answer.get() == 200) {
            bodies.add(Json.read(body, JsonNode.class));
            got.add(
                Json.read(body, JsonNode.class).path("text").asText().lines().findFirst().get());
          }
          exchange.sendResponseHeaders(answer.get(), -1);
          exchange.close();
        });
    server.start();
    try {
      write(
          "tributary.yaml",
          "project: shop",
          "zone: UTC",
          "lake: lake",
          "online: rocksdb:${lake}/online",
          "lineage: [delta]",
          "notify:",
          "  webhooks:",
          "    deploy:",
          "      url: http://127.0.0.1:" + server.getAddress().getPort() + "/hook",
          "      secret: ${HOOK_SECRET}",
          "      changes: [promoted, rolled-back, held, retired]");
      // The project can't be read: the change stands, and is told once it can be.
      write("models/late.yaml", "model: late");
      assertThat(process("registry", "promote", "late@1", "--reason", "first").out())
          .contains("late@production is now late@1")
          .contains("WARN nobody is notified yet; tributary notify does it: Cannot check project ")
          .contains("Cannot check model late (models/late.yaml:1): missing \"split\", \"network\"");
      Files.delete(project.resolve("models/late.yaml"));
      assertThat(got).isEmpty();

      // It answers no: the change stands, and its notice is kept.
      ProcessResult held = process("registry", "hold", "late@1", "--reason", "audit 7");
      assertThat(held.code()).as(held.out()).isZero();
      assertThat(held.out())
          .contains("late@1 is held")
          .contains("WARN notify deploy (127.0.0.1): 0 notices delivered, 2 not yet: ")
          .contains("Nothing is lost: the next run tries again, and so does tributary notify.");
      assertThat(got).isEmpty();

      answer.set(200);
      ProcessResult notified = process("notify");
      assertThat(notified.code()).as(notified.out()).isZero();
      assertThat(notified.out()).contains("deploy (127.0.0.1): 2 notices delivered");
      String user = System.getProperty("user.name");
      assertThat(got)
          .containsExactly(
              "shop: " + user + " promoted late@1 to production.",
              "shop: " + user + " held late@1.");

      ProcessResult released = process("registry", "promote", "late@1", "next", "--reason", "x");
      assertThat(released.out())
          .contains("late@next is now late@1")
          .contains("Notified deploy (127.0.0.1): 1 notice delivered");
      assertThat(got).hasSize(3);

      register(2);
      for (List<String> change :
          List.of(
              List.of("promote", "late@2", "next"),
              List.of("rollback", "late", "next"),
              List.of("retire", "late@2"))) {
        List<String> words = new ArrayList<>(List.of("registry"));
        words.addAll(change);
        words.addAll(List.of("--reason", "it drifts"));
        assertThat(process(words.toArray(String[]::new)).out())
            .contains("Notified deploy (127.0.0.1): 1 notice delivered");
      }
      assertThat(got.subList(3, 6))
          .containsExactly(
              "shop: " + user + " promoted late@2 to next.",
              "shop: " + user + " rolled next back to late@1.",
              "shop: " + user + " retired late@2.");
      JsonNode rolledBack = bodies.get(4);
      assertThat(rolledBack.path("type").asText()).isEqualTo("registry.rolled-back");
      assertThat(rolledBack.at("/data/thing").asText()).isEqualTo("model:late@1");
      assertThat(rolledBack.at("/data/alias").asText()).isEqualTo("next");
      assertThat(rolledBack.at("/data/former").asText()).isEqualTo("late@2");
      JsonNode retired = bodies.get(5);
      assertThat(retired.path("type").asText()).isEqualTo("registry.retired");
      assertThat(retired.at("/data/thing").asText()).isEqualTo("model:late@2");
      assertThat(retired.at("/data/reason").asText()).isEqualTo("it drifts");
    } finally {
      server.stop(0);
    }
  }

  private record ProcessResult(int code, String out) {}

  /** A command in a process of its own, which has the secret of the webhook. */
  private ProcessResult process(String... words) throws Exception {
    List<String> args = new ArrayList<>(List.of(Tributary.class.getName()));
    args.addAll(List.of(words));
    args.add("--project=" + project);
    ProcessBuilder builder =
        JavaProcess.of(List.of(), args.toArray(String[]::new)).redirectErrorStream(true);
    builder.environment().put("HOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), UTF_8);
    return new ProcessResult(process.waitFor(), out);
  }

  private void register() throws IOException {
    register(1);
  }

  private void register(int artefact) throws IOException {
    String lake = project.resolve("lake").toString();
    TableVersion table = TableVersion.parse("training.late@3#9f-1");
    Map<String, Double> slices = new TreeMap<>();
    for (int i = 0; i < 1_000; i++) {
      slices.put("slice " + i, i / 1_000.0);
    }
    ModelVersion draft =
        new ModelVersion(
            "late",
            0,
            ArtefactStore.open(lake).put(Map.of("signature.json", new byte[] {(byte) artefact})),
            Map.of("auc", 0.8),
            Map.of("slices", slices),
            Optional.of(
                new FitParameters(
                    new FitFacts.Split(List.of(), "", Instant.EPOCH, List.of()),
                    Map.of(),
                    List.of("dense(8, relu)"),
                    "adam",
                    0.001,
                    64,
                    2,
                    2,
                    20131031,
                    2,
                    100,
                    50,
                    2,
                    1)),
            List.of(),
            Optional.of(
                ModelEnvironment.of(
                    new Environment("abc123", false, "17", "Linux", "ada", "host"),
                    "cpu",
                    Map.of())),
            Optional.of(
                new TrainingSetReference(
                    "late",
                    3,
                    table,
                    List.of(Pin.of(table)),
                    Digest.of("definition"),
                    Digest.of("rows"),
                    new SharedEvents(
                        Map.of("spending", new SharedEvents.Count(1_500, 1_430)),
                        Map.of("spending", new SharedEvents.Count(9, 7))))),
            Optional.of(
                new OnlineUse(
                    false,
                    List.of(
                        new OnlineUse.View(
                            "spending",
                            "spending@1",
                            OnlineUse.Accuracy.EXACT,
                            true,
                            Optional.of(Duration.ofHours(30)),
                            "pipeline nightly, \"0 6 * * *\"")))),
            Digest.of("model"),
            Digest.of("fit"),
            Map.of(),
            Optional.of(RunId.parse("20260131T061500Z-1a2b3c4d")),
            Digest.of("fingerprint"),
            Optional.empty(),
            Optional.empty());
    ModelRegistry.open(lake).register(draft, Principal.osUser("ada"));
  }

  @Test
  void doctorSaysWhatNobodyHasHeardYetAndWhatIsBlocked() throws IOException {
    Files.writeString(
        project.resolve("tributary.yaml"),
        """
        notify:
          mail:
            ops: {server: "localhost:2525", from: a@shop.org, to: b@shop.org}
        """,
        StandardOpenOption.APPEND);
    String lake = project.resolve("lake").toString();
    register();
    EventLog.open(lake + "/platform/notices")
        .append(
            List.of(
                new Event(
                    "n",
                    Instant.parse("2024-01-25T06:00:00Z"),
                    "noted",
                    "late 2024-01-24T00:00:00Z/2024-01-25T00:00:00Z",
                    Principal.osUser("ada"),
                    "",
                    """
                    {"notice": {"id": "1", "at": "2024-01-25T06:00:00Z", "type": "monitor.breached",
                     "interval": "2024-01-24T00:00:00Z/2024-01-25T00:00:00Z", "breaches": [], "count": 1},
                     "verdicts": "%s", "receivers": ["ops"]}
                    """
                        .formatted(Digest.of("x").hex()))));
    ModelRegistry.open(lake)
        .block(
            ModelReference.parse("late@1"),
            "production",
            "late",
            "2024-01-24",
            "1",
            Principal.osUser("ada"),
            "",
            "12 rows are fewer than 90");

    assertThat(run("doctor").out())
        .contains(
            "ops has not got a notice yet, the first of 2024-01-25T06:00:00Z. Deliver: tributary notify",
            "monitor late found a breach of @1 on 2024-01-24 (12 rows are fewer than 90), which blocks"
                + " promotions to production.",
            "tributary registry unblock late --night 2024-01-24 --reason \"…\"");
  }

  @Test
  void modelCardSaysWhetherItMayBeUsedOnline() throws IOException {
    register();
    assertThat(run("registry", "show", "late@1").out())
        .contains(
            "online use: not allowed: trained on exact views spending@1; set \"online: stale\" in the model's definition and train again",
            "  spending@1: exact in training; age of an online answer: up to 30h (pipeline nightly, \"0 6 * * *\")");
    assertThat(run("registry", "show", "late@1").out())
        .contains(
            "LEAK: rows that see in spending what their label tells of: 1,430",
            "blind spot: rows with events that neither spending nor their label has: 7");
    JsonNode card = Json.read(run("registry", "show", "late@1", "--json").out(), JsonNode.class);
    assertThat(card.at("/onlineUse/verdict").asText()).isEqualTo("NOT_ALLOWED");
    assertThat(card.at("/onlineUse/views/0/largestAge").asText()).isEqualTo("PT30H");
    assertThat(card.at("/baselines/slices/slice 250").asDouble()).isEqualTo(0.25);
    try (Stream<Path> artefacts = Files.list(project.resolve("lake/models"))) {
      for (Path artefact : artefacts.toList()) {
        Files.setLastModifiedTime(artefact, FileTime.from(Instant.EPOCH));
      }
    }
    assertThat(run("doctor").out()).contains("leftovers  ok");

    assertThat(run("registry", "retire", "late@1", "--reason", "leaks").code()).isZero();
    Answered shown = run("registry", "show", "late@1");
    assertThat(shown.code()).isZero();
    assertThat(shown.out())
        .containsPattern("retired by \\S+ at \\S+ \\(leaks\\): it can't be used");
    assertThat(
            Json.read(run("registry", "show", "late@1", "--json").out(), JsonNode.class)
                .at("/retirement/reason")
                .asText())
        .isEqualTo("leaks");
    assertThat(run("registry", "list").out())
        .doesNotContain("late@1")
        .contains("1 retired, shown with --retired");
    assertThat(run("registry", "list", "--retired").out()).containsPattern("late@1 +\\(retired\\)");
  }

  @Test
  void aCopiedLakeGetsAnIdOfItsOwn() throws IOException {
    LakeIdentity made =
        LakeIdentity.ensure(
            project.resolve("lake").toString(),
            new LakeIdentity.Build(Instant.parse("2024-01-01T00:00:00Z"), "abc", false));
    assertThat(run("doctor").out()).contains("id " + made.id() + ", format 1");

    Answered renewed = run("doctor", "--new-id");

    assertThat(renewed.out()).contains("lake       ok").doesNotContain(made.id());
    assertThat(Files.readString(project.resolve("lake/tributary.json")))
        .contains("\"formerIds\":[\"" + made.id() + "\"]");
    assertThat(run("upgrade").out()).contains("nothing to do for format 1");
  }

  @Test
  void aNewerLakeIsRefusedByEveryCommandThatReadsIt() throws IOException {
    write("lake/tributary.json", "{\"format\":2}");

    for (String[] command :
        new String[][] {{"runs"}, {"registry", "list"}, {"lineage", "scores.x"}, {"upgrade"}}) {
      Answered answered = run(command);
      assertThat(answered.code()).as(command[0]).isEqualTo(2);
      assertThat(answered.err())
          .as(command[0])
          .contains("it is of format 2, which a newer build wrote, and this one reads up to 1");
    }
    assertThat(run("doctor").out()).contains("lake       wrong (user)", "format 2");
  }

  @Test
  void errorsAreJsonUnderJson() {
    for (String[] command :
        new String[][] {
          {"show", "spendin@1", "--json"},
          {"runs", "--json", "--nosuch"},
          {"registry", "show", "late@1", "--json"},
          {"nosuch", "--json"}
        }) {
      Answered answered = run(command);
      JsonNode error = Json.read(answered.out(), JsonNode.class).path("error");
      assertThat(answered.code()).as(String.join(" ", command)).isEqualTo(2);
      assertThat(error.path("group").asText()).isEqualTo("USER");
      assertThat(error.path("message").asText()).isNotEmpty();
      assertThat(answered.err()).contains(error.path("message").asText());
    }
  }

  @Test
  void columnsComeFromColumnsAndTagsFlow() throws IOException {
    Instant noon = Instant.parse("2024-01-10T12:00:00Z");
    String lake = project.resolve("lake").toString();
    LakeIdentity.ensure(lake, new LakeIdentity.Build(noon, "abc", false));
    DefinitionStore store = DefinitionStore.open(lake);
    Project read = ProjectReader.read(project, Map.of(), Optional.empty());
    ColumnReference paid = ColumnReference.parse("source orders.paid");
    Digest orders =
        store.put(
            new Definition(
                "source",
                "orders",
                "sources/orders.yaml",
                "active",
                "",
                "orders",
                Map.of(),
                Map.of(),
                Map.of("paid", new ColumnOrigin(Set.of(), Set.of(), Set.of("pii")))));
    Digest view =
        store.put(
            new Definition(
                "view",
                "spending@1",
                "features/spending.yaml",
                "active",
                DefinitionPrinter.yaml(read, "view spending@1"),
                "spending",
                Map.of(),
                Map.of("source orders", orders),
                Map.of(
                    "paid_7d", ColumnOrigin.of(Set.of(paid), Set.of()),
                    "orders_7d", ColumnOrigin.of(Set.of(), Set.of(paid)))));
    RunLog.open(lake)
        .append(
            List.of(
                new RunRecord(
                    RunId.startingAt(noon),
                    JobKey.of("materialize", "spending@1"),
                    1,
                    Outcome.SUCCEEDED,
                    Optional.empty(),
                    Optional.empty(),
                    "",
                    noon,
                    1,
                    List.of(),
                    List.of(TableVersion.parse("features.spending_v1@0#t")),
                    Optional.empty(),
                    Map.of(),
                    List.of(),
                    List.of(),
                    Map.of("view spending@1", view, "source orders", orders),
                    Optional.empty(),
                    new Environment("abc123", false, "17", "Linux", "ada", "host"))));

    for (String thing :
        List.of(
            "features.spending_v1",
            "features.spending_v1@0",
            "view:spending@1",
            "view:spending@1@" + view.hex().substring(0, 8),
            "online:spending@1")) {
      assertThat(run("lineage", thing, "--columns").out())
          .as(thing)
          .contains("view spending@1, as run ")
          .containsPattern("paid_7d +orders.paid +orders.paid +pii")
          .containsPattern("orders_7d +orders[.][*] *\n");
    }
    JsonNode columns =
        Json.read(run("lineage", "view:spending@1", "--columns", "--json").out(), JsonNode.class)
            .path("columns");
    assertThat(columns.path("view spending@1.orders_7d").path("conditions").get(0).asText())
        .isEqualTo("source orders.paid");
    assertThat(columns.path("source orders.paid").path("tags").get(0).asText()).isEqualTo("pii");
    assertThat(run("show", "spending@1").out()).doesNotContain("pii");
    write(
        "sources/orders.yaml",
        "source: orders",
        "read: {format: csv, path: data/orders.csv, header: true}",
        "columns: {customer: string, paid: {type: double, tags: [money]}, at: timestamp}",
        "event-time: at");
    assertThat(run("show", "spending@1").out())
        .as("tags as the project has them now")
        .contains("#   paid_7d: money")
        .doesNotContain("orders_7d: money");
    assertThat(run("lineage", "view:spending@1").out())
        .contains("view:spending@1@" + view.hex(), "features.spending_v1@0");
    assertThat(run("lineage", "scores.next", "--columns").err())
        .contains("no run that used scores next made it. Run the step that makes it.");
    assertThat(run("lineage", "features.spending_v1@7", "--columns").code()).isEqualTo(2);
  }
}
