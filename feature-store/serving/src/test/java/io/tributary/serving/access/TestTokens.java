package io.tributary.serving.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.Principal;
import io.tributary.events.lake.LakeIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestTokens {
  private static final Instant NOW = Instant.parse("2024-03-01T12:00:00Z");
  private static final Principal MIA = Principal.osUser("mia");

  @TempDir Path lake;
  private final Moved clock = new Moved();
  private Tokens tokens;

  /** A clock that is put on by hand. */
  private static final class Moved extends Clock {
    private Instant now = NOW;

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  @BeforeEach
  void open() {
    LakeIdentity.ensure(lake.toString(), new LakeIdentity.Build(NOW, "unknown", false));
    tokens = Tokens.open(lake.toString(), clock);
  }

  private Tokens.Made make(String name) {
    return tokens.create("acme", name, Set.of(Role.READ), Set.of(), Optional.empty(), MIA);
  }

  private Access access() {
    return Access.open(lake.toString(), "acme", clock);
  }

  @Test
  void keepsAllButTheToken() throws Exception {
    Instant expires = NOW.plus(Duration.ofDays(90));
    Tokens.Made made =
        tokens.create(
            "acme",
            "reports",
            Set.of(Role.READ, Role.SCORE),
            Set.of("pii"),
            Optional.of(expires),
            MIA);
    assertThat(made.text()).matches("tributary_[0-9a-f]{16}_[A-Za-z0-9_-]{43}");
    Token kept = Tokens.open(lake.toString()).of("acme").get(0);
    assertThat(kept).isEqualTo(made.token());
    assertThat(kept.roles()).containsExactlyInAnyOrder(Role.READ, Role.SCORE);
    assertThat(kept.tags()).containsExactly("pii");
    assertThat(kept.expires()).hasValue(expires);
    assertThat(kept.by()).isEqualTo(MIA);
    assertThat(kept.created()).isEqualTo(NOW);
    assertThat(kept.is(made.text())).isTrue();
    assertThat(kept.is(made.text() + "x")).isFalse();
    String secret = made.text().substring(made.text().length() - 43);
    try (Stream<Path> files = Files.walk(lake)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .doesNotContain(secret);
      }
    }
  }

  @Test
  void noTwoAreTheSame() {
    assertThat(IntStream.range(0, 20).mapToObj(i -> make("n" + i).text())).doesNotHaveDuplicates();
    assertThat(tokens.of("acme")).hasSize(20);
    assertThat(tokens.of("umbrella")).isEmpty();
  }

  @Test
  void aNameHasOneGoodTokenAtATime() {
    make("reports");
    assertThatThrownBy(() -> make("reports"))
        .hasMessage(
            "Cannot make token reports of project acme: there is one of that name since 2024-03-01T12:00:00Z. Choose another name, or revoke it first: tributary token revoke reports.");
    tokens.revoke("acme", "reports", "lost", MIA);
    make("reports");
    assertThat(tokens.of("acme")).hasSize(2);
  }

  @Test
  void oneThatExpiredGivesItsNameFree() {
    tokens.create(
        "acme", "day", Set.of(Role.READ), Set.of(), Optional.of(NOW.plusSeconds(86_400)), MIA);
    assertThatThrownBy(() -> make("day")).hasMessageContaining("there is one of that name");
    clock.now = NOW.plusSeconds(86_400);
    make("day");
  }

  @Test
  void revokesOnce() {
    make("reports");
    clock.now = NOW.plusSeconds(1);
    assertThat(tokens.revoke("acme", "reports", "lost", MIA)).hasSize(1);
    Token.Revocation revocation = tokens.of("acme").get(0).revocation().orElseThrow();
    assertThat(revocation).isEqualTo(new Token.Revocation(NOW.plusSeconds(1), MIA, "lost"));
    assertThat(tokens.revoke("acme", "reports", "again", MIA)).isEmpty();
    assertThat(tokens.of("acme").get(0).revocation()).hasValue(revocation);
    assertThatThrownBy(() -> tokens.revoke("acme", "report", "typo", MIA))
        .hasMessage(
            "Cannot revoke token report of project acme: there is none of that name. Did you mean \"reports\"? See tributary token list.");
    assertThatThrownBy(() -> tokens.revoke("umbrella", "reports", "other", MIA))
        .hasMessageContaining("there is none of that name");
  }

  @Test
  void refusesWhatSaysNothing() {
    assertThatThrownBy(() -> make("Reports!"))
        .hasMessage(
            "Cannot make token \"Reports!\": names are letters a to z, digits and -, as in nightly-report.");
    assertThatThrownBy(() -> tokens.create("acme", "a", Set.of(), Set.of(), Optional.empty(), MIA))
        .hasMessageContaining("it has no role");
    assertThatThrownBy(
            () ->
                tokens.create(
                    "acme", "a", Set.of(Role.READ), Set.of("person"), Optional.empty(), MIA))
        .hasMessage(
            "Cannot make token \"a\": columns tagged \"person\" are open to every token. Only these are kept back: [pii].");
    assertThatThrownBy(
            () -> tokens.create("acme", "a", Set.of(Role.READ), Set.of(), Optional.of(NOW), MIA))
        .hasMessage(
            "Cannot make token \"a\": it would expire at 2024-03-01T12:00:00Z, which has passed.");
    assertThat(tokens.of("acme")).isEmpty();
  }

  @Test
  void ofTwoAtOnceOneWins() {
    List<CompletableFuture<Boolean>> made =
        IntStream.range(0, 4)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () -> {
                          try {
                            Tokens.open(lake.toString(), clock)
                                .create(
                                    "acme",
                                    "reports",
                                    Set.of(Role.READ),
                                    Set.of(),
                                    Optional.empty(),
                                    MIA);
                            return true;
                          } catch (RuntimeException e) {
                            assertThat(e).hasMessageContaining("there is one of that name");
                            return false;
                          }
                        }))
            .toList();
    assertThat(made.stream().filter(CompletableFuture::join)).hasSize(1);
    assertThat(tokens.of("acme")).hasSize(1);
  }

  @Test
  void notesUsesOnceAnHour() throws Exception {
    Tokens.Made made = make("reports");
    Access access = access();
    access.require(made.text());
    assertThat(tokens.lastUse(made.token())).isEmpty();
    access.refresh();
    assertThat(tokens.lastUse(made.token())).hasValue(NOW);
    clock.now = NOW.plus(Duration.ofMinutes(59));
    access.require(made.text());
    access.refresh();
    assertThat(tokens.lastUse(made.token())).hasValue(NOW);
    Access another = access();
    another.require(made.text());
    another.refresh();
    assertThat(tokens.lastUse(made.token())).as("another server").hasValue(NOW);
    clock.now = NOW.plus(Duration.ofMinutes(61));
    access.require(made.text());
    access.refresh();
    assertThat(tokens.lastUse(made.token())).hasValue(clock.now);
  }

  @Test
  void goesOnWhereUsesCannotBeNoted() throws Exception {
    Tokens.Made made = make("reports");
    Files.writeString(lake.resolve("platform/token-uses"), "in the way");
    Access access = access();
    access.require(made.text());
    access.refresh();
    assertThat(access.trouble()).isEmpty();
    assertThat(access.require(made.text())).isEqualTo(made.token());
  }

  @Test
  void writesNothingWhereTheLakeIsGone() throws Exception {
    Tokens.Made made = make("reports");
    Access access = access();
    access.require(made.text());
    Path away = lake.resolveSibling(lake.getFileName() + "-away");
    Files.move(lake, away);
    access.refresh();
    assertThat(access.trouble()).isPresent();
    assertThat(lake).doesNotExist();
    Files.move(away, lake);
    access.refresh();
    assertThat(access.trouble()).isEmpty();
  }

  @Test
  void doesNotBelieveALogThatLostARevocation() throws Exception {
    String text = make("reports").text();
    Path log = lake.resolve("platform/tokens");
    Path copy = lake.resolve("platform/copy");
    try (Stream<Path> files = Files.walk(log)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(log.relativize(file)));
      }
    }
    tokens.revoke("acme", "reports", "lost", MIA);
    Access access = access();
    Files.move(log, lake.resolve("platform/elsewhere"));
    Files.move(copy, log);
    access.refresh();
    assertThat(access.trouble()).get().asString().contains("or that they are revoked, are gone");
    assertThatThrownBy(() -> access.require(text)).hasMessageStartingWith("it was revoked at ");
  }

  @Test
  void saysThatALakeHangs() {
    make("reports");
    Access access = access();
    clock.now = NOW.plusSeconds(10);
    assertThat(access.trouble()).isEmpty();
    clock.now = NOW.plusSeconds(11);
    assertThat(access.trouble())
        .get()
        .asString()
        .startsWith(
            "Cannot read the tokens of project acme: lake %s has not answered for 11 s."
                .formatted(lake));
  }

  @Test
  void aDamagedNoteOfAUseIsWrittenAgain() throws Exception {
    Tokens.Made made = make("reports");
    Path note = lake.resolve("platform/token-uses/" + made.token().id() + ".json");
    Files.createDirectories(note.getParent());
    Files.writeString(note, "{");
    assertThat(tokens.lastUse(made.token())).isEmpty();
    Access access = access();
    access.require(made.text());
    access.refresh();
    assertThat(tokens.lastUse(made.token())).hasValue(NOW);
  }

  @Test
  void doesNotBelieveALogThatLostTokens() throws IOException {
    make("reports");
    Access access = access();
    assertThat(access.isAsked()).isTrue();
    Path log = lake.resolve("platform/tokens");
    Files.move(log, lake.resolve("platform/elsewhere"));
    access.refresh();
    assertThat(access.isAsked()).isTrue();
    assertThat(access.trouble())
        .hasValueSatisfying(
            why ->
                assertThat(why)
                    .startsWith(
                        "Cannot read the tokens of project acme: some were made, and lake %s has none. Restore its platform/tokens from a copy."
                            .formatted(lake)));
    Access another = access();
    assertThat(another.isKnown()).as("at a start, too").isFalse();
    assertThat(Access.open(lake.toString(), "umbrella", clock).isKnown()).isTrue();
    Tokens.open(lake.toString(), clock)
        .create("acme", "another", Set.of(Role.READ), Set.of(), Optional.empty(), MIA);
    access.refresh();
    assertThat(access.trouble()).get().asString().contains("some that lake " + lake + " had");
  }
}
