package io.tributary.serving.access;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.LakeTables;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens of a project as a server knows them. It reads them again every {@link #EVERY}, outside
 * of requests, and goes on with what it knew where the lake can't be read. Until it knows something
 * nobody may ask. Thread-safe.
 */
public final class Access {
  /** How often a server looks whether tokens were made or revoked. */
  public static final Duration EVERY = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(Access.class);
  private static final Duration LATE = Duration.ofSeconds(10);
  private static final Duration USE_EVERY = Duration.ofHours(1);

  private final String lake;
  private final String project;
  private final Tokens tokens;
  private final Clock clock;
  private final Map<String, Instant> used = new ConcurrentHashMap<>();
  private final Map<String, Instant> noted = new HashMap<>();
  private volatile Optional<Known> known = Optional.empty();
  private volatile Optional<String> trouble = Optional.empty();
  private boolean saidOfUses;

  private record Known(Map<String, Token> byId, Instant at) {}

  private Access(String lake, String project, Clock clock) {
    this.lake = LakeTables.normal(lake);
    this.project = project;
    this.tokens = Tokens.open(lake, clock);
    this.clock = clock;
  }

  /** The tokens of a project in the lake at a local folder or Hadoop URI, as they are now. */
  public static Access open(String lake, String project) {
    return open(lake, project, Clock.systemUTC());
  }

  static Access open(String lake, String project, Clock clock) {
    Access access = new Access(lake, project, clock);
    access.refresh();
    return access;
  }

  /** Where the lake lies. */
  public String lake() {
    return lake;
  }

  /** The project whose tokens they are. */
  public String project() {
    return project;
  }

  /** Reads the tokens again, and writes down which were used. */
  public synchronized void refresh() {
    try {
      Map<String, Token> now = read();
      known = Optional.of(new Known(now, clock.instant()));
      if (trouble.isPresent()) {
        LOG.info("The tokens of project {} are read again", project);
      }
      trouble = Optional.empty();
      noteUses(now);
    } catch (RuntimeException e) {
      if (trouble.isEmpty()) {
        LOG.warn("{} {}", e.getMessage(), consequence());
      }
      trouble = Optional.of(e.getMessage());
    }
  }

  private Map<String, Token> read() {
    if (LakeIdentity.require(lake).isEmpty()) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot read the tokens of project %s: there is no lake at %s. Run the project's first night, or mount the lake."
              .formatted(project, lake));
    }
    Map<String, Token> now =
        tokens.of(project).stream().collect(Collectors.toMap(Token::id, Function.identity()));
    // A log only grows: with less it is not the log, or one of former days.
    if (known.stream()
        .flatMap(of -> of.byId().values().stream())
        .anyMatch(of -> !isKept(of, now.get(of.id())))) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot read the tokens of project %s: some that lake %s had, or that they are revoked, are gone. Restore its platform/tokens from a copy."
              .formatted(project, lake));
    }
    return now;
  }

  private static boolean isKept(Token known, Token now) {
    return now != null && (known.revocation().isEmpty() || now.revocation().isPresent());
  }

  private String consequence() {
    return known
        .map(
            of ->
                "The server goes on with the tokens that it knew at %s: others don't count yet, revoked ones still do."
                    .formatted(of.at()))
        .orElse("Until they are known nobody may ask.");
  }

  /** What of the tokens can't be read, and what it leads to; empty where all is well. */
  public Optional<String> trouble() {
    return trouble
        .or(
            () ->
                age()
                    .filter(age -> age.compareTo(LATE) > 0)
                    .map(
                        age ->
                            "Cannot read the tokens of project %s: lake %s has not answered for %s s. See to its storage."
                                .formatted(project, lake, age.toSeconds())))
        .map(why -> why + " " + consequence());
  }

  /** How long ago the tokens were read; empty where they never were. */
  public Optional<Duration> age() {
    return known.map(of -> Duration.between(of.at(), clock.instant()));
  }

  /** Whether it is known who may ask. */
  public boolean isKnown() {
    return known.isPresent();
  }

  /** Whether a token was ever made for the project, so that one is asked for. */
  public boolean isAsked() {
    return known.map(of -> !of.byId().isEmpty()).orElse(false);
  }

  /**
   * The token that a text is.
   *
   * @throws NoToken where it is none, or one that is good no longer
   */
  public Token require(String text) throws NoToken {
    Optional<Token> found =
        Tokens.id(text)
            .flatMap(id -> known.map(of -> of.byId().get(id)))
            .filter(token -> token.is(text));
    if (found.isEmpty()) {
      throw new NoToken(
          Optional.empty(),
          "it is no token of project %s. Ask whoever keeps the project for one".formatted(project));
    }
    Token token = found.get();
    if (token.revocation().isPresent()) {
      throw new NoToken(
          found,
          "it was revoked at %s. Ask whoever keeps the project for another one"
              .formatted(token.revocation().get().at()));
    }
    Instant now = clock.instant();
    if (!token.isGood(now)) {
      throw new NoToken(
          found,
          "it expired at %s. Ask whoever keeps the project for another one"
              .formatted(token.expires().orElseThrow()));
    }
    used.put(token.id(), now);
    return token;
  }

  /** That a text is no token with which somebody may ask, and why. */
  public static final class NoToken extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Optional<Token> token;

    NoToken(Optional<Token> token, String why) {
      super(why, null, false, false);
      this.token = token;
    }

    /** The one that was good once. */
    public Optional<Token> token() {
      return token;
    }
  }

  /** At most once a token and hour, by all servers together; what can't be written is let go. */
  private void noteUses(Map<String, Token> byId) {
    for (Map.Entry<String, Instant> use : List.copyOf(used.entrySet())) {
      Token token = byId.get(use.getKey());
      if (!isDue(use.getValue(), noted.get(use.getKey()))) {
        continue;
      }
      noted.put(use.getKey(), use.getValue());
      try {
        if (isDue(use.getValue(), tokens.lastUse(token).orElse(null))) {
          tokens.used(token, use.getValue());
        }
        saidOfUses = false;
      } catch (IOException | RuntimeException e) {
        if (!saidOfUses) {
          LOG.warn("When tokens were last used is not written down: {}", e.getMessage());
        }
        saidOfUses = true;
      }
    }
  }

  private static boolean isDue(Instant use, Instant written) {
    return written == null || !use.isBefore(written.plus(USE_EVERY));
  }
}
