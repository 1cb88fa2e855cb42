package io.tributary.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestTokenCommand {
  @TempDir private Path project;

  private record Said(int code, String out, String err) {
    JsonNode json() {
      return Json.read(out, JsonNode.class);
    }
  }

  @BeforeEach
  void write() throws IOException {
    Files.writeString(
        project.resolve("tributary.yaml"),
        "project: shop\nzone: UTC\nlake: lake\nonline: rocksdb:online\n");
    Files.createDirectories(project.resolve("sources"));
    Files.writeString(
        project.resolve("sources/orders.yaml"),
        """
        source: orders
        read: {format: csv, path: "orders*.csv", header: true}
        columns: {customer: string, at: timestamp}
        event-time: at
        """);
  }

  private Said token(String... words) {
    List<String> all = new ArrayList<>(List.of("token"));
    all.addAll(List.of(words));
    all.add("--project=" + project);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Tributary.run(new PrintWriter(out), new PrintWriter(err), all.toArray(new String[0]));
    return new Said(code, out.toString(), err.toString());
  }

  @Test
  void printsATokenOnceAndTheRestBesideIt() {
    Said made =
        token(
            "create",
            "reports",
            "--role",
            "read",
            "--role",
            "score",
            "--tag",
            "pii",
            "--expires",
            "2999-01-01T00:00:00+01:00");
    assertThat(made.code()).isZero();
    assertThat(made.out()).matches("tributary_[0-9a-f]{16}_[A-Za-z0-9_-]{43}\\R");
    assertThat(made.err().strip())
        .isEqualTo(
            "Token reports of project shop in lake %s: read score, also columns tagged pii, good until 2998-12-31T23:00:00Z. It is shown this once."
                .formatted(project.resolve("lake")));
    Said listed = token("list");
    assertThat(listed.out().lines().toList().get(0))
        .matches("NAME +ID +ROLES +TAGS +CREATED +LAST USE +GOOD");
    assertThat(listed.out().lines().toList().get(1))
        .matches(
            "reports +[0-9a-f]{16} +read score +pii +\\S+Z +never seen +until 2998-12-31T23:00:00Z");
    assertThat(listed.out()).doesNotContain(made.out().strip().substring(27));
  }

  @Test
  void saysAsJsonWhatThereIs() {
    JsonNode made = token("create", "ci", "--role", "ADMIN", "--expires", "90d", "--json").json();
    assertThat(made.get("token").textValue())
        .startsWith("tributary_" + made.get("id").textValue() + "_");
    assertThat(made.get("roles").toString()).isEqualTo("[\"admin\"]");
    JsonNode listed = token("list", "--json").json();
    assertThat(listed).hasSize(1);
    assertThat(listed.at("/0/id")).isEqualTo(made.get("id"));
    assertThat(listed.at("/0/token").isMissingNode()).isTrue();
    JsonNode revoked = token("revoke", "ci", "--reason", "lost", "--json").json();
    assertThat(revoked.at("/revoked/0")).isEqualTo(made.get("id"));
    assertThat(token("list", "--json").json()).isEmpty();
    assertThat(token("list", "--all", "--json").json().at("/0/reason").textValue())
        .isEqualTo("lost");
  }

  @Test
  void revokes() {
    assertThat(token("list").out().strip())
        .isEqualTo("Project shop has no tokens: a server answers the programs of its own machine.");
    token("create", "reports", "--role", "read");
    assertThat(token("revoke", "reports", "--reason", "left the team").out().strip())
        .isEqualTo("token reports of project shop is revoked; servers know it after a few seconds");
    assertThat(token("revoke", "reports", "--reason", "left the team").out().strip())
        .isEqualTo("token reports of project shop was not good any more");
    assertThat(token("list").out().strip())
        .isEqualTo(
            "Project shop has no token that is good: a server answers nobody. --all shows the others.");
    assertThat(token("list", "--all").out()).containsPattern("revoked \\S+Z by .*: left the team");
  }

  @Test
  void refusesWhatSaysNothing() {
    assertThat(token("create", "x").code()).isEqualTo(2);
    Said when = token("create", "x", "--role", "read", "--expires", "tomorrow");
    assertThat(when.code()).isEqualTo(2);
    assertThat(when.err().strip())
        .isEqualTo(
            "Cannot read instant \"tomorrow\": Text 'tomorrow' could not be parsed at index 0. Write 2013-01-31 or 2013-01-31T06:00:00-05:00.");
    assertThat(token("create", "x", "--role", "king").err()).contains("king");
    assertThat(token("revoke", "x", "--reason", "so").code()).isEqualTo(2);
  }
}
