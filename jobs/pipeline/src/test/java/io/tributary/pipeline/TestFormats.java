package io.tributary.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import io.tributary.events.facts.RunFacts;
import io.tributary.events.facts.UnknownFacts;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.CommitFacts;
import io.tributary.events.runs.Resources;
import io.tributary.events.runs.RunRecord;
import io.tributary.ingest.gate.DeliveryReport;
import io.tributary.ingest.ledger.Delivery;
import io.tributary.model.ReferenceProfile;
import io.tributary.online.Parity;
import io.tributary.registry.ModelVersion;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** What the code writes stands on the page of formats. */
class TestFormats {
  private static final Pattern CODE = Pattern.compile("```.*?```|`([^`]+)`", Pattern.DOTALL);

  private static final Pattern FIRST_COMMIT =
      Pattern.compile("lake/([a-z]+)/([a-z0-9_]+)/_delta_log/0{20}\\.json");

  /** What is written as JSON, beside facts; those of a module's own by name. */
  private static final List<String> WRITTEN =
      List.of(
          LakeIdentity.class.getName(),
          CommitFacts.class.getName(),
          RunRecord.class.getName(),
          Resources.class.getName(),
          ModelVersion.class.getName(),
          Delivery.class.getName(),
          DeliveryReport.class.getName(),
          Parity.class.getName(),
          "io.tributary.core.Definition$Kept",
          "io.tributary.events.definitions.Meanings$Body",
          "io.tributary.events.runs.LineageEvent",
          "io.tributary.events.runs.RunLog$Unchanged",
          "io.tributary.ingest.gate.QualityLog$UsedSuite",
          "io.tributary.ingest.ledger.DeliveryLedger$Recognized",
          "io.tributary.registry.ModelEvents$Moved",
          "io.tributary.notify.Notice",
          "io.tributary.notify.Outbox$Noted",
          "io.tributary.notify.Outbox$NotedChange",
          "io.tributary.notify.Outbox$Delivered",
          "io.tributary.registry.ModelEvents$Reasoned",
          "io.tributary.registry.ModelEvents$Described",
          "io.tributary.registry.ModelEvents$Tagged",
          "io.tributary.registry.ModelEvents$Blocked",
          "io.tributary.registry.ModelEvents$Unblocked",
          "io.tributary.registry.ModelEvents$Compared",
          "io.tributary.registry.ModelEvents$GivenUp",
          "io.tributary.registry.ModelEvents$Evaluated",
          "io.tributary.serving.access.Tokens$Created",
          "io.tributary.serving.access.Tokens$Revoked",
          "io.tributary.serving.access.Tokens$Use",
          "io.tributary.registry.RetrainDecision",
          "io.tributary.model.ModelBundle$Header",
          "io.tributary.online.rocksdb.Manifest",
          "io.tributary.model.ModelSignature",
          ReferenceProfile.class.getName());

  /** Where the kinds of events are named. */
  private static final List<String> KINDS =
      List.of(
          "io.tributary.registry.ModelEvents",
          "io.tributary.notify.Outbox",
          "io.tributary.serving.access.Tokens",
          "io.tributary.events.definitions.Meanings",
          "io.tributary.events.runs.Lineage",
          "io.tributary.ingest.ledger.DeliveryLedger",
          "io.tributary.ingest.gate.QualityLog");

  /** Records that are written as one text, whose parts nobody sees. */
  private static final Set<String> TEXTS =
      Set.of(
          "JobKey",
          "Interval",
          "LineageNode",
          "TableVersion",
          "TableName",
          "RunId",
          "Digest",
          "ColumnReference",
          "LineSet",
          "ViewId");

  /** Words that stand in code spans of the page. */
  private static Set<String> words() throws IOException {
    Set<String> words = new HashSet<>();
    Matcher code = CODE.matcher(Files.readString(Path.of("../../docs/formats.md")));
    while (code.find()) {
      if (code.group(1) != null) {
        words.addAll(List.of(code.group(1).split("[^A-Za-z0-9_-]+")));
      }
    }
    return words;
  }

