package io.tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.PlatformException;
import io.tributary.core.Principal;
import io.tributary.testing.JavaProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sixteen people promote at once, each a version that is compared with the one in production. */
class ITPromotions {
  private static final int PEOPLE = 16;

  @TempDir Path lake;

  /** Each process is killed by the line that says that it won. */
  @Test
  void oneWinsAndIsKilledAndTheOthersAreToldWhoWon() throws Exception {
    ArtefactStore store = ArtefactStore.open(lake.toString());
    ModelRegistry registry = ModelRegistry.open(lake.toString());
    for (int i = 0; i <= PEOPLE; i++) {
      ModelVersion version =
          registry.register(Drafts.draft(store, "v" + i, 0.75), Principal.osUser("ada"));
      if (i == 0) {
        registry.promote("late_arrival", 1, "production", Principal.osUser("ada"), "first");
      } else {
        registry.promotions().record(version, Drafts.beside(1, 0.02), Principal.osUser("ada"), "");
      }
    }
    List<ProcessBuilder> people = new ArrayList<>();
    for (int i = 2; i <= PEOPLE + 1; i++) {
      people.add(
          JavaProcess.of(
              List.of("-Xmx64m"), PromotingProcess.class.getName(), lake.toString(), "" + i));
    }
    List<List<String>> said =
        JavaProcess.race(people, IntStream.range(0, PEOPLE).mapToObj(i -> 2).toList());

    List<String> won = said.stream().map(lines -> lines.get(1)).filter("won"::equals).toList();
    assertThat(won).hasSize(1);
    Alias alias = registry.models().get("late_arrival").aliases().get("production");
    assertThat(alias.former()).containsExactly(1L);
    assertThat(said.get((int) alias.number() - 2)).containsExactly("tries", "won");
    for (int i = 2; i <= PEOPLE + 1; i++) {
      if (i != alias.number()) {
        assertThat(said.get(i - 2).get(1)).isIn(overtaken(i, alias), notCompared(i, alias));
      }
    }
  }

  /** What is said to whoever had seen the former version there. */
  private static String overtaken(int number, Alias alias) {
    return "Cannot promote late_arrival@%d to production: p%d promoted late_arrival@%d to production at %s (mine), %s first. Compare the two (tributary registry challenge late_arrival@%d), and try again if yours should replace it."
        .formatted(
            number, alias.number(), alias.number(), alias.at(), Drafts.beside(1, 0.02), number);
  }

  /** What is said to whoever came later. */
  private static String notCompared(int number, Alias alias) {
    return "Cannot promote late_arrival@%d to production: it is not compared with late_arrival@%d, which p%d put there at %s (mine). Compare the two on the same rows: tributary registry challenge late_arrival@%d."
        .formatted(number, alias.number(), alias.number(), alias.at(), number);
  }

  /** Promotes a version once it is told to; says what came of it, and waits to be killed. */
  static final class PromotingProcess {
    private PromotingProcess() {}

    public static void main(String[] args) throws IOException {
      ModelRegistry registry = ModelRegistry.open(args[0]);
      System.out.println("ready");
      System.in.read();
      System.out.println("tries");
      try {
        registry.promote(
            "late_arrival",
            Long.parseLong(args[1]),
            "production",
            Principal.osUser("p" + args[1]),
            "mine");
        System.out.println("won");
      } catch (PlatformException e) {
        System.out.println(e.getMessage());
      }
      while (System.in.read() >= 0) {
        // until it is killed
      }
    }
  }
}
