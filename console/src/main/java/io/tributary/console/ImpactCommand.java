package io.tributary.console;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.core.RunId;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.Suspect;
import io.tributary.registry.Suspects;
import io.tributary.registry.provenance.Impact;
import io.tributary.registry.provenance.Provenance;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary impact THING}: what was made from a delivery, view, run or model. */
@Command(
    description =
        "What was made from a thing: later tables and snapshots, training sets, model versions with"
            + " their aliases, scored nights with the number of predictions that it entered, and"
            + " what is published online now. Of a delivery it follows the columns, times and keys"
            + " that definitions read. It says what the runs recorded, and computes nothing again;"
            + " with --exact it does, and tells which predictions change: tributary impact --exact"
            + " --help.")
final class ImpactCommand implements Runnable {
  private static final Pattern NUMBERED =
      Pattern.compile("(?:(view|model):)?([a-z][a-z0-9_]*@[a-z0-9-]+)");

  @Mixin private ProjectOptions options;

  @Parameters(
      paramLabel = "THING",
      description =
          "A source, with --delivery; a delivered file, by path or SHA-256; carrier_history@1, a"
              + " view; late_arrival@3 or late_arrival@production, a model's version; a run.")
  private String thing;

  @Option(
      names = "--delivery",
      paramLabel = "N",
      description = "Of a source: which delivery, as tributary trace names it.")
  private Long delivery;

  @Option(names = "--predictions", description = "Name each prediction by its id.")
  private boolean predictions;

  @Option(names = "--all", description = "Print all tables and nights, however many there are.")
  private boolean all;

  @Option(names = "--html", paramLabel = "FILE", description = "Write it as a page.")
  private Path html;

  @Option(
      names = "--mark-suspect",
      description =
          "Mark the thing and all that was made from it: scoring, promotion, online resolution and"
              + " training refuse what is marked, or warn, as suspect in tributary.yaml says, until it"
              + " is cleared. Marked again, what was made since is marked, too.")
  private boolean mark;

  @Option(names = "--clear", description = "Clear the mark.")
  private boolean clear;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why it is marked or cleared.")
  private String reason;

  @Override
  public void run() {
    if (mark && clear || (mark || clear) != (reason != null)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot mark or clear "
              + thing
              + ": write --mark-suspect or --clear, one of them, and --reason TEXT.");
    }
    if (html != null && (mark || clear)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot write a page of %s and mark or clear it at once. Leave one out."
              .formatted(thing));
    }
    if (clear) {
      Suspect cleared =
          Suspects.open(options.lake()).clear(marked(), Principal.ofProcess(), reason);
      answer(cleared, cleared.root().replaceFirst(":", " ") + " is suspect no more.");
      options.notifyOfChange();
      return;
    }
    Impact read = Impact.open(options.lake(), predictions);
    Provenance impact = impact(read);
    if (mark) {
      marked(read, impact);
      options.notifyOfChange();
    } else if (html != null) {
      options.write(ProvenanceTree.madeFrom(impact, all).page("What was made from it"), html);
    } else if (options.json()) {
      options.print(impact);
    } else {
      ProvenanceTree.madeFrom(impact, all).print(options.out());
    }
  }

  /**
   * What is to be cleared. Its impact, which can perhaps be told no more, is asked where no mark is
   * named so.
   */
  private String marked() {
    List<String> standing =
        Suspects.open(options.lake()).standing().stream().map(Suspect::root).toList();
    return named().stream()
        .filter(standing::contains)
        .findFirst()
        .orElseGet(() -> impact(Impact.open(options.lake(), false)).root());
  }

  /** What the words may name, first what they name where there are both. */
  private List<String> named() {
    if (delivery != null) {
      return List.of("delivery:" + thing + "@" + delivery);
    }
    boolean isModel =
        ModelRegistry.open(options.lake()).names().contains(thing.replaceFirst("@.*", ""));
    String view = "view:" + thing;
    String model = "model:" + thing;
    return List.of(thing, "run:" + thing, isModel ? model : view, isModel ? view : model);
  }

  private void marked(Impact read, Provenance impact) {
    Suspect marked =
        Suspects.open(options.lake())
            .mark(impact.root(), read.coverage(), Principal.ofProcess(), reason);
    answer(
        marked,
        "%s is suspect now, and %,d things that were made from it. Until it is cleared: tributary impact %s --clear --reason \"…\""
            .formatted(
                marked.root().replaceFirst(":", " "),
                marked.coverage().things().size(),
                marked.operand()));
  }

  private void answer(Suspect suspect, String words) {
    if (options.json()) {
      options.print(suspect);
    } else {
      options.out().println(words);
      options.out().flush();
    }
  }

  private Provenance impact(Impact impact) {
    if (delivery != null) {
      return impact.delivery(thing, delivery);
    }
    if (RunId.isId(thing)) {
      return impact.run(thing);
    }
    Matcher numbered = NUMBERED.matcher(thing);
    if (numbered.matches()) {
      boolean isModel =
          numbered.group(1) == null
              ? impact.isModel(numbered.group(2).substring(0, numbered.group(2).indexOf('@')))
              : numbered.group(1).equals("model");
      return isModel ? impact.model(numbered.group(2)) : impact.view(numbered.group(2));
    }
    if (options.project().sources().containsKey(thing)) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot tell the impact of source "
              + thing
              + ": it has many deliveries. Name one with --delivery N.");
    }
    return impact.file(thing);
  }
}
