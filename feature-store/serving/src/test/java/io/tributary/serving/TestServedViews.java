package io.tributary.serving;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.MissingNode;
import io.tributary.core.Digest;
import io.tributary.definition.Recording;
import io.tributary.definition.ViewId;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.online.Publication;
import io.tributary.online.StoredView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestServedViews {
  @TempDir Path folder;

  /** A server that was restored to a former state gives a number twice. */
  @Test
  void answersByNoColumnsOfAnotherPublicationOfTheSameNumber() throws Exception {
    Shop shop = Shop.in(folder);
    try (OnlineStore before = shop.open();
        OnlineStore restored = OnlineStores.open("rocksdb:" + folder.resolve("restored"))) {
      Publication asked = published(before, "a", "b");
      published(restored, "b", "a");
      ServedViews views =
          new ServedViews(
              shop.project(),
              restored,
              new OnDemandViews(shop.project(), Shop.COMPILER),
              new GuardedFeatures(shop.project(), shop.lake()),
              new Recordings(new Recording(0, 0), shop.lake(), new Measurements(shop.access())));
      assertThatThrownBy(
              () ->
                  views.answers(
                      ServedViews.Asked.of(asked),
                      List.of(List.of("c1")),
                      Shop.NIGHT,
                      new Call(
                          List.of(),
                          Map.of(),
                          MissingNode.getInstance(),
                          1,
                          Shop.NIGHT,
                          Caller.LOCAL,
                          new ArrayList<>())))
          .hasMessage("baskets@2");
    }
  }

  private static Publication published(OnlineStore store, String... features) {
    StoredView view =
        Shop.view(
            "baskets@2", Shop.BASKETS.keys(), Digest.of(List.of(features).toString()), features);
    Shop.publish(
        store, view, Shop.NIGHT, Map.of(List.of("c1"), Shop.row(Shop.NIGHT, (Object[]) features)));
    return store.published(ViewId.parse("baskets@2"));
  }
}
