package io.tributary.serving.access;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.Json;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.TableName;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.History;
import io.tributary.events.LakeFiles;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.LakeTables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The tokens of a lake's projects: the log {@code platform.tokens}, in which each project's changes
 * share a slot, so that of two at once one wins. Beside it lies when each was last used: a file a
 * token, for people, of which it does not matter if one is lost. Safe for concurrent threads and
 * processes.
 */
public final class Tokens {
  /** The tags of columns that a token has to name. */
  public static final Set<String> GUARDED = Set.of("pii");

  private static final String CREATED = "created";
  private static final String REVOKED = "revoked";
  private static final String PREFIX = "tributary_";
  private static final int ID_BYTES = 8;
  private static final int SECRET_BYTES = 32;
  private static final int ATTEMPTS = 50;
  private static final Pattern FORM = Pattern.compile(PREFIX + "([0-9a-f]{16})_[A-Za-z0-9_-]{43}");
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");

  private final String lake;
  private final EventLog log;
  private final LakeFiles uses;

  /**
   * A file for each project that has tokens, by which it is noticed where the log was lost; it lies
   * elsewhere, not to be lost with it.
   */
  private final LakeFiles made;

  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  private Tokens(String lake, Clock clock) {
    this.lake = lake;
    this.log = EventLog.open(LakeTables.path(lake, TableName.of("platform", "tokens")));
    this.uses = LakeFiles.of(lake + "/platform/token-uses");
    this.made = LakeFiles.of(lake + "/tokens-made");
    this.clock = clock;
  }

  /** Those of the lake at a local folder or Hadoop URI; nothing is read yet. */
  public static Tokens open(String lake) {
    return open(lake, Clock.systemUTC());
  }

  static Tokens open(String lake, Clock clock) {
    return new Tokens(LakeTables.normal(lake), clock);
  }

  /** A token that was made, with the text that its bearer shows; it is kept nowhere. */
  public record Made(Token token, String text) {}

  /** The body of the event of a token that was made. */
  @JsonDeserialize
  record Created(
      String project,
      String name,
      String id,
      Digest hash,
      Set<String> roles,
      Set<String> tags,
      Optional<Instant> expires) {}

  /** The body of the event of one that is good no longer. */
  @JsonDeserialize
  record Revoked(String project, String name, String id, String reason) {}

  /** When a token was last used, as is known: to the hour. */
  @JsonDeserialize
  record Use(String name, Instant usedAt) {}

  /** The id that a text begins with, where it has a token's form. */
  static Optional<String> id(String text) {
    Matcher form = FORM.matcher(text);
    return form.matches() ? Optional.of(form.group(1)) : Optional.empty();
  }

  /**
   * Makes a token; the first in a folder makes it a lake.
   *
   * @param expires empty = it is good until it is revoked
   * @throws PlatformException INVALID_REQUEST for a name, tag or instant that says nothing; REFUSED
   *     while a token of that name is good
   */
  public Made create(
      String project,
      String name,
      Set<Role> roles,
      Set<String> tags,
      Optional<Instant> expires,
      Principal by) {
    requireSense(name, roles, tags, expires);
    Environment here = Environment.ofProcess();
    LakeIdentity.ensure(lake, new LakeIdentity.Build(clock.instant(), here.code(), here.dirty()));
    byte[] secret = new byte[SECRET_BYTES];
    byte[] number = new byte[ID_BYTES];
    random.nextBytes(secret);
    random.nextBytes(number);
    String id = HexFormat.of().formatHex(number);
    String text =
        PREFIX + id + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    Created created =
        new Created(
            project,
            name,
            id,
            Digest.of(text),
            roles.stream().map(Role::text).collect(Collectors.toCollection(TreeSet::new)),
            tags,
            expires.map(at -> at.truncatedTo(ChronoUnit.MICROS)));
    Event event =
        decide(
            project,
            known -> {
              known.stream()
                  .filter(token -> token.name().equals(name) && token.isGood(clock.instant()))
                  .findFirst()
                  .ifPresent(
                      good -> {
                        throw new PlatformException(
                            ErrorCode.REFUSED,
                            "Cannot make token %s of project %s: there is one of that name since %s. Choose another name, or revoke it first: tributary token revoke %s."
                                .formatted(name, project, good.created(), name));
                      });
              return Event.of(now(), CREATED, project + "/" + name, by, "", created);
            });
    mark(project);
    return new Made(token(event, created), text);
  }

