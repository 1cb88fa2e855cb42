package io.tributary.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.tributary.online.MemoryOnlineStore.Fault;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The kit holds for a store that keeps the contract, and each of its tests can fail. */
class TestOnlineStoreContract {
  private static final Map<Fault, String> FOUND_BY = new EnumMap<>(Fault.class);

  static {
    found(Fault.ROUNDS, "answersWithTheBitsThatWerePublished");
    found(Fault.ANSWERS_UNPUBLISHED, "refusesToReadWhatWasNeverPublished");
    found(Fault.FINDS_THE_NEAREST_KEY, "answersAbsentForKeysNeverSeenAndForNull");
    found(Fault.ACCEPTS_ANY_KEY, "refusesKeysThatAreNotTheEntitys");
    found(Fault.FORGETS_DEFAULTS, "answersNullByTheDefault");
    found(Fault.DROPS_WITHDRAWN, "answersAbsentWhereAllEventsWereWithdrawn");
    found(Fault.NEVER_EXPIRES, "expiresWhatIsPastItsTtlOrItsStaleness");
    found(Fault.HIDES_THE_FUTURE, "answersOfBeforeThePublishInstantWithWhatIsPublished");
    found(Fault.WRITES_THROUGH, "showsNothingOfWhatIsNotPublished");
    found(Fault.PUBLISHES_WHAT_WAS_STOPPED, "forgetsAPublicationWhoseWriterWasStopped");
    found(Fault.MIXES_PUBLICATIONS, "answersOfOnePublicationWhileOthersReplaceIt");
    found(Fault.NEVER_REFRESHES, "answersOfTheNewestWhenOpenedAndRefreshedAndAfterItsOwn");
    found(Fault.KEEPS_FORMER_ROWS, "replacesAllByALaterInstant");
    found(Fault.FORGETS_WITHDRAWALS, "storesTheSameWhereLittleChanges");
    found(Fault.KEEPS_ROWS_OF_THE_INSTANT, "replacesAllOfTheSameInstant");
    found(Fault.LAST_WINS, "replacesNothingByAnEarlierInstantThatKnowsNoMore");
    found(Fault.NEVER_GOES_BACK, "storesTheSameInWhateverOrderInstantsArePublished");
    found(Fault.EARLIER_REPLACES, "takesOfAnEarlierInstantThatKnowsMoreNewKeysAndNewerEvents");
    found(Fault.MIXES_COLUMNS, "refusesAnEarlierInstantWithOtherColumns");
    found(Fault.PUBLISHES_ON_WHAT_IT_BEGAN_WITH, "losesNothingOfTwoPublishersAtATime");
    found(Fault.REPLACES_ANOTHER_LAKES, "replacesWhatAnotherLakePublishedOnlyIfThatIsSaid");
    found(Fault.GIVES_A_NUMBER_TWICE, "letsOnlyOneOfManyPublishersHaveANumber");
    found(Fault.HAS_ONE_PARTITION, "storesTheSameInHoweverManyPartitions");
    found(Fault.IGNORES_AN_EMPTY_SNAPSHOT, "publishesThatThereIsNothing");
    found(Fault.CLOSES_FORMER_PUBLICATIONS, "readsRowsOfFormerPublicationsInKeyOrder");
    found(Fault.TAKES_ROWS_IN_ANY_ORDER, "refusesRowsThatAreOutOfOrder");
    found(Fault.OVERWRITES_COMPARISONS, "keepsTheFirstComparisonOfEachPublication");
    found(Fault.LISTS_BY_TIME, "listsWhatIsPublished");
    found(Fault.OPENS_SOMETHING_ELSE, "isOpenedElsewhereByItsFactory");
  }

  private static void found(Fault fault, String test) {
    FOUND_BY.put(fault, test);
  }

  /** The kit over a store with faults. */
  private static final class OverFaults extends OnlineStoreContract {
    private final MemoryOnlineStore.Place place = new MemoryOnlineStore.Place();
    private final Fault fault;

    private OverFaults(Fault fault) {
      this.fault = fault;
    }

    @Override
    protected OnlineStore open() {
      return new MemoryOnlineStore(place, fault);
    }
  }

  @Nested
  class HoldsInMemory extends OnlineStoreContract {
    private final MemoryOnlineStore.Place place = new MemoryOnlineStore.Place();

    @Override
    protected OnlineStore open() {
      return new MemoryOnlineStore(place);
    }
  }

  @TestFactory
  Stream<DynamicTest> findsTheFault() {
    return FOUND_BY.entrySet().stream()
        .map(
            found ->
                dynamicTest(
                    found.getKey() + " by " + found.getValue(),
                    () -> {
                      Method test = OnlineStoreContract.class.getMethod(found.getValue());
                      assertThatThrownBy(() -> test.invoke(new OverFaults(found.getKey())))
                          .isInstanceOf(InvocationTargetException.class);
                    }));
  }

  @Test
  void eachTestFindsAFaultAndEachFaultIsFound() {
    assertThat(FOUND_BY).containsOnlyKeys(Fault.values());
    assertThat(FOUND_BY.values())
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(OnlineStoreContract.class.getMethods())
                .filter(method -> method.isAnnotationPresent(Test.class))
                .map(Method::getName)
                .toList());
  }
}
