package io.tributary.console;

import io.tributary.core.Durations;
import io.tributary.core.Interval;
import io.tributary.core.Principal;
import io.tributary.definition.Project;
import io.tributary.serving.access.Role;
import io.tributary.serving.access.Token;
import io.tributary.serving.access.Tokens;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary token}: who may ask a server of the project. */
final class TokenCommand {
  private TokenCommand() {}

  private static String roles(Token token) {
    return token.roles().stream().map(Role::text).sorted().collect(Collectors.joining(" "));
  }

  private static Map<String, Object> json(Token token) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", token.name());
    json.put("project", token.project());
    json.put("id", token.id());
    json.put("roles", token.roles().stream().map(Role::text).sorted().toList());
    json.put("tags", token.tags());
    json.put("created", token.created());
    json.put("by", token.by().name());
    token.expires().ifPresent(at -> json.put("expires", at));
    token
        .revocation()
        .ifPresent(
            revocation -> {
              json.put("revoked", revocation.at());
              json.put("reason", revocation.reason());
            });
    return json;
  }

  /** {@code tributary token create}. */
  @Command(
      description = {
        "Makes a token and prints it, this once: of it the lake keeps a digest alone. From then on a"
            + " server of the project answers whoever shows a token, and nobody else.",
        "Servers know it after a few seconds."
      })
  static final class Create implements Runnable {
    @Mixin private ProjectOptions options;

    @Parameters(
        index = "0",
        paramLabel = "NAME",
        description = "Whose it is, as in nightly-report; logs say token:NAME.")
    private String name;

    @Option(
        names = "--role",
        required = true,
        paramLabel = "ROLE",
        description =
            "What it opens: read, features; score, scores; admin, both and all that is to come. May be given several times.")
    private Set<Role> roles = Set.of();

    @Option(
        names = "--tag",
        paramLabel = "TAG",
        description = "Also open columns with this tag, as in pii; may be given several times.")
    private Set<String> tags = Set.of();

    @Option(
        names = "--expires",
        paramLabel = "WHEN",
        description =
            "When it is no longer good: after a time, as in 90d, at a day or an instant (default: when it is revoked).")
    private String expires;

    @Override
    public void run() {
      Project project = options.project();
      Tokens.Made made =
          Tokens.open(options.lake())
              .create(
                  project.name(),
                  name,
                  new LinkedHashSet<>(roles),
                  tags,
                  Optional.ofNullable(expires).map(when -> instant(when, project.zone())),
                  Principal.ofProcess());
      if (options.json()) {
        Map<String, Object> json = json(made.token());
        json.put("token", made.text());
        options.print(json);
        return;
      }
      options.out().println(made.text());
      options.out().flush();
      options.warn(
          List.of(
              "Token %s of project %s in lake %s: %s%s, good %s. It is shown this once."
                  .formatted(
                      name,
                      project.name(),
                      options.lake(),
                      roles(made.token()),
                      tags.isEmpty() ? "" : ", also columns tagged " + String.join(" ", tags),
                      made.token()
                          .expires()
                          .map(at -> "until " + at)
                          .orElse("until it is revoked"))));
    }

    private static Instant instant(String when, ZoneId zone) {
      return when.matches("\\d+[a-z]+")
          ? Instant.now().plus(Durations.parse(when))
          : Interval.instant(when, zone);
    }
  }

  /** {@code tributary token list}. */
  @Command
  static final class ListTokens implements Runnable {
    @Mixin private ProjectOptions options;

    @Option(names = "--all", description = "Also those that expired or were revoked.")
    private boolean all;

    @Override
    public void run() {
      Project project = options.project();
      Tokens tokens = Tokens.open(options.lake());
      Instant now = Instant.now();
      List<Map<String, Object>> json = new ArrayList<>();
      TextTable table = new TextTable("NAME", "ID", "ROLES", "TAGS", "CREATED", "LAST USE", "GOOD");
      List<Token> made = tokens.of(project.name());
      for (Token token : made) {
        if (!all && !token.isGood(now)) {
          continue;
        }
        Optional<Instant> used = tokens.lastUse(token);
        Map<String, Object> of = json(token);
        used.ifPresent(at -> of.put("lastUse", at));
        json.add(of);
        table.add(
            token.name(),
            token.id(),
            roles(token),
            token.tags().stream().sorted().collect(Collectors.joining(" ")),
            token.created(),
            used.map(Instant::toString).orElse("never seen"),
            good(token, now));
      }
      if (options.json()) {
        options.print(json);
      } else if (json.isEmpty()) {
        options
            .out()
            .printf(
                made.isEmpty()
                    ? "Project %s has no tokens: a server answers the programs of its own machine.%n"
                    : "Project %s has no token that is good: a server answers nobody. --all shows the others.%n",
                project.name());
        options.out().flush();
      } else {
        table.print(options.out());
      }
    }

    private static String good(Token token, Instant now) {
      if (token.revocation().isPresent()) {
        Token.Revocation revocation = token.revocation().get();
        return "revoked %s by %s: %s"
            .formatted(revocation.at(), revocation.by(), revocation.reason());
      }
      return token
          .expires()
          .map(at -> (token.isGood(now) ? "until " : "expired ") + at)
          .orElse("until revoked");
    }
  }

  /** {@code tributary token revoke}. */
  @Command
  static final class Revoke implements Runnable {
    @Mixin private ProjectOptions options;
    @Mixin private RegistryCommand.Reason reason;

    @Parameters(index = "0", paramLabel = "NAME", description = "Whose it is.")
    private String name;

    @Override
    public void run() {
      Project project = options.project();
      List<Token> revoked =
          Tokens.open(options.lake())
              .revoke(project.name(), name, reason.text(), Principal.ofProcess());
      if (options.json()) {
        options.print(Map.of("name", name, "revoked", revoked.stream().map(Token::id).toList()));
        return;
      }
      options
          .out()
          .println(
              revoked.isEmpty()
                  ? "token %s of project %s was not good any more".formatted(name, project.name())
                  : "token %s of project %s is revoked; servers know it after a few seconds"
                      .formatted(name, project.name()));
      options.out().flush();
    }
  }
}
