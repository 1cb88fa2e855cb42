package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code read} and {@code columns} of a source may say. */
class TestSourceReading {
  @TempDir Path folder;

  @Test
  void readsEachFormat() throws IOException {
    FullProject.write(folder, FullProject.files());
    Map<String, Source> sources =
        ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty()).sources();

    assertThat(sources.get("payments").input())
        .isEqualTo(
            new SourceInput.Jdbc(
                "jdbc:postgresql://till.acme:5432/shop",
                "public.payments",
                "number",
                Optional.of("till")));
    assertThat(sources.get("stock").input())
        .isEqualTo(
            new SourceInput.DeltaTable(
                "s3a://acme/stock", Optional.of("op"), Optional.of("counted")));
    assertThat(sources.get("clicks").input().format()).isEqualTo("json");
    Source customers = sources.get("customers");
    assertThat(customers.ignoresOthers()).isTrue();
    assertThat(customers.columns().get(0).was()).containsExactly("client", "buyer");
    assertThat(customers.columns().get(1).was()).containsExactly("joined");
    assertThat(customers.columns().get(1).optional()).isTrue();
    assertThat(customers.columns().get(0).optional()).isFalse();
  }

  @Test
  void saysWhatAFormatDoesNotHave() throws IOException {
    assertThat(problems("{format: json, path: a.jsonl, header: true, nulls: [NA]}", "a: int"))
        .containsExactly(
            "2 format json has no \"header\". Leave it out.",
            "2 format json has no \"nulls\". Leave it out.");
    assertThat(problems("{format: parquet, path: a, watermark: a}", "a: int"))
        .containsExactly("2 format parquet has no \"watermark\". Leave it out.");
    assertThat(problems("{format: orc, path: a}", "a: int").get(0))
        .contains(
            "\"read.format\" is the text \"orc\"; it is one of csv, json, parquet, delta, jdbc.");
    assertThat(problems("{format: jdbc, path: a}", "a: int"))
        .contains("2 format jdbc has no \"path\". Leave it out.")
        .anyMatch(p -> p.contains("missing \"watermark\""));
    assertThat(problems("{format: delta}", "a: int").get(0)).contains("missing \"path\"");
  }

  @Test
  void refusesWhatWouldLeakOrMeanNothing() throws IOException {
    String rest = "table: t, watermark: a}";
    assertThat(problems("{format: jdbc, url: \"jdbc:x://u:p@h/d\", " + rest, "a: int").get(0))
        .isEqualTo(
            "2 \"url\" holds a user or a password. Take it out, write it below \"credentials\" in"
                + " tributary.yaml, and name it here: credentials: NAME.");
    assertThat(
            problems("{format: jdbc, url: \"jdbc:x://h/d?password=p\", " + rest, "a: int").get(0))
        .contains("holds a user or a password")
        .doesNotContain("=p");
    for (String url :
        List.of(
            "jdbc:oracle:thin:scott/tiger@host:1521:orcl",
            "jdbc:x://h/d?sslpassword=p",
            "jdbc:x://h;trustStorePassword=p",
            "jdbc:x://h/d?ssl=true&access_token=p",
            "jdbc:x://h;accessToken=p")) {
      assertThat(problems("{format: jdbc, url: \"" + url + "\", " + rest, "a: int").get(0))
          .as(url)
          .contains("holds a user or a password");
    }
    assertThat(problems("{format: csv, path: \"s3a://k:p@b/f\"}", "a: int"))
        .containsExactly(
            "2 \"path\" holds a password. Take it out: the storage's client finds it in the"
                + " environment or its own settings.");
    assertThat(problems("{format: jdbc, url: \"http://h\", " + rest, "a: int").get(0))
        .contains("not the address of a database");
    assertThat(
            problems(
                    "{format: jdbc, url: \"jdbc:x://h\", table: \"t; drop u\", watermark: a}",
                    "a: int")
                .get(0))
        .contains("not a table's name");
    assertThat(problems("{format: jdbc, url: \"jdbc:x://h\", " + rest, "a: string").get(0))
        .contains("\"watermark\" names a, which is string. It must be bigint or date or int");
    assertThat(problems("{format: jdbc, url: \"jdbc:x://h\", " + rest, "ab: int").get(0))
        .contains("\"watermark\" names a column that \"columns\" does not have: \"a\".");
    assertThat(
            problems("{format: jdbc, url: \"jdbc:x://h\", credentials: shop, " + rest, "a: int")
                .get(0))
        .contains("signs in by \"shop\", which \"credentials\" of tributary.yaml does not have");
    assertThat(problems("{path: \"a/{from:yyyy-bb}/x\"}", "a: int").get(0))
        .contains("\"path\" has {from:yyyy-bb}, which says nothing")
        .contains("Write it as in {from:yyyy-MM-dd}.");
    assertThat(problems("{path: \"a/{to:yyyy}/x\"}", "a: int").get(0))
        .contains("only an interval's beginning can stand there");
    assertThat(problems("{format: delta, path: a, change: a}", "a: string").get(0))
        .contains("Write tombstone: a = 'delete'.");
    assertThat(problems("{format: delta, path: a, change: b}", "a: string").get(0))
        .contains("\"change\" names a column that \"columns\" does not have: \"b\".");
  }

  @Test
  void readsFormatsWhereATextHasOne() throws IOException {
    String days = "{type: date, format: dd/MM/yyyy}";
    assertThat(problems("{path: f}", "a: " + days)).isEmpty();
    assertThat(problems("{format: json, path: f}", "a: " + days)).isEmpty();
    assertThat(problems("{path: f}", "a: {type: timestamp, format: dd/MM/yyyy}")).isEmpty();
    assertThat(problems("{format: parquet, path: f}", "a: " + days))
        .containsExactly(
            "3 \"columns.a\" has the format \"dd/MM/yyyy\", but format parquet has typed values."
                + " Leave it out.");
    assertThat(problems("{path: f}", "a: {type: string, format: dd/MM/yyyy}"))
        .containsExactly(
            "3 \"columns.a\" has the format \"dd/MM/yyyy\", but is string. Only a date or a"
                + " timestamp has one.");
    assertThat(problems("{path: f}", "a: {type: date, format: \"dd/MM/yyyy HH:mm\"}"))
        .containsExactly(
            "3 \"columns.a\" has the format \"dd/MM/yyyy HH:mm\", which has a time of day, but is a"
                + " date. Write timestamp, or a format of days.");
    assertThat(every("columns: {a: {type: date, format: dd/MM/yy}}\n"))
        .anyMatch(
            p ->
                p.endsWith(
                    "\"columns.a.format\" is the text \"dd/MM/yy\", not a format of dates or"
                        + " timestamps: a year has four digits here. Write yyyy."));
  }

  @Test
  void saysWhatADelayIs() throws IOException {
    String day = "columns: {a: date}\nevent-time: a\nevent-key: [a]\navailability-delay: ";
    for (String good : List.of("end-of-day", "end-of-day + 6h", "end-of-day +90m", "1d", "0s")) {
      assertThat(every(day + good + "\n")).isEmpty();
    }
    assertThat(every(day + "end-of-day + 6 hours\n").get(0))
        .endsWith("not a delay: write end-of-day, or end-of-day + 6h.");
    assertThat(every(day + "6 hours\n").get(0))
        .contains("not a delay: write a number and us, ms, s, m");
  }

  @Test
  void saysWhereDuplicatesAndSubjectsBelong() throws IOException {
    String refuse = "on-duplicate-key: refuse\n";
    String rest = "columns: {a: int, t: timestamp}\nevent-time: t\n";
    assertThat(every(rest + "event-key: [a]\nsubject-key: a\n" + refuse)).isEmpty();
    assertThat(every(rest + refuse).get(0)).contains("\"on-duplicate-key\" needs \"event-key\"");
    assertThat(every("columns: {a: int}\nevent-key: [a]\nstatic: true\n" + refuse).get(0))
        .contains("a static source has no \"on-duplicate-key\": a key twice always rejects");
    assertThat(every(rest + "subject-key: b\n").get(0))
        .contains("source \"a\" has no column \"b\"");
  }

  @Test
  void saysByWhenANightIsExpected() throws IOException {
    String rest = "columns: {a: int, t: timestamp}\nevent-time: t\n";
    assertThat(every(rest + "expect-by: 05:30\noverdue: retry\n")).isEmpty();
    assertThat(every(rest + "expect-by: 23:59\n")).isEmpty();
    assertThat(every(rest + "expect-by: 5 o'clock\n").get(0))
        .contains("\"5 o'clock\", not a time of day", "05:30");
    assertThat(every(rest + "overdue: alert\n").get(0)).contains("\"expect-by\" has passed");
    assertThat(every(rest + "expect-by: 05:30\noverdue: ring\n").get(0))
        .contains("one of tell, alert, retry");
    assertThat(every("columns: {a: int}\nstatic: true\nexpect-by: 05:30\n").get(0))
        .contains("a static source has no \"expect-by\"");
  }

  private List<String> every(String rest) throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("tributary.yaml", "project: p\nzone: UTC\n");
    files.put("sources/a.yaml", "source: a\nread: {path: f}\n" + rest);
    FullProject.write(folder, files);
    return ProjectReader.check(folder, Map.of(), Optional.empty()).problems().stream()
        .map(Problem::message)
        .toList();
  }

  @Test
  void refusesFormerNamesThatLeadNowhere() throws IOException {
    assertThat(problems("{path: a}", "a: {type: int, was: b}\n  b: int").get(0))
        .contains("\"columns.a\" was \"b\", which is also the name of a column.");
    assertThat(problems("{path: a}", "a: {type: int, was: x}\n  b: {type: int, was: x}").get(0))
        .contains("\"columns.b\" was \"x\", which is also a former name of a.");
    assertThat(problems("{path: a, header: false}", "a: {type: int, optional: true}").get(0))
        .contains("files without a header have the contract's columns and no others");
  }

  @Test
  void refusesCredentialsThatNobodyUses() throws IOException {
    Map<String, String> files = new LinkedHashMap<>(FullProject.files());
    files.put(
        "sources/payments.yaml",
        files.get("sources/payments.yaml").replace("credentials: till", "credentials: tills"));
    FullProject.write(folder, files);

    assertThat(
            ProjectReader.check(folder, FullProject.ENVIRONMENT, Optional.empty())
                .problems()
                .stream()
                .map(Problem::message))
        .containsExactly(
            "Cannot check source payments (sources/payments.yaml:1): it signs in by \"tills\", which"
                + " \"credentials\" of tributary.yaml does not have. Did you mean \"till\"?",
            "Cannot check project acme (tributary.yaml:1): \"credentials\" has \"till\", by which"
                + " no source signs in. Did you mean \"tills\"?");
  }

  /** Line and text of what is wrong with a source. */
  private List<String> problems(String read, String columns) throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("tributary.yaml", "project: p\nzone: UTC\n");
    files.put(
        "sources/a.yaml",
        "source: a\nread: "
            + read
            + "\ncolumns:\n  "
            + columns
            + "\nevent-time: current\nevent-key: [a]\n");
    FullProject.write(folder, files);
    return ProjectReader.check(folder, Map.of(), Optional.empty()).problems().stream()
        .filter(p -> p.location().line() < 4)
        .map(p -> p.location().line() + p.message().substring(p.message().indexOf("):") + 2))
        .toList();
  }
}
