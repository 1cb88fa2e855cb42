package io.tributary.pipeline;

import io.tributary.analysis.CheckedProject;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.ProjectReader;
import io.tributary.events.lake.LakeIdentity;
import io.tributary.events.runs.LakeTables;
import io.tributary.pipeline.ProjectDifference.Side;
import io.tributary.runtime.JobMain;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;

/** {@code tributary diff}: how the definitions of two things differ. No session. */
@Command(
    description = {
      "Says in what the definitions of two things differ, key by key as they are written: in what they mean, and what becomes",
      "of what was made with them; in settings that decide no value; and in wording alone. A thing is a run, a model's version,",
      "a build of a training set, or a kept definition by its digest.",
      "One thing alone is compared with the folder; without any the folder is compared with what runs used last."
    },
    footer = {
      "",
      "The words are [PROJECT] [THING] [THING].",
      "",
      "  tributary diff",
      "  tributary diff late_arrival@2 late_arrival@production",
      "  tributary diff training-set:late_arrival@1 training-set:late_arrival@2 --json",
      "  tributary diff 20131231T050000Z-1f2e3d4c"
    })
public final class DiffMain implements JobMain.Body {
  DiffMain() {}

  public static void main(String[] args) {
    System.exit(JobMain.run("diff", args, new DiffMain()));
  }

  @Override
  public void run(JobMain main) {
    List<String> things = main.subjects();
    if (things.size() > 2) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot compare %s: two things are compared at a time. Name one or two, or none."
              .formatted(String.join(" ", things)));
    }
    String lake =
        LakeTables.normal(ProjectReader.lake(main.project(), System.getenv(), main.lake()));
    LakeIdentity.require(lake);
    ComparedThings compared = new ComparedThings(lake);
    ProjectDifference difference;
    if (things.size() == 2) {
      difference = ProjectDifference.of(compared.of(things.get(0)), compared.of(things.get(1)));
    } else {
      CheckedProject checked = CheckedProject.read(main.project(), System.getenv(), main.lake());
      Side before = things.isEmpty() ? compared.lastUsed() : compared.of(things.get(0));
      Set<String> of = things.isEmpty() ? Set.of() : before.definitions().keySet();
      difference = ProjectDifference.of(before, ComparedThings.folder(checked, of));
    }
    main.result(difference);
    difference.lines().forEach(main::say);
  }
}
