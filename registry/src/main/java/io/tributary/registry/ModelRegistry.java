package io.tributary.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.Definition;
import io.tributary.core.Digest;
import io.tributary.core.Environment;
import io.tributary.core.ErrorCode;
import io.tributary.core.Nearest;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.events.Event;
import io.tributary.events.EventLog;
import io.tributary.events.History;
import io.tributary.events.definitions.LakeDefinitions;
import io.tributary.events.definitions.Meanings;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The versions of all models, their provenance, and their aliases. Its state is folded from a log
 * of events; each change of a model goes through that model's compare-and-set slot, so that of
 * several concurrent changes exactly one wins. Safe for concurrent threads and processes.
 */
public final class ModelRegistry {
  private static final int ATTEMPTS = 50;
  private static final int MOST_CHARACTERS = 4_000;

  /** No quotes, which a search writes around it, no end of line, and no blanks at its ends. */
  private static final Pattern TAG_VALUE = Pattern.compile("[^\\s\"]([^\"\\p{Cntrl}]*[^\\s\"])?");

  private static final Pattern TAG = Pattern.compile("[a-z][a-z0-9._-]*");
  private static final Pattern ALIAS = Pattern.compile("[a-z][a-z0-9-]*");

  private final EventLog log;
  private final ArtefactStore artefacts;
  private final LargeParts large;
  private final Registrations registrations;
  private final Clock clock;
  private final Optional<LakeDefinitions> definitions;
  private final SuspectPolicy suspect;

  /** What {@link #asOfNow} read; else empty. */
  private final Optional<History> fixed;

  private ModelRegistry(
      EventLog log,
      ArtefactStore artefacts,
      Clock clock,
      Optional<LakeDefinitions> definitions,
      SuspectPolicy suspect,
      Optional<History> fixed) {
    this.log = log;
    this.suspect = suspect;
    this.fixed = fixed;
    this.artefacts = artefacts;
    this.large = new LargeParts(artefacts);
    this.registrations = new Registrations(large);
    this.clock = clock;
    this.definitions = definitions;
  }

  /**
   * The registry of the lake at a local path or a Hadoop URI: table {@code platform.registry}. What
   * would use a {@link Suspects suspect} version is refused.
   */
  public static ModelRegistry open(String lake) {
    return open(lake, SuspectPolicy.refusing());
  }

  /** The same; {@code suspect} says what becomes of the use of a suspect version. */
  public static ModelRegistry open(String lake, SuspectPolicy suspect) {
    return new ModelRegistry(
        EventLog.open(lake + "/platform/registry"),
        ArtefactStore.open(lake),
        Clock.systemUTC(),
        Optional.of(LakeDefinitions.open(lake)),
        suspect,
        Optional.empty());
  }

  /** A registry on a log; {@code clock} dates its events. */
  public static ModelRegistry open(EventLog log, ArtefactStore artefacts, Clock clock) {
    return new ModelRegistry(
        log, artefacts, clock, Optional.empty(), SuspectPolicy.refusing(), Optional.empty());
  }

  /**
   * Registers a draft under the model's next number. A draft with the artefact and run fingerprint
   * of an earlier version is that version: nothing is written, so that a run that was killed can
   * register again.
   *
   * @return the version, with its number
   * @throws PlatformException NOT_FOUND or CORRUPT when the artefact store does not hold the
   *     artefact as described
   */
  public ModelVersion register(ModelVersion draft, Principal principal) {
    artefacts.verify(draft.artefact().digest());
    ModelReference.of(draft.model(), 1);
    draft
        .environment()
        .ifPresent(
            fittedIn ->
                artefacts.put(
                    Map.of(
                        ModelEnvironment.LIST,
                        ArtefactStore.lines(fittedIn.dependencies())
                            .getBytes(StandardCharsets.UTF_8))));
    return register(draft, (at, version) -> ModelEvents.registered(at, principal, version, large));
  }

  /**
   * Registers a version that another lake exported; its artefacts must be here. As {@link
   * #register}, a version with its artefact and run fingerprint is that version.
   *
   * @param body of its registration there
   * @param version what that says
   */
  ModelVersion registerImported(
      ObjectNode body, ModelVersion version, Origin origin, Principal principal) {
    return register(
        version,
        (at, here) -> ModelEvents.imported(at, principal, body, here.reference(), origin, large));
  }

