package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.core.PlatformException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code split} of a model may say, and how keys are dealt. */
class TestSplitReading {
  private static final String FILE = "models/next_order.yaml";
  private static final String BY_TIME =
      FullProject.files()
          .get(FILE)
          .lines()
          .filter(
              line ->
                  line.startsWith("  train: ")
                      || line.startsWith("  validate: ")
                      || line.startsWith("  test: "))
          .reduce("", (a, b) -> a + b + "\n");

  @TempDir Path folder;

  private Model read(String split) throws IOException {
    Map<String, String> files = new LinkedHashMap<>(FullProject.files());
    assertThat(files.get(FILE)).contains("split:\n" + BY_TIME);
    files.computeIfPresent(FILE, (f, text) -> text.replace(BY_TIME, split));
    FullProject.write(folder, files);
    return ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty())
        .models()
        .get("next_order");
  }

  private void fails(String split, String why) {
    assertThatThrownBy(() -> read(split))
        .isInstanceOf(PlatformException.class)
        .hasMessageContaining("Cannot check model next_order (" + FILE + ":")
        .hasMessageContaining(why);
  }

  @Test
  void readsSharesOfAKey() throws IOException {
    Model.Split split =
        read("  by: [customer]\n  salt: a\n  train: 70%\n  validate: 12.5 %\n  test: 17.5%\n")
            .split();
    assertThat(split.by()).containsExactly("customer");
    assertThat(split.parts().values())
        .extracting(p -> p.share().orElseThrow())
        .containsExactly(7000, 1250, 1750);
    assertThat(split)
        .hasToString("Split[by=[customer], salt=1 a, train=70%, validate=12.5%, test=17.5%]");
  }

  @Test
  void readsSharesOfAKeyInIntervals() throws IOException {
    Model.Split split =
        read("  by: [customer]\n"
                + "  train: 70% of 2024-01-01T00:00:00Z/2024-03-01T00:00:00Z\n"
                + "  validate: 15%\n"
                + "  test: 15% of 2024-02-01T00:00:00Z/2024-04-01T00:00:00Z\n")
            .split();
    assertThat(split.train().asOf().orElseThrow())
        .hasToString("2024-01-01T00:00:00Z/2024-03-01T00:00:00Z");
    assertThat(split.validate().orElseThrow().asOf()).isEmpty();
    assertThat(split.test()).hasToString("15% of 2024-02-01T00:00:00Z/2024-04-01T00:00:00Z");
    String shown =
        DefinitionPrinter.yaml(
            ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty()),
            "model next_order");
    assertThat(shown)
        .contains("by: [customer]")
        .contains("15% of 2024-02-01T00:00:00Z/2024-04-01T00:00:00Z");
  }

  @Test
  void readsDaysCountedBackFromTheDatasEnd() throws IOException {
    Model.Split split =
        read("  train: -300d/-60d\n  validate: -60d/-30d\n  test: -30d / 0d\n").split();
    assertThat(split).hasToString("Split[train=-300d/-60d, validate=-60d/-30d, test=-30d/0d]");
    assertThat(read("  train: 2024-01-01/-30d\n  test: -30d/0d\n").split().train())
        .hasToString("2023-12-31T23:00:00Z/-30d");
  }

  @Test
  void validationMayBeTakenFromTraining() throws IOException {
    Model.Split split = read("  salt: x\n  train: -300d/-30d\n  test: -30d/0d\n").split();
    assertThat(split.validate()).isEmpty();
    assertThat(split).hasToString("Split[salt=1 x, train=-300d/-30d, test=-30d/0d]");
    String shown =
        DefinitionPrinter.yaml(
            ProjectReader.read(folder, FullProject.ENVIRONMENT, Optional.empty()),
            "model next_order");
    assertThat(shown).contains("salt: x").contains("train: -300d/-30d").doesNotContain("validate");
  }

  @Test
  void anIntervalAloneHasAllKeys() throws IOException {
    assertThat(
            read("  by: [customer]\n  train: 70% of -90d/-30d\n  validate: 20% of -90d/-30d\n"
                    + "  test: -30d/0d\n")
                .split())
        .hasToString(
            "Split[by=[customer], salt=0 , train=70% of -90d/-30d, validate=20% of -90d/-30d,"
                + " test=-30d/0d]");
    assertThat(read("  by: [customer]\n  train: -90d/-30d\n  test: -30d/0d\n").split().parts())
        .containsOnlyKeys("train", "test");
  }

  @Test
  void refusesRangesThatCannotBe() {
    fails(
        "  train: -60d/-300d\n  test: -30d/0d\n",
        "\"split.train\", -60d/-300d, does not end after it begins. Swap or widen its bounds.");
    fails(
        "  train: -60d/2024-05-01\n  test: -30d/0d\n",
        "\"split.train\", -60d/2024-04-30T22:00:00Z, does not end after it begins.");
    fails(
        "  train: 2024-01-01/-30d\n  test: -31d/0d\n",
        "\"split.test\" and \"split.train\" overlap: rows would serve for both. Move one.");
    fails(
        "  by: [customer]\n  train: 70%\n  test: -30d/0d\n",
        "\"split.test\" and \"split.train\" overlap: rows would serve for both. Move one, or give"
            + " each a share of the keys.");
    fails(
        "  by: [customer]\n  train: -90d/-60d\n  validate: -60d/-30d\n  test: -30d/0d\n",
        "\"by\" deals keys, and no part says which share of them it takes. Write a share, as in"
            + " train: 70% of -90d/-60d, or leave \"by\" out.");
    fails(
        "  by: [customer]\n  train: 70% of -90d/-30d\n  test: 100% of -30d/0d\n",
        "add up to 170%, not to 100%. Correct them. A part that is an interval alone has all keys.");
    fails(
        "  train: -30d/+5d\n  test: -40d/-30d\n",
        "\"split.train\" is the text \"-30d/+5d\", not a part");
  }

  @Test
  void refusesWhatDividesNothing() {
    fails(
        "  by: [customer]\n  train: 70%\n  validate: 15%\n  test: 16%\n",
        "the shares of \"split\" add up to 101%, not to 100%. Correct them.");
    fails(
        "  by: [customer]\n  train: 70%\n  validate: 30%\n  test: 0%\n",
        "\"split.test\" is 0%, so no row is in it. Write more.");
    fails(
        "  by: [customer]\n  train: 70%\n  validate: 2024-01-01/2024-02-01\n  test: 30%\n",
        "\"split.validate\" and \"split.train\" overlap: rows would serve for both.");
    fails(
        "  train: 70%\n  validate: 15%\n  test: 15%\n",
        "\"split.train\" is a share, and nothing says of what. Write \"by\"");
    fails("  by: []\n  train: 70%\n  validate: 15%\n  test: 15%\n", "\"by\" names no column.");
    fails(
        "  by: [custmer]\n  train: 70%\n  validate: 15%\n  test: 15%\n",
        "has no column \"custmer\". Did you mean \"customer\"?");
    fails("  salt: a\n" + BY_TIME, "\"salt\" deals the keys of \"by\", and there is none.");
    fails(
        "  train: lots\n  validate: 2024-01-01/2024-02-01\n  test: 2024-02-01/2024-03-01\n",
        "\"split.train\" is the text \"lots\", not a part");
  }

  /** Computed by Python: int(hashlib.sha256(text).hexdigest()[:12], 16) % 10000. */
  @Test
  void dealsKeysAsDocumented() {
    assertThat(new SplitBucket("").add("UA").bucket()).isEqualTo(5097); // 0:,2:UA,
    SplitBucket hash = new SplitBucket("s1");
    assertThat(hash.add("12").addNull().bucket()).isEqualTo(7505); // 2:s1,2:12,-,
    assertThat(hash.add("\u00e9").add(new byte[] {0, -1}).bucket()).isEqualTo(7353);
    assertThat(hash.add("12").addNull().bucket()).isEqualTo(7505);
    assertThat(hash.add("1").add("2").bucket()).isNotEqualTo(hash.add("12").bucket());
  }
}
