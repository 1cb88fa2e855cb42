package io.tributary.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TestSideBySide {
  @Test
  void whatFailsKeepsNoOtherFromItsEndAndIsToldInOrder() {
    CountDownLatch failed = new CountDownLatch(2);
    List<String> done = new ArrayList<>();
    assertThatThrownBy(
            () ->
                SideBySide.run(
                    List.of("slow", "first", "second", "last"),
                    job -> {
                      if (job.equals("slow")) {
                        await(failed);
                        return job;
                      }
                      if (job.equals("last")) {
                        return job;
                      }
                      failed.countDown();
                      if (job.equals("first")) {
                        throw new AssertionError(job);
                      }
                      throw new IllegalStateException(job);
                    },
                    done::add))
        .isInstanceOf(AssertionError.class)
        .hasMessage("first")
        .satisfies(
            e -> assertThat(e.getSuppressed()).singleElement().hasToString(second().toString()));
    assertThat(done).containsExactly("slow", "last");
  }

  private static Exception second() {
    return new IllegalStateException("second");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).as("they run side by side").isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