  private void mark(String project) {
    try {
      made.create(project + ".json", List.of(Json.write(Map.of("project", project))));
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot write that project %s has tokens: %s. Check the storage and its permissions, and make another token."
              .formatted(project, e.getMessage()),
          e);
    }
  }

  private boolean isMarked(String project) {
    try {
      return made.read(project + ".json").isPresent();
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot read whether project %s has tokens: %s. Check the storage and its permissions."
              .formatted(project, e.getMessage()),
          e);
    }
  }

  private void requireSense(
      String name, Set<Role> roles, Set<String> tags, Optional<Instant> expires) {
    if (!NAME.matcher(name).matches()) {
      throw wrong(name, "names are letters a to z, digits and -, as in nightly-report");
    }
    if (roles.isEmpty()) {
      throw wrong(
          name, "it has no role, so nothing would be open to it. Give one, as in --role read");
    }
    for (String tag : tags) {
      if (!GUARDED.contains(tag)) {
        throw wrong(
            name,
            "columns tagged \"%s\" are open to every token. Only these are kept back: %s"
                .formatted(tag, GUARDED));
      }
    }
    if (expires.map(at -> !at.isAfter(clock.instant())).orElse(false)) {
      throw wrong(name, "it would expire at %s, which has passed".formatted(expires.get()));
    }
  }

  private static PlatformException wrong(String name, String why) {
    return new PlatformException(
        ErrorCode.INVALID_REQUEST, "Cannot make token \"%s\": %s.".formatted(name, why));
  }

  /**
   * Says that the tokens of a name are good no longer. Where none is, nothing is written.
   *
   * @return those that were good
   * @throws PlatformException NOT_FOUND where there never was one of that name
   */
  public List<Token> revoke(String project, String name, String reason, Principal by) {
    List<Token> good = new ArrayList<>();
    for (int attempt = 1; ; attempt++) {
      History history = log.read();
      List<Token> known = of(project, history);
      List<Token> named = known.stream().filter(token -> token.name().equals(name)).toList();
      if (named.isEmpty()) {
        Set<String> names = known.stream().map(Token::name).collect(Collectors.toSet());
        throw new PlatformException(
            ErrorCode.NOT_FOUND,
            "Cannot revoke token %s of project %s: there is none of that name.%s See tributary token list."
                .formatted(name, project, Nearest.hint(name, names)));
      }
      good.clear();
      named.stream().filter(token -> token.isGood(clock.instant())).forEach(good::add);
      List<Event> events =
          good.stream()
              .map(
                  token ->
                      Event.of(
                          now(),
                          REVOKED,
                          project + "/" + name,
                          by,
                          "",
                          new Revoked(project, name, token.id(), reason)))
              .toList();
      if (events.isEmpty() || decided(project, history, events, attempt)) {
        return List.copyOf(good);
      }
    }
  }

  private Event decide(String project, Function<List<Token>, Event> decision) {
    for (int attempt = 1; ; attempt++) {
      History history = log.read();
      Event event = decision.apply(of(project, history));
      if (decided(project, history, List.of(event), attempt)) {
        return event;
      }
    }
  }

  private boolean decided(String project, History history, List<Event> events, int attempt) {
    String slot = "project/" + project;
    try {
      log.decide(slot, history.generation(slot), events);
      return true;
    } catch (PlatformException e) {
      if (e.code() != ErrorCode.CONFLICT || attempt >= ATTEMPTS) {
        throw e;
      }
      return false;
    }
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  /**
   * All tokens that were ever made for a project, in the order in which they were made.
   *
   * @throws PlatformException CORRUPT where some were made and none is there; as {@link
   *     EventLog#read}
   */
  public List<Token> of(String project) {
    List<Token> tokens = of(project, log.read());
    if (tokens.isEmpty() && isMarked(project)) {
      throw new PlatformException(
          ErrorCode.CORRUPT,
          "Cannot read the tokens of project %s: some were made, and lake %s has none. Restore its platform/tokens from a copy."
              .formatted(project, lake));
    }
    return tokens;
  }

  private static List<Token> of(String project, History history) {
    Map<String, Token> tokens = new LinkedHashMap<>();
    for (Event event : history.events()) {
      if (event.kind().equals(CREATED)) {
        Created created = event.body(Created.class);
        if (created.project().equals(project)) {
          tokens.put(created.id(), token(event, created));
        }
      } else if (event.kind().equals(REVOKED)) {
        Revoked revoked = event.body(Revoked.class);
        tokens.computeIfPresent(
            revoked.id(),
            (id, token) ->
                token.revoked(
                    new Token.Revocation(event.at(), event.principal(), revoked.reason())));
      }
    }
    return List.copyOf(tokens.values());
  }

  private static Token token(Event event, Created created) {
    return new Token(
        created.project(),
        created.name(),
        created.id(),
        created.hash(),
        // One of a newer build opens nothing here.
        Arrays.stream(Role.values())
            .filter(role -> created.roles().contains(role.text()))
            .collect(Collectors.toSet()),
        created.tags(),
        created.expires(),
        event.at(),
        event.principal(),
        Optional.empty());
  }

  /**
   * When a token was last used, to the hour; empty where nobody knows, or what was written is
   * damaged.
   *
   * @throws PlatformException STORAGE when it can't be read
   */
  public Optional<Instant> lastUse(Token token) {
    try {
      return uses.read(file(token))
          .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
          .flatMap(Tokens::usedAt);
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot read when token %s was last used: %s. Check the storage and its permissions."
              .formatted(token.name(), e.getMessage()),
          e);
    }
  }

  private static Optional<Instant> usedAt(String text) {
    try {
      return Optional.ofNullable(Json.read(text, Use.class).usedAt());
    } catch (PlatformException damaged) {
      // It may be lost: the next use is written in its place.
      return Optional.empty();
    }
  }

  /** Writes down when a token was last used, in place of what was known. */
  void used(Token token, Instant at) throws IOException {
    List<String> lines = List.of(Json.write(new Use(token.name(), at)));
    if (!uses.create(file(token), lines)) {
      uses.replace(file(token), lines);
    }
  }

  private static String file(Token token) {
    return token.id() + ".json";
  }
}
