package io.tributary.console;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.registry.provenance.Impact;
import io.tributary.registry.provenance.Provenance;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary impact THING}: what was made from a delivery, view, run or model. */
@Command(
    description =
        "What was made from a thing: later tables and snapshots, training sets, model versions with their aliases, scored nights with the number of predictions that it entered, and what is published online now. Of a delivery it follows the columns, times and keys that definitions read. It says what the runs recorded, and computes nothing again.")
final class ImpactCommand implements Runnable {
  private static final Pattern RUN = Pattern.compile("[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}");
  private static final Pattern NUMBERED =
      Pattern.compile("(?:(view|model):)?([a-z][a-z0-9_]*@[a-z0-9-]+)");

  @Mixin private ProjectOptions options;

  @Parameters(
      paramLabel = "THING",
      description =
          "A source, with --delivery; a delivered file, by path or SHA-256; carrier_history@1, a view; late_arrival@3 or late_arrival@production, a model's version; a run.")
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

  @Override
  public void run() {
    Provenance impact = impact(Impact.open(options.lake(), predictions));
    if (options.json()) {
      options.print(impact);
    } else {
      ProvenanceTree.madeFrom(impact, all).print(options.out());
    }
  }

  private Provenance impact(Impact impact) {
    if (delivery != null) {
      return impact.delivery(thing, delivery);
    }
    if (RUN.matcher(thing).matches()) {
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
