package io.tributary.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.ProjectReader;
import io.tributary.definition.ViewId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Views as long as they are compiled, and where they can't be. */
@Timeout(60)
class TestOnDemandViews {
  private static final ViewId REQUEST = ViewId.parse("request@1");

  @TempDir Path folder;

  private static void await(OnDemandViews views, Optional<String> trouble) throws Exception {
    while (!views.trouble().equals(trouble)) {
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Test
  void refusesForAWhileWhatIsBeingCompiled() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    OnDemandViews views =
        new OnDemandViews(
            Shop.in(folder).project(),
            project -> {
              try {
                done.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return Shop.COMPILER.compile(project);
            });
    views.start();

    assertThatThrownBy(() -> views.find(REQUEST))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.problem().status()).isEqualTo(503);
              assertThat(refused.problem().detail())
                  .isEqualTo(
                      "Cannot answer yet: request@1 is being compiled. Ask again in a second.");
            });
    assertThat(views.trouble()).contains("Cannot answer yet: request@1 is being compiled.");
    done.countDown();
    await(views, Optional.empty());
    assertThat(views.find(REQUEST).view().id()).isEqualTo(REQUEST);
  }

  @Test
  void saysWhatCantBeCompiled() throws Exception {
    String why = "Cannot check view request@1 (features/request.yaml:5): so.";
    OnDemandViews views =
        new OnDemandViews(
            Shop.in(folder).project(),
            project -> {
              throw new PlatformException(ErrorCode.INVALID_DEFINITION, why);
            });
    views.start();
    await(views, Optional.of(why));

    assertThatThrownBy(() -> views.find(REQUEST)).hasMessage(why);
  }

  @Test
  void keepsTheWordsOfABugInTheLog() throws Exception {
    OnDemandViews views =
        new OnDemandViews(
            Shop.in(folder).project(),
            project -> {
              throw new NoClassDefFoundError("org/apache/spark/sql/types/DataType");
            });
    views.start();
    await(views, Optional.of("Cannot answer: the server has a bug. Its log says more."));

    assertThat(
            Problem.of(org.assertj.core.api.Assertions.catchThrowable(() -> views.find(REQUEST))))
        .extracting(Problem::status)
        .isEqualTo(500);
  }

  @Test
  void compilesNothingWhereThereIsNothing() throws Exception {
    Shop.in(folder);
    Files.delete(folder.resolve("features/request.yaml"));
    AtomicInteger calls = new AtomicInteger();
    OnDemandViews views =
        new OnDemandViews(
            ProjectReader.read(folder, Map.of(), Optional.empty()),
            project -> {
              calls.incrementAndGet();
              return List.of();
            });
    views.start();

    assertThat(views.trouble()).isEmpty();
    assertThat(views.isServed(REQUEST)).isFalse();
    assertThat(calls).hasValue(0);
  }
}
