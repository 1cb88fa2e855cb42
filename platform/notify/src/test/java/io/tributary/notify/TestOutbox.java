package io.tributary.notify;

import static io.tributary.notify.JudgedLake.breach;
import static io.tributary.notify.JudgedLake.project;
import static io.tributary.notify.JudgedLake.webhook;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.definition.Monitor;
import io.tributary.definition.Project;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestOutbox {
  @TempDir private Path folder;
  private final Project project = project(webhook("on_call", 1));

  @Test
  void notesABreachOnceHoweverOftenItIsFound() throws IOException {
    JudgedLake lake =
        new JudgedLake(folder).judge("2024-03-03").judge("2024-03-04", breach("a", 9));

    List<Notice> noted = lake.outbox().note(project);
    assertThat(noted)
        .singleElement()
        .satisfies(
            n -> {
              assertThat(n.type()).isEqualTo("monitor.breached");
              assertThat(n.replaces()).isEmpty();
              assertThat(n.title()).isEqualTo("shop: monitor late breaches on 2024-03-04");
            });
    assertThat(lake.outbox().note(project)).isEmpty();
    assertThat(lake.judge("2024-03-04", breach("a", 9)).outbox().note(project)).isEmpty();
    assertThat(lake.outbox().owed(project))
        .extracting(o -> o.notice().id() + " " + o.receiver().name())
        .containsExactly(noted.get(0).id() + " on_call");
  }

  @Test
  void otherVerdictsAreAnotherNotice() throws IOException {
    JudgedLake lake = new JudgedLake(folder).judge("2024-03-04", breach("a", 9));
    Notice first = lake.outbox().note(project).get(0);
    Notice second = lake.judge("2024-03-04", breach("b", 9)).outbox().note(project).get(0);
    Notice third = lake.judge("2024-03-04").outbox().note(project).get(0);
    Notice fourth = lake.judge("2024-03-04", breach("a", 9)).outbox().note(project).get(0);

    assertThat(List.of(first, second, third, fourth))
        .extracting(Notice::type)
        .containsExactly(
            "monitor.breached", "monitor.changed", "monitor.cleared", "monitor.changed");
    assertThat(List.of(second, third, fourth))
        .extracting(Notice::replaces)
        .containsExactly(
            Optional.of(first.id()), Optional.of(second.id()), Optional.of(third.id()));
    assertThat(List.of(first, second, third, fourth))
        .extracting(Notice::id)
        .doesNotHaveDuplicates();
  }

  @Test
  void theSameBreachesByOtherNumbersAreTheSameNotice() throws IOException {
    JudgedLake lake = new JudgedLake(folder).judge("2024-03-04", breach("a", 9), breach("b", 3));
    lake.outbox().note(project);

    assertThat(
            lake.judge("2024-03-04", breach("b", 3.001), breach("a", 9.2)).outbox().note(project))
        .isEmpty();
  }

  /** Another process commits newer ones, and notes them, between this one's look and its note. */
  @Test
  void olderVerdictsAreNotNotedOverNewerOnes() throws IOException {
    JudgedLake lake = new JudgedLake(folder).judge("2024-03-04", breach("a", 9));
    lake.outbox().note(project);
    lake.judge("2024-03-04", breach("b", 9));
    List<Notice> others = new ArrayList<>();
    Outbox slow =
        Outbox.open(
            folder.toString(),
            new InstantSource() {
              @Override
              public Instant instant() {
                if (others.isEmpty()) {
                  try {
                    others.addAll(lake.judge("2024-03-04").outbox().note(project));
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                }
                return Instant.parse("2024-03-05T06:00:00Z");
              }
            }.withZone(ZoneOffset.UTC));

    assertThat(slow.note(project)).isEmpty();
    assertThat(others).extracting(Notice::type).containsExactly(Notice.CLEARED);
    assertThat(lake.outbox().standing("late"))
        .extracting(Notice::type)
        .containsExactly(Notice.CLEARED);
  }

  @Test
  void saysThatPromotionsStayBlocked() throws IOException {
    JudgedLake lake = new JudgedLake(folder).judge("2024-03-04", breach("a", 9));
    Project blocking = project(Monitor.Breach.BLOCK_PROMOTION, webhook("on_call", 1));
    assertThat(lake.outbox().note(blocking).get(0).text())
        .contains(
            "No version of the model is promoted until somebody allows it again: tributary registry unblock late --night 2024-03-04 --reason \"…\"\n");
    assertThat(lake.judge("2024-03-04").outbox().note(blocking).get(0).text())
        .endsWith(
            "Promotions stay blocked until somebody allows them again: tributary registry unblock late --night 2024-03-04 --reason \"…\"\n");
  }

  @Test
  void saysSinceWhenNightsBreachedInTheSameWay() throws IOException {
    JudgedLake lake =
        new JudgedLake(folder)
            .judge("2024-03-01", breach("a", 9))
            .judge("2024-03-02")
            .judge("2024-03-03", breach("a", 7), breach("b", 7))
            .judge("2024-03-04", breach("a", 9), breach("c", 3));
    Notice last = lake.outbox().note(project).get(2);

    assertThat(last.text())
        .isEqualTo(
            """
            shop: monitor late breaches on 2024-03-04.

            - a is unlike training's intervals (missing): deviation 9.000, limit 2.150; since 2024-03-03T05:00:00Z
            - c is unlike training's intervals (missing): deviation 3.000, limit 2.150

            Model: late@3
            Interval: 2024-03-04T05:00:00Z/2024-03-05T05:00:00Z
            Lake: %s
            More: %s
            """
                .formatted(folder, last.show()));
  }

  @Test
  void ofManyWhoNoteAtOnceOneDoes() throws Exception {
    JudgedLake lake = new JudgedLake(folder).judge("2024-03-04", breach("a", 9));
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<List<Notice>>> all =
          IntStream.range(0, 8)
              .<Callable<List<Notice>>>mapToObj(i -> () -> lake.outbox().note(project))
              .toList();
      int noted = 0;
      for (Future<List<Notice>> each : threads.invokeAll(all)) {
        noted += each.get().size();
      }
      assertThat(noted).isEqualTo(1);
      assertThat(lake.outbox().owed(project)).hasSize(1);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aReceiverIsOwedWhatIsNotedSinceTheProjectHasIt() throws IOException {
    JudgedLake lake = new JudgedLake(folder).judge("2024-03-03", breach("a", 9));
    lake.outbox().note(project);
    lake.judge("2024-03-04", breach("a", 9));
    Project later = project(webhook("on_call", 1), webhook("new", 2));
    lake.outbox().note(later);

    assertThat(lake.outbox().owed(later))
        .extracting(o -> o.receiver().name() + " " + o.notice().title())
        .containsExactly(
            "on_call shop: monitor late breaches on 2024-03-03",
            "on_call shop: monitor late breaches on 2024-03-04",
            "new shop: monitor late breaches on 2024-03-04");
    assertThat(lake.outbox().owed(project())).isEmpty();
  }
}
