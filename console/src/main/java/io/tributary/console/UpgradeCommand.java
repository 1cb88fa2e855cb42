package io.tributary.console;

import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.lake.LakeUpgrade;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tributary upgrade}: upgrades a lake of an older format to this build's. */
@Command(
    description = {
      "Brings a lake that an older build wrote up to the format of this one, step by step; prints each step.",
      "Stopped half way it goes on where it was. A lake of this format is left as it is, a newer one is refused."
    })
final class UpgradeCommand implements Runnable {
  @Mixin private ProjectOptions options;

  @Option(names = "--dry-run", description = "Only print what would be done.")
  private boolean dryRun;

  @Override
  public void run() {
    String lake = options.anyLake();
    List<String> steps = LakeUpgrade.known().run(lake, dryRun);
    if (options.json()) {
      options.print(Map.of("lake", lake, "dry-run", dryRun, "steps", steps));
      return;
    }
    if (steps.isEmpty()) {
      options.out().printf("Lake %s: nothing to do for format %d.%n", lake, LakeIdentity.FORMAT);
    } else {
      options.out().println(dryRun ? "Would be done:" : "Done:");
      steps.forEach(step -> options.out().println("  " + step));
    }
    options.out().flush();
  }
}