  @Test
  void namesEachFieldThatIsWritten() throws Exception {
    Set<String> words = words();
    List<Class<?>> open = new ArrayList<>();
    for (Class<?> facts : RunFacts.class.getPermittedSubclasses()) {
      if (facts != UnknownFacts.class) {
        open.add(facts);
      }
    }
    for (String name : WRITTEN) {
      open.add(Class.forName(name));
    }
    Set<Class<?>> seen = new HashSet<>(open);
    Set<String> missing = new TreeSet<>();
    for (int i = 0; i < open.size(); i++) {
      assertThat(open.get(i).isRecord()).as(open.get(i).getName()).isTrue();
      for (RecordComponent component : open.get(i).getRecordComponents()) {
        if (!words.contains(component.getName())) {
          missing.add(open.get(i).getSimpleName() + "." + component.getName());
        }
        for (Class<?> part : records(component.getGenericType())) {
          if (!TEXTS.contains(part.getSimpleName()) && seen.add(part)) {
            open.add(part);
          }
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(seen).hasSizeGreaterThan(40);
  }

  private static List<Class<?>> records(Type type) {
    if (type instanceof ParameterizedType parameterized) {
      List<Class<?>> all = new ArrayList<>();
      for (Type argument : parameterized.getActualTypeArguments()) {
        all.addAll(records(argument));
      }
      return all;
    }
    return type instanceof Class<?> c && c.isRecord() ? List.of(c) : List.of();
  }

  @Test
  void namesEachKindOfFactsAndEvents() throws Exception {
    Set<String> words = words();
    Set<String> kinds = new TreeSet<>();
    for (Class<?> facts : RunFacts.class.getPermittedSubclasses()) {
      if (facts != UnknownFacts.class) {
        kinds.add(text(facts.getDeclaredField("KIND")));
      }
    }
    assertThat(kinds).hasSize(9);
    for (String name : KINDS) {
      for (Field field : Class.forName(name).getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers()) && field.getType() == String.class) {
          kinds.add(text(field));
        }
      }
    }
    assertThat(kinds).contains("registered", "rolled-back", "fixed", "derived", "judged");
    assertThat(words).containsAll(kinds).contains("succeeded", "failed", "unchanged");
  }

  /** Of tables those columns that the platform names; of its own tables all. */
  @Test
  void namesEachColumnOfTables() throws IOException {
    Set<String> words = words();
    Set<String> tables = new TreeSet<>();
    Set<String> missing = new TreeSet<>();
    try (InputStream in = getClass().getResourceAsStream("/lake-of-format-1.zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Matcher name = FIRST_COMMIT.matcher(entry.getName());
        if (name.matches()) {
          String layer = name.group(1);
          tables.add(layer);
          boolean own = Set.of("platform", "monitor", "counts", "windows").contains(layer);
          for (String column : columns(new String(zip.readAllBytes(), StandardCharsets.UTF_8))) {
            if ((own || column.startsWith("_")) && !words.contains(column)) {
              missing.add(name.group(1) + "/" + name.group(2) + "." + column);
            }
          }
        }
      }
    }
    assertThat(missing).isEmpty();
    assertThat(tables)
        .containsExactly(
            "bronze",
            "counts",
            "features",
            "monitor",
            "platform",
            "quarantine",
            "scores",
            "training",
            "validated");
  }

  private static List<String> columns(String commit) {
    List<String> columns = new ArrayList<>();
    for (String line : commit.lines().toList()) {
      JsonNode schema = Json.read(line, JsonNode.class).path("metaData").path("schemaString");
      if (schema.isTextual()) {
        Json.read(schema.textValue(), JsonNode.class)
            .path("fields")
            .forEach(field -> columns.add(field.path("name").textValue()));
      }
    }
    assertThat(columns).isNotEmpty();
    return columns;
  }

  private static String text(Field field) throws IllegalAccessException {
    field.setAccessible(true);
    return (String) field.get(null);
  }
}