  private ModelVersion register(
      ModelVersion draft, BiFunction<Instant, ModelVersion, Event> registration) {
    return decide(
        draft.model(),
        history -> {
          List<RegisteredVersion> versions =
              model(history, draft.model()).map(RegisteredModel::versions).orElse(List.of());
          for (RegisteredVersion earlier : versions) {
            if (earlier.version().artefact().digest().equals(draft.artefact().digest())
                && earlier.version().fingerprint().equals(draft.fingerprint())) {
              return Decided.nothing(earlier.version());
            }
          }
          ModelVersion version = draft.registered(versions.size() + 1L);
          return Decided.by(version, registration.apply(time(history, draft.model()), version));
        });
  }

  /**
   * Points an alias at a version. If it points there already, nothing is written.
   *
   * @throws PlatformException REFUSED, with all that is missing, when an admission rule of the
   *     version does not hold, the version is retired or {@link Suspects suspect}, the alias {@link
   *     RegisteredModel#blocked is blocked}, or, of production, the version is not {@link
   *     Promotions#comparison compared} with the one that has it; NOT_FOUND when there is no such
   *     version; CONFLICT when somebody else moved the alias meanwhile, saying who
   */
  public Alias promote(
      String model, long number, String alias, Principal principal, String reason) {
    requireAlias(alias);
    String what = "promote " + model + "@" + number + " to " + alias;
    Unmoved unmoved =
        new Unmoved(
            model,
            what,
            alias.equals(Alias.PRODUCTION)
                ? "Compare the two (tributary registry challenge %s@%d)".formatted(model, number)
                : "Compare the two");
    return decide(
        model,
        history -> {
          RegisteredModel registered = require(history, model, what);
          RegisteredVersion version = require(registered, number, what);
          Optional<Alias> current = Optional.ofNullable(registered.aliases().get(alias));
          List<String> missing = promotions().missing(history, version, alias, current);
          if (current.isPresent() && current.get().number() == number && missing.isEmpty()) {
            return Decided.nothing(current.get());
          }
          unmoved.require(history, current);
          if (!missing.isEmpty()) {
            throw new PlatformException(ErrorCode.REFUSED, refusal(what, missing));
          }
          requireUnsuspected(history.events(), version.version(), what);
          Optional<ModelEvents.Recorded> compared =
              current.flatMap(
                  held ->
                      ModelEvents.comparison(
                          version.version().reference(), held.number(), history.events()));
          ModelEvents.Moved moved =
              new ModelEvents.Moved(
                  model,
                  number,
                  alias,
                  current.map(Alias::number),
                  reason,
                  compared.map(ModelEvents.Recorded::id));
          Instant at = time(history, model);
          return Decided.by(
              current
                  .map(c -> c.moved(number, at, principal, reason))
                  .orElseGet(() -> new Alias(alias, number, at, principal, reason, List.of())),
              ModelEvents.moved(at, ModelEvents.PROMOTED, principal, "", moved));
        });
  }

  private static String refusal(String what, List<String> missing) {
    StringBuilder text = new StringBuilder("Cannot %s: ".formatted(what));
    if (missing.size() == 1) {
      return text.append(missing.get(0)).toString();
    }
    text.append(missing.size()).append(" things stand against it.");
    for (int i = 0; i < missing.size(); i++) {
      text.append(" (").append(i + 1).append(") ").append(missing.get(i));
    }
    return text.toString();
  }

  /**
   * Points an alias again at the newest of its former versions that is not retired.
   *
   * @throws PlatformException REFUSED when there is none, or it is {@link Suspects suspect};
   *     NOT_FOUND when there is no such alias; CONFLICT when somebody else moved the alias
   *     meanwhile, saying who
   */
  public Alias rollback(String model, String alias, Principal principal, String reason) {
    requireAlias(alias);
    String what = "roll back " + model + "@" + alias;
    Unmoved unmoved = new Unmoved(model, what, "Compare the two");
    return decide(
        model,
        history -> {
          RegisteredModel registered = require(history, model, what);
          Alias current = require(registered, alias, what);
          unmoved.require(history, Optional.of(current));
          long to =
              current
                  .formerThat(
                      n -> registered.version(n).flatMap(RegisteredVersion::retirement).isEmpty())
                  .orElseThrow(
                      () ->
                          new PlatformException(
                              ErrorCode.REFUSED,
                              "Cannot %s: it points to %s@%s and has no former version that may be used. Promote another version."
                                  .formatted(what, model, current.number())));
          ModelVersion version = require(registered, to, what).version();
          requireUnsuspected(history.events(), version, what);
          requireMeanings(version, what);
          ModelEvents.Moved moved =
              new ModelEvents.Moved(
                  model, to, alias, Optional.of(current.number()), reason, Optional.empty());
          Instant at = time(history, model);
          return Decided.by(
              current.rolledBack(to, at, principal, reason),
              ModelEvents.moved(at, ModelEvents.ROLLED_BACK, principal, "", moved));
        });
  }

