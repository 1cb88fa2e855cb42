package io.tributary.definition.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.definition.FullProject;
import io.tributary.definition.Problem;
import io.tributary.definition.ProjectReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.CollectionNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Breaks every key of every kind of file, one at a time, and damages files at random. */
class TestBrokenFiles {
  private static final Set<String> ANY_TEXT = Set.of("text", "an SQL expression", "a path");

  @TempDir Path folder;

  /** A key where it is written. */
  private record Place(String file, YamlKey<?> key, ScalarNode name, Node value) {
    int line() {
      return name.getStartMark().orElseThrow().getLine() + 1;
    }

    int start() {
      return name.getStartMark().orElseThrow().getIndex();
    }

    int end() {
      return name.getEndMark().orElseThrow().getIndex();
    }

    /** The file's text with another value. */
    String with(String text, String other) {
      int from = value.getStartMark().orElseThrow().getIndex();
      boolean block =
          value instanceof CollectionNode<?> c
              ? c.getFlowStyle() == FlowStyle.BLOCK
              : ((ScalarNode) value).getScalarStyle() == ScalarStyle.LITERAL;
      int to = value.getEndMark().orElseThrow().getIndex();
      if (block) {
        to = text.lastIndexOf('\n', to - 1);
        from = end() + 1;
      }
      return text.substring(0, from).stripTrailing() + " " + other + text.substring(to);
    }
  }

  @BeforeEach
  void writeAWholeProject() throws IOException {
    FullProject.write(folder, FullProject.files());
    assertThat(problems()).isEmpty();
  }

  @Test
  void coversEveryKeyThereIs() {
    List<YamlKey<?>> written = places().stream().<YamlKey<?>>map(Place::key).toList();
    List<YamlKey<?>> known = new ArrayList<>();
    known.addAll(withInner(ProjectFileParser.KEYS));
    for (DefinitionKind kind : DefinitionKind.values()) {
      known.addAll(withInner(kind.keys()));
    }
    assertThat(written).containsAll(known);
  }

  @Test
  void aMisspeltKeyIsNamedWithItsLineAndTheKeyThatWasMeant() throws IOException {
    for (Place place : places()) {
      String text = FullProject.files().get(place.file());
      String name = place.key().name();
      String misspelt = name + "x";
      replace(
          place.file(), text.substring(0, place.start()) + misspelt + text.substring(place.end()));
      assertThat(problems())
          .as("%s:%d %s", place.file(), place.line(), misspelt)
          .anySatisfy(
              p -> {
                assertThat(p.location()).hasToString(place.file() + ":" + place.line());
                assertThat(p.message())
                    .contains("unknown key \"" + misspelt + "\"")
                    .contains("Did you mean \"" + name + "\"?");
              });
      restore(place.file());
    }
  }

  @Test
  void aMistypedValueIsNamedWithItsLine() throws IOException {
    int broken = 0;
    for (Place place : places()) {
      for (String other : List.of("{zzz: {y: 1}}", "[[]]", "[{zzz: 1}]", "", "\"@@ 17 ~\"")) {
        if (other.startsWith("\"") && ANY_TEXT.contains(place.key().type().name())) {
          continue;
        }
        String text = FullProject.files().get(place.file());
        replace(place.file(), place.with(text, other));
        assertThat(problems())
            .as("%s:%d %s: %s", place.file(), place.line(), place.key().name(), other)
            .anySatisfy(
                p -> assertThat(p.location()).hasToString(place.file() + ":" + place.line()));
        restore(place.file());
        broken++;
      }
    }
    assertThat(broken).isGreaterThan(500);
  }

  @Test
  void damageIsAlwaysAProblemAndNeverAnException() throws IOException {
    Random random = new Random(20131031);
    List<String> names =
        FullProject.files().keySet().stream().filter(n -> n.endsWith(".yaml")).toList();
    String pieces = "{}[]()'\"`:,#&*!|>-?%@ \t\n\\$~\u00e9\u0000_0azZ";
    int refused = 0;
    for (int round = 0; round < 300; round++) {
      String file = names.get(random.nextInt(names.size()));
      StringBuilder text = new StringBuilder(FullProject.files().get(file));
      for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
        int at = random.nextInt(text.length());
        char piece = pieces.charAt(random.nextInt(pieces.length()));
        switch (random.nextInt(3)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.insert(at, piece);
          default -> text.setCharAt(at, piece);
        }
      }
      replace(file, text.toString());
      List<Problem> problems = problems();
      refused += problems.isEmpty() ? 0 : 1;
      for (Problem problem : problems) {
        assertThat(problem.message())
            .startsWith("Cannot check ")
            .contains(problem.location() + "): ");
        assertThat(problem.location().line())
            .as(problem.message())
            .isBetween(1, lines(problem) + 1);
      }
      restore(file);
    }
    assertThat(refused).isGreaterThan(200);
  }

  private long linesOf(Path file) throws IOException {
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    return text.chars().filter(c -> c == '\n').count() + 1;
  }

  private int lines(Problem problem) throws IOException {
    return (int) linesOf(folder.resolve(problem.location().file()));
  }

  private List<Problem> problems() {
    return ProjectReader.check(folder, FullProject.ENVIRONMENT, Optional.empty()).problems();
  }

  private void replace(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }

  private void restore(String file) throws IOException {
    replace(file, FullProject.files().get(file));
  }

  private static List<Place> places() {
    List<Place> places = new ArrayList<>();
    Map<String, String> files = new LinkedHashMap<>(FullProject.files());
    files.forEach(
        (file, text) -> {
          if (file.endsWith(".yaml")) {
            Node root =
                new Compose(LoadSettings.builder().build()).composeString(text).orElseThrow();
            List<YamlKey<?>> keys =
                file.equals("tributary.yaml")
                    ? ProjectFileParser.KEYS
                    : Stream.of(DefinitionKind.values())
                        .filter(kind -> file.startsWith(kind.folder() + "/"))
                        .findFirst()
                        .orElseThrow()
                        .keys();
            collect(file, root, keys, places);
          }
        });
    return places;
  }

  /** Keys of a mapping; below user-chosen names and list items the same keys are looked for. */
  private static void collect(String file, Node node, List<YamlKey<?>> keys, List<Place> places) {
    if (node instanceof SequenceNode list) {
      list.getValue().forEach(item -> collect(file, item, keys, places));
      return;
    }
    if (!(node instanceof MappingNode mapping)) {
      return;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      ScalarNode name = (ScalarNode) tuple.getKeyNode();
      Optional<YamlKey<?>> key =
          keys.stream().filter(k -> k.name().equals(name.getValue())).findFirst();
      if (key.isPresent()) {
        places.add(new Place(file, key.get(), name, tuple.getValueNode()));
        List<YamlKey<?>> inner = key.get().type().keys();
        if (!inner.isEmpty()) {
          if (key.get().type().name().startsWith("a mapping from")) {
            ((MappingNode) tuple.getValueNode())
                .getValue()
                .forEach(t -> collect(file, t.getValueNode(), inner, places));
          } else {
            collect(file, tuple.getValueNode(), inner, places);
          }
        }
      }
    }
  }

  private static List<YamlKey<?>> withInner(List<YamlKey<?>> keys) {
    List<YamlKey<?>> all = new ArrayList<>(keys);
    keys.forEach(k -> all.addAll(withInner(k.type().keys())));
    return all;
  }
}
