package io.tributary.ingest.quarantine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.ingest.quarantine.Quarantine.Held;
import io.tributary.ingest.quarantine.Quarantine.HeldRow;
import io.tributary.ingest.quarantine.Quarantine.ReasonCount;
import io.tributary.ingest.quarantine.Quarantine.Released;
import io.tributary.ingest.quarantine.Quarantine.State;
import io.tributary.source.Reason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TestQuarantineText {
  private static Held held(long rows, Map<State, Long> states, HeldRow... list) {
    return new Held(
        "trips",
        rows,
        1,
        states,
        List.of(new ReasonCount("expect_column_values_to_be_between", "minutes", rows)),
        List.of(list));
  }

  private static HeldRow row(State state, String raw, String message) {
    return new HeldRow(
        3,
        "data/trips.csv",
        12,
        "run",
        state,
        raw,
        List.of(new Reason("cast", "minutes", message)));
  }

  @Test
  void saysWhatIsHeldWhyAndWhatToDo() {
    assertThat(
            QuarantineText.of(
                held(1_200, Map.of(State.HELD, 1_200L), row(State.HELD, "1,A,900", "is 900"))))
        .containsExactly(
            "quarantine.trips: 1,200 rows of 1 delivery",
            "       1,200  held back by expectations or a rejection: can be released",
            "",
            "REASON                              COLUMN         ROWS",
            "expect_column_values_to_be_between  minutes       1,200",
            "",
            "data/trips.csv:12  delivery 3  can be released",
            "    cast(minutes): is 900",
            "    | 1,A,900",
            "",
            "These are 1 of 1,200 rows. All: --json. More: --limit N. Fewer: --delivery N,"
                + " --reason RULE, --rows FILE:LINES.",
            "Release rows that are good as they are: tributary quarantine release trips --rows"
                + " FILE:LINES --because TEXT");
  }

  @Test
  void keepsALineThatIsWrittenToMoveACursorOnOneLineAndShort() {
    String face = "\uD83D\uDE00";
    List<String> lines =
        QuarantineText.of(
            held(
                1,
                Map.of(State.MALFORMED, 1L),
                row(State.MALFORMED, "a\nb\u001B[2J" + face.repeat(200), "bad\tone")));

    assertThat(lines).contains("    cast(minutes): bad\\x09one");
    assertThat(lines)
        .contains("    | a\\nb\\x1B[2J" + face.repeat(160 - "a\\nb\\x1B[2J".length()) + "…")
        .noneMatch(line -> line.startsWith("Release rows"))
        .noneMatch(line -> line.startsWith("These are"));
  }

  @Test
  void saysWhatAReleaseDid() {
    assertThat(
            QuarantineText.of(
                new Released(
                    "trips", Optional.of(4L), 1, 2, 1_000, 1, List.of(2L, 3L), List.of(5L))))
        .containsExactly(
            "Released 1 row of trips, as its delivery 4. The next ingest admits them: tributary"
                + " ingest trips",
            "2 rows had been released before, and will not enter twice.",
            "1,001 rows cannot be released (1,000 malformed, 1 without key or time or with a"
                + " failing expression). Mend the lines, and deliver the file again.",
            "Ingest no longer fails for the rejected delivery 2, 3.",
            "Ingest still fails for the rejected delivery 5, of which other rows are held back by the"
                + " rejection alone.");
    assertThat(
            QuarantineText.of(
                new Released("trips", Optional.empty(), 0, 0, 0, 0, List.of(), List.of())))
        .containsExactly("Nothing to do: all that can be released has been.");
  }
}