  /**
   * Blocks promotions of a model to an alias for a breach of one of its versions. A breach that has
   * blocked before, whether somebody unblocked it or not, does nothing.
   *
   * @param notice identifies the breach
   * @param reason what breached, in words
   * @return whether it blocks now
   * @throws PlatformException NOT_FOUND when there is no such version
   */
  public boolean block(
      ModelReference breached,
      String alias,
      String monitor,
      String night,
      String notice,
      Principal principal,
      String run,
      String reason) {
    String model = breached.model();
    long number = breached.number().orElseThrow();
    return decide(
        model,
        history -> {
          if (history.contains(ModelEvents.blockId(notice))) {
            return Decided.nothing(false);
          }
          require(require(history, model, "block " + model), number, "block " + breached);
          return Decided.by(
              true,
              ModelEvents.blocked(
                  time(history, model),
                  principal,
                  run,
                  new ModelEvents.Blocked(
                      model, number, Optional.of(alias), monitor, night, notice, reason)));
        });
  }

  /** Those of some notices for which promotions were not blocked yet. */
  public Set<String> notBlocked(Set<String> notices) {
    History history = log.read();
    return notices.stream()
        .filter(notice -> !history.contains(ModelEvents.blockId(notice)))
        .collect(Collectors.toSet());
  }

  /**
   * Allows promotions of a model again. If nothing blocks them, nothing is written.
   *
   * @param night of the newest block that is known to whoever decides; those of later nights stay;
   *     empty = all
   * @return what had blocked them
   * @throws PlatformException NOT_FOUND when there is no such model; CONFLICT when another breach
   *     blocked it while this was decided
   */
  public List<Block> unblock(
      String model, Optional<String> night, Principal principal, String reason) {
    String what = "unblock " + model;
    AtomicReference<List<Block>> seen = new AtomicReference<>();
    return decide(
        model,
        history -> {
          List<Block> blocks =
              require(history, model, what).blocks().stream()
                  .filter(block -> night.map(n -> block.night().compareTo(n) <= 0).orElse(true))
                  .toList();
          if (seen.get() != null && !seen.get().equals(blocks)) {
            throw new PlatformException(
                ErrorCode.CONFLICT,
                "Cannot %s: its blocks changed meanwhile: %s. Look at them, and unblock it again."
                    .formatted(what, history(model).get(history(model).size() - 1)));
          }
          if (blocks.isEmpty()) {
            return Decided.nothing(blocks);
          }
          seen.set(blocks);
          return Decided.by(
              blocks,
              ModelEvents.unblocked(
                  time(history, model),
                  principal,
                  new ModelEvents.Unblocked(
                      model,
                      blocks.get(blocks.size() - 1).number(),
                      reason,
                      blocks.stream().map(Block::notice).toList())));
        });
  }

  /**
   * Marks a version as not to be used any more. If it is retired already, nothing is written.
   *
   * @throws PlatformException REFUSED while an alias points to it or somebody holds it; NOT_FOUND
   *     when there is no such version
   */
  public void retire(String model, long number, Principal principal, String reason) {
    String what = "retire " + model + "@" + number;
    say(
        model,
        number,
        what,
        principal,
        (registered, version) -> {
          if (version.retirement().isPresent()) {
            return Optional.empty();
          }
          List<String> aliases = registered.aliasesOf(number);
          if (!aliases.isEmpty()) {
            throw new PlatformException(
                ErrorCode.REFUSED,
                "Cannot %s: %s points to it. Promote another version or roll back first."
                    .formatted(what, String.join(", ", aliases)));
          }
          version
              .hold()
              .ifPresent(
                  hold -> {
                    throw new PlatformException(
                        ErrorCode.REFUSED,
                        "Cannot %s: it is held by %s. Whoever answers for the hold ends it: tributary registry release %s@%d --reason \"…\"."
                            .formatted(what, hold, model, number));
                  });
          return Optional.of(
              new Said(ModelEvents.RETIRED, new ModelEvents.Reasoned(model, number, reason)));
        });
  }

