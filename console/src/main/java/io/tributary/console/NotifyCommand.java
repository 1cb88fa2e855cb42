package io.tributary.console;

import io.tributary.core.ErrorGroup;
import io.tributary.definition.Project;
import io.tributary.notify.Delivery;
import io.tributary.notify.Outbox;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code tributary notify}: delivers notices that are not delivered yet. */
@Command(
    description = {
      "Delivers the notices of breaches, and of changes in the registry, that their receivers have not got yet.",
      "What found or made them does the same after its work; this is for later, when a receiver is back. It ends with 4 where one is not."
    })
final class NotifyCommand implements Callable<Integer> {
  @Mixin private ProjectOptions options;

  @Override
  public Integer call() {
    Project project = options.project();
    Outbox outbox = Outbox.open(options.lake());
    outbox.note(project);
    List<Delivery.Result> results = Delivery.patient().deliver(outbox, project);
    if (options.json()) {
      options.print(results);
    } else if (results.isEmpty()) {
      options
          .out()
          .println(
              project.receivers().isEmpty()
                  ? "Nobody is notified: tributary.yaml has no \"notify\"."
                  : "Every receiver has all notices.");
    } else {
      results.forEach(options.out()::println);
      if (results.stream().anyMatch(r -> r.owed() > 0)) {
        options
            .out()
            .println(
                "What is not delivered is kept. See to the receiver, and run tributary notify again.");
      }
    }
    options.out().flush();
    return results.stream().allMatch(r -> r.owed() == 0) ? 0 : ErrorGroup.EXTERNAL.exitCode();
  }
}