  /**
   * Holds a version: until it is released it is not retired, and nothing of it is cleaned.
   *
   * @throws PlatformException NOT_FOUND when there is no such version; CONFLICT when it is held
   */
  public void hold(String model, long number, Principal principal, String reason) {
    say(
        model,
        number,
        "hold " + model + "@" + number,
        principal,
        (registered, version) -> {
          version
              .hold()
              .ifPresent(
                  hold -> {
                    throw new PlatformException(
                        ErrorCode.CONFLICT,
                        "Cannot hold %s@%d: it is held by %s, and one release would end both. Say there why it is to stay, or hold it when that ends: tributary registry release %s@%d --reason \"…\"."
                            .formatted(model, number, hold, model, number));
                  });
          return Optional.of(
              new Said(ModelEvents.HELD, new ModelEvents.Reasoned(model, number, reason)));
        });
  }

  /**
   * Ends the hold of a version.
   *
   * @throws PlatformException NOT_FOUND when there is no such version, or nobody holds it
   */
  public void release(String model, long number, Principal principal, String reason) {
    String what = "release " + model + "@" + number;
    say(
        model,
        number,
        what,
        principal,
        (registered, version) -> {
          if (version.hold().isEmpty()) {
            throw new PlatformException(
                ErrorCode.NOT_FOUND,
                "Cannot %s: nobody holds it. Held versions are listed by tributary registry search \"status = held\"."
                    .formatted(what));
          }
          return Optional.of(
              new Said(ModelEvents.RELEASED, new ModelEvents.Reasoned(model, number, reason)));
        });
  }

  /**
   * Describes a version for people, in place of what it was described as before; an empty text ends
   * its description.
   *
   * @throws PlatformException NOT_FOUND when there is no such version; INVALID_REQUEST when the
   *     text has more than {@value #MOST_CHARACTERS} characters
   */
  public void describe(String model, long number, String text, Principal principal) {
    String what = "describe " + model + "@" + number;
    requireShort(text, what);
    say(
        model,
        number,
        what,
        principal,
        (registered, version) ->
            version.description().orElse("").equals(text.strip())
                ? Optional.empty()
                : Optional.of(
                    new Said(
                        ModelEvents.DESCRIBED,
                        new ModelEvents.Described(model, number, text.strip()))));
  }

  /**
   * Sets tags of a version and removes others.
   *
   * @param tags by key, a word as {@code stage} or {@code data.owner}
   * @return its tags then
   * @throws PlatformException NOT_FOUND when there is no such version, or it has no tag that is to
   *     be removed; INVALID_REQUEST for a key of another form and for an empty or long value
   */
  public Map<String, String> tag(
      String model,
      long number,
      Map<String, String> tags,
      List<String> removed,
      Principal principal) {
    String what = "tag " + model + "@" + number;
    tags.forEach(
        (key, value) -> {
          if (!TAG.matcher(key).matches() || !TAG_VALUE.matcher(value).matches()) {
            throw new PlatformException(
                ErrorCode.INVALID_REQUEST,
                "Cannot %s: \"%s=%s\" is no tag. Write a word and a value, as in stage=trial."
                    .formatted(what, key, value));
          }
          requireShort(value, what);
        });
    RegisteredVersion tagged =
        say(
            model,
            number,
            what,
            principal,
            (registered, version) -> {
              for (String key : removed) {
                if (!version.tags().containsKey(key)) {
                  throw new PlatformException(
                      ErrorCode.NOT_FOUND,
                      "Cannot %s: it has no tag \"%s\" to remove%s."
                          .formatted(
                              what,
                              key,
                              version.tags().isEmpty()
                                  ? ", and no other"
                                  : ", only " + String.join(", ", version.tags().keySet())));
                }
              }
              return removed.isEmpty() && version.tags().entrySet().containsAll(tags.entrySet())
                  ? Optional.empty()
                  : Optional.of(
                      new Said(
                          ModelEvents.TAGGED,
                          new ModelEvents.Tagged(model, number, tags, removed)));
            });
    Map<String, String> now = new TreeMap<>(tagged.tags());
    removed.forEach(now::remove);
    now.putAll(tags);
    return now;
  }

  private static void requireShort(String text, String what) {
    if (text.length() > MOST_CHARACTERS) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot %s: the text has %,d characters, and %,d are the most. Say where more is written."
              .formatted(what, text.length(), MOST_CHARACTERS));
    }
  }

  /** What is said of a version: a kind of event and its body. */
  private record Said(String kind, ModelEvents.OfVersion body) {}

  /**
   * Says something of a version, by what is known of it.
   *
   * @return the version before
   */
  private RegisteredVersion say(
      String model,
      long number,
      String what,
      Principal principal,
      BiFunction<RegisteredModel, RegisteredVersion, Optional<Said>> says) {
    return decide(
        model,
        history -> {
          RegisteredModel registered = require(history, model, what);
          RegisteredVersion version = require(registered, number, what);
          return says.apply(registered, version)
              .map(
                  said ->
                      Decided.by(
                          version,
                          ModelEvents.said(
                              time(history, model), said.kind(), principal, said.body())))
              .orElseGet(() -> Decided.nothing(version));
        });
  }

  /**
   * Records that a thing was made again from what the lake keeps of it, and came out the same.
   *
   * @param thing {@code name@number} of a model, {@code training-set:name@number} of a build
   * @param digest of its artefact or its rows
   * @param environment in which it was made again
   */
  public void reproduced(
      String thing, Digest digest, Environment environment, Principal principal) {
    log.append(
        List.of(
            ModelEvents.reproduced(
                clock.instant(),
                principal,
                thing,
                new ModelEvents.Reproduced(digest, environment))));
  }

  /**
   * The version that a reference points to, for use.
   *
   * @param reference {@code name@number} or {@code name@alias}
   * @throws PlatformException NOT_FOUND when there is none, with the nearest known names; REFUSED
   *     when the version is retired, {@link Suspects suspect}, or {@link #outdated}
   */
  public ModelVersion resolve(String reference) {
    List<Event> events = log.read().events();
    ModelVersion version = resolve(ModelReference.parse(reference), events);
    requireUnsuspected(events, version, "use " + version.reference());
    requireMeanings(version, "use " + version.reference());
    return version;
  }

  /**
   * The version that a reference pointed to at {@code instant}, as {@link #models(Instant)},
   * whatever its views mean and whoever has marked it by now; else as {@link #resolve(String)}.
   */
  public ModelVersion resolve(String reference, Instant instant) {
    return resolve(ModelReference.parse(reference), log.read().events(instant));
  }

  /**
   * The version that a reference points to, for scoring with values of the online store.
   *
   * @throws PlatformException as {@link #resolve(String)}; REFUSED also when online values differ
   *     from those that it was trained on and its definition does not allow that with {@code
   *     online: stale}, and when what is published of a view is suspect
   */
  public ModelVersion resolveOnline(String reference) {
    ModelVersion version = resolve(reference);
    String what = "Cannot use " + version.reference() + " online: ";
    OnlineUse use =
        version
            .onlineUse()
            .orElseThrow(
                () ->
                    new PlatformException(
                        ErrorCode.REFUSED,
                        what
                            + "it was registered without what is needed to compare online values"
                            + " with its training. Train it again."));
    suspects().requireNone(use, "use " + version.reference() + " online");
    if (use.verdict() == OnlineUse.Verdict.NOT_ALLOWED) {
      throw new PlatformException(ErrorCode.REFUSED, what + use + ".");
    }
    return version;
  }

  /**
   * The files of a version's artefact, by name, checked against what was registered.
   *
   * @throws PlatformException NOT_FOUND when it is gone; CORRUPT when it was altered
   */
  public SortedMap<String, byte[]> artefact(ModelVersion version) {
    return artefacts.read(version.artefact().digest());
  }

  /**
   * SHA-256 of each file of the class path that a version was fitted with, by its name; checked
   * against what was registered. None of a version that was trained elsewhere.
   *
   * @throws PlatformException NOT_FOUND when they are gone; CORRUPT when they were altered
   */
  public SortedMap<String, Digest> dependencies(ModelVersion version) {
    SortedMap<String, Digest> dependencies = new TreeMap<>();
    if (version.environment().isEmpty()) {
      return dependencies;
    }
    byte[] list =
        artefacts.read(version.environment().get().dependencyArtefact()).get(ModelEnvironment.LIST);
    new String(list, StandardCharsets.UTF_8)
        .lines()
        .forEach(
            line -> {
              int space = line.lastIndexOf(' ');
              dependencies.put(line.substring(0, space), Digest.parse(line.substring(space + 1)));
            });
    return dependencies;
  }

  /** All models, by name. */
  public Map<String, RegisteredModel> models() {
    return ModelEvents.fold(log.read().events(), registrations);
  }

  /** One model, whatever is wrong with others; empty where no version of it is registered. */
  public Optional<RegisteredModel> model(String name) {
    return model(known(), name);
  }

  /**
   * All models as they were at {@code instant} (inclusive), by name: of the changes as they are
   * dated. Times of a model's changes are in the order of the log, whatever clocks made them; where
   * these disagree, {@link #skews} has the changes that may have been made at another time.
   */
  public Map<String, RegisteredModel> models(Instant instant) {
    return ModelEvents.fold(log.read().events(instant), registrations);
  }

  /**
   * The same by what is in the log now, read once: for whoever looks up many versions, by {@link
   * #names}, {@link #find} and {@link #aliasesOf}.
   */
  public ModelRegistry asOfNow() {
    return new ModelRegistry(log, artefacts, clock, definitions, suspect, Optional.of(log.read()));
  }

  /**
   * The versions that a search finds, retired or not, in the order of their registration.
   *
   * @throws PlatformException INVALID_REQUEST when it names a measure that no version has
   */
  public List<VersionSearch.Found> search(VersionSearch search) {
    return search.in(known().events(), registrations);
  }

  /** The names of all models. No version is read. */
  public Set<String> names() {
    return ModelEvents.names(known().events());
  }

  /** A version, retired or not. Other versions are not read. */
  public Optional<RegisteredVersion> find(String model, long number) {
    return ModelEvents.version(ModelReference.of(model, number), known().events(), registrations);
  }

  /** The aliases that point to a version, sorted. No version is read. */
  public List<String> aliasesOf(ModelReference version) {
    return ModelEvents.aliasesOf(version, known().events());
  }

  /**
   * The version that a reference points to, retired or not.
   *
   * @throws PlatformException NOT_FOUND when there is none, with the nearest known names
   */
  public RegisteredVersion find(String reference) {
    ModelReference named = ModelReference.parse(reference);
    List<Event> events = known().events();
    Optional<Long> number =
        named.number().isPresent()
            ? Optional.of(named.number().getAsLong())
            : ModelEvents.holder(named.model(), named.version(), events);
    // What is not there is refused by all that is.
    return number
        .flatMap(
            n -> ModelEvents.version(ModelReference.of(named.model(), n), events, registrations))
        .orElseGet(() -> find(named, events, "find " + reference));
  }

  /** How versions compare with those in force, and what follows. */
  public Promotions promotions() {
    return new Promotions(this);
  }

  /** What versions came to on rows that they were not fitted to. */
  public Evaluations evaluations() {
    return new Evaluations(this);
  }

  /** The decisions to train models again, and what became of them. */
  public Retrainings retrainings() {
    return new Retrainings(this);
  }

  History read() {
    return log.read();
  }

  /**
   * The registration of a version that may be used.
   *
   * @throws PlatformException NOT_FOUND when there is none; REFUSED when the version is retired or
   *     {@link Suspects suspect}
   */
  Event registration(ModelReference version, String what) {
    List<Event> events = known().events();
    RegisteredVersion found = find(version, events, what);
    requireInUse(found, what);
    requireUnsuspected(events, found.version(), what);
    return registration(version);
  }

  /** What the registration of a version says, with its large parts. */
  ObjectNode body(ModelReference version) {
    return large.whole(registration(version));
  }

  private Event registration(ModelReference version) {
    return known().events().stream()
        .filter(e -> e.kind().equals(ModelEvents.REGISTERED))
        .filter(e -> e.subject().equals(version.toString()))
        .findFirst()
        .orElseThrow();
  }

  History known() {
    return fixed.orElseGet(log::read);
  }

  /** The changes of a model, oldest first; empty for an unknown model. */
  public List<ModelChange> history(String model) {
    return changes().stream().filter(c -> c.model().equals(model)).toList();
  }

  /**
   * The changes of all models, oldest first. Those of aliases say by which comparison, in words.
   */
  public List<ModelChange> changes() {
    List<Event> events = log.read().events();
    Map<String, String> comparisons = ModelEvents.comparisons(events);
    return events.stream()
        .map(ModelEvents::change)
        .flatMap(Optional::stream)
        .map(change -> change.told(id -> comparisons.getOrDefault(id, id)))
        .toList();
  }

  /**
   * The changes whose times don't tell when they were made, of all models, and those that are dated
   * after the present.
   */
  public List<ClockSkew> skews() {
    History history = known();
    Instant now = clock.instant();
    return ModelEvents.names(history.events()).stream()
        .flatMap(model -> ClockSkew.of(history, slot(model), now).stream())
        .toList();
  }

  /** The marks of suspect things; what uses one becomes what it does here. */
  public Suspects suspects() {
    return new Suspects(log, clock, suspect);
  }

  /** The mark for which a version may not be used; empty also where the policy only warns. */
  Optional<Suspect> refusedBy(History history, ModelVersion version) {
    return Suspects.on(history.events(), version).filter(mark -> suspect.refuses());
  }

  /** Refuses the use of a version that a mark is on, or tells of it. */
  void requireUnsuspected(List<Event> events, ModelVersion version, String what) {
    Suspects.on(events, version).ifPresent(mark -> suspect.used(what, mark));
  }

  private ModelVersion resolve(ModelReference reference, List<Event> events) {
    String what = "resolve " + reference;
    RegisteredVersion version = find(reference, events, what);
    requireInUse(version, what);
    return version.version();
  }

  private RegisteredVersion find(ModelReference reference, List<Event> events, String what) {
    RegisteredModel model = require(events, reference.model(), what);
    OptionalLong number = reference.number();
    return require(
        model,
        number.isPresent()
            ? number.getAsLong()
            : require(model, reference.version(), what).number(),
        what);
  }

  Optional<RegisteredModel> model(History history, String model) {
    return model(history.events(), model);
  }

  /** One model, even if others are broken. */
  private Optional<RegisteredModel> model(List<Event> events, String model) {
    return Optional.ofNullable(
        ModelEvents.fold(ModelEvents.of(model, events), registrations).get(model));
  }

  RegisteredModel require(History history, String model, String what) {
    return require(history.events(), model, what);
  }

  private RegisteredModel require(List<Event> events, String model, String what) {
    Optional<RegisteredModel> found = model(events, model);
    if (found.isEmpty()) {
      Set<String> names = ModelEvents.names(events);
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot %s: no model \"%s\" is registered%s. Train it first, or correct the name.%s"
              .formatted(
                  what,
                  model,
                  names.isEmpty() ? "" : ", only " + String.join(", ", names),
                  Nearest.hint(model, names)));
    }
    return found.get();
  }

  static RegisteredVersion require(RegisteredModel model, long number, String what) {
    return model
        .version(number)
        .orElseThrow(
            () ->
                new PlatformException(
                    ErrorCode.NOT_FOUND,
                    "Cannot %s: the versions of %s are 1 to %s. Name one of them."
                        .formatted(what, model.name(), model.versions().size())));
  }

  private static Alias require(RegisteredModel model, String alias, String what) {
    Alias found = model.aliases().get(alias);
    if (found == null) {
      throw new PlatformException(
          ErrorCode.NOT_FOUND,
          "Cannot %s: %s. Promote a version to it, or name a version from 1 to %s.%s"
              .formatted(
                  what,
                  model.aliases().isEmpty()
                      ? model.name() + " has no alias yet"
                      : "the aliases of "
                          + model.name()
                          + " are "
                          + String.join(", ", model.aliases().keySet()),
                  model.versions().size(),
                  Nearest.hint(alias, model.aliases().keySet())));
    }
    return found;
  }

  private static void requireInUse(RegisteredVersion version, String what) {
    retired(version)
        .ifPresent(
            why -> {
              throw new PlatformException(ErrorCode.REFUSED, "Cannot " + what + ": " + why);
            });
  }

  /** Who retired a version, and what to do. */
  static Optional<String> retired(RegisteredVersion version) {
    return version
        .retirement()
        .map(
            retired ->
                "%s retired %s at %s (%s). Use another version."
                    .formatted(
                        retired.principal(),
                        version.version().reference(),
                        retired.at(),
                        retired.reason()));
  }

  private void requireMeanings(ModelVersion version, String what) {
    outdated(version)
        .ifPresent(
            why -> {
              throw new PlatformException(ErrorCode.REFUSED, "Cannot " + what + ": " + why);
            });
  }

  /**
   * Why a version must not be promoted or score, given what its views mean in the lake by now: a
   * view was a draft when the version was trained and still is, or means something else here. Empty
   * if each means what the version was trained on, or somebody accepted the version regardless. The
   * sentence says what to do.
   */
  public Optional<String> outdated(ModelVersion version) {
    return definitions.flatMap(
        lake ->
            version.definitions().entrySet().stream()
                .filter(used -> used.getKey().startsWith(Definition.VIEW + " "))
                .flatMap(
                    used -> outdated(lake, version, lake.store().read(used.getValue())).stream())
                .findFirst());
  }

  private static Optional<String> outdated(
      LakeDefinitions lake, ModelVersion version, Definition view) {
    Optional<Meanings.Change> fixed = lake.meanings().fixed(view.reference());
    if (fixed.isEmpty() && !view.isDraft()) {
      // Imported into a lake that has not used the view yet: the first run that does fixes it.
      return Optional.empty();
    }
    if (fixed.isEmpty()) {
      return Optional.of(
          "it was trained on %s, which is a draft. Make it active in %s and run tributary train %s."
              .formatted(view.reference(), view.file(), version.model()));
    }
    if (lake.meanings()
        .accepts(version.reference().toString(), view.reference(), view.meaningDigest())) {
      return Optional.empty();
    }
    return Optional.of(
        "it was trained on another meaning of %s: %s. Train it again (tributary training-set, tributary train %s), or accept it as it is: tributary amend %s --accept-model %s --reason \"…\"."
            .formatted(
                view.reference(), fixed.get(), version.model(), view.name(), version.reference()));
  }

  private static void requireAlias(String alias) {
    if (!ALIAS.matcher(alias).matches()) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot use alias \"%s\": it is not a kebab-case word. Write production, or candidate-2."
              .formatted(alias));
    }
  }

  /** Refuses a decision based on where an alias pointed if somebody has moved it meanwhile. */
  private static final class Unmoved {
    private final String model;
    private final String what;
    private final String next;
    private Optional<Optional<Alias>> seen = Optional.empty();

    /**
     * @param next what whoever comes second is told to do first
     */
    Unmoved(String model, String what, String next) {
      this.model = model;
      this.what = what;
      this.next = next;
    }

    void require(History history, Optional<Alias> current) {
      if (seen.isPresent() && !seen.get().equals(current)) {
        String alias = current.map(Alias::name).orElse("");
        Map<String, String> comparisons = ModelEvents.comparisons(history.events());
        ModelChange winner =
            history.events().stream()
                .map(ModelEvents::change)
                .flatMap(Optional::stream)
                .filter(c -> c.model().equals(model) && c.alias().equals(Optional.of(alias)))
                .reduce((a, b) -> b)
                .orElseThrow()
                .told(id -> comparisons.getOrDefault(id, id));
        throw new PlatformException(
            ErrorCode.CONFLICT,
            "Cannot %s: %s first. %s, and try again if yours should replace it."
                .formatted(what, winner, next));
      }
      seen = Optional.of(current);
    }
  }

  /**
   * What is decided about a model.
   *
   * @param events that say so, together; none = nothing is written
   */
  record Decided<T>(T result, List<Event> events) {
    static <T> Decided<T> nothing(T result) {
      return new Decided<>(result, List.of());
    }

    static <T> Decided<T> by(T result, Event event) {
      return new Decided<>(result, List.of(event));
    }
  }

  /** Decides about a model by what is known of it, anew where somebody else decides first. */
  <T> T decide(String model, Function<History, Decided<T>> decision) {
    for (int attempt = 1; ; attempt++) {
      History history = log.read();
      Decided<T> decided = decision.apply(history);
      try {
        if (!decided.events().isEmpty()) {
          log.decide(slot(model), history.generation(slot(model)), decided.events());
        }
        return decided.result();
      } catch (PlatformException e) {
        if (e.code() != ErrorCode.CONFLICT || attempt >= ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /**
   * The time of the next event of a model: never before the last one, even if the clock jumps back.
   */
  Instant time(History history, String model) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    String slot = slot(model);
    return history.decision(slot, history.generation(slot)).stream()
        .map(e -> e.at().plus(1, ChronoUnit.MICROS))
        .filter(next -> next.isAfter(now))
        .reduce((a, b) -> a.isAfter(b) ? a : b)
        .orElse(now);
  }

  private static String slot(String model) {
    return "model/" + model;
  }
}
