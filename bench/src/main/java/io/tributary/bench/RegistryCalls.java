package io.tributary.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.core.Digest;
import io.tributary.core.Json;
import io.tributary.core.Principal;
import io.tributary.registry.Artefact;
import io.tributary.registry.ArtefactStore;
import io.tributary.registry.ModelReference;
import io.tributary.registry.ModelRegistry;
import io.tributary.registry.ModelVersion;
import io.tributary.registry.RegisteredVersion;
import io.tributary.registry.VersionSearch;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;

/**
 * Calls of a registry from one process that has called it before, one after the other: how long
 * each takes, in nanoseconds, by work. Each answer is compared with what is known beforehand.
 */
public final class RegistryCalls {
  private static final String MODEL = "late_arrival";
  private static final Principal BENCH = Principal.osUser("bench");
  private static final int VERSIONS = 1_000;
  private static final int READS = 300;
  private static final int SEARCHES = 50;
  private static final int WRITES = 100;

  private final ModelRegistry registry;
  private final Artefact artefact;
  private final ObjectNode template;
  private final Map<String, List<Long>> nanos = new LinkedHashMap<>();

  private RegistryCalls(String lake) {
    registry = ModelRegistry.open(lake);
    artefact =
        ArtefactStore.open(lake)
            .put(Map.of("bundle.json", "{}".repeat(5_000).getBytes(StandardCharsets.UTF_8)));
    template = Json.mapper().valueToTree(registry.find(MODEL + "@1").version());
    template.set("artefact", Json.mapper().valueToTree(artefact));
    for (long i = registry.models().get(MODEL).versions().size(); i < VERSIONS; i++) {
      registry.register(draft(i), BENCH);
    }
  }

  /**
   * LAKE OUT: a lake with versions of the model, which gains others, and the file of the answers.
   */
  public static void main(String[] args) throws IOException {
    RegistryCalls calls = new RegistryCalls(args[0]);
    calls.measure();
    Files.writeString(Path.of(args[1]), Json.write(calls.nanos));
  }

  private void measure() {
    // As a server's: the first calls are of a process that has just started.
    timed("", READS, this::get, n -> true);
    nanos.clear();
    timed("get", READS, this::get, n -> true);
    timed("get-by-alias", READS, i -> registry.find(MODEL + "@production"), n -> true);
    timed("search-1000", SEARCHES, i -> search("model = " + MODEL).size(), n -> n == VERSIONS);
    registry.tag(MODEL, 777, Map.of("stage", "trial"), List.of(), BENCH);
    timed("search-tag", SEARCHES, i -> search("tag.stage = trial").size(), n -> n == 1);
    timed(
        "register",
        WRITES,
        i -> registry.register(draft(VERSIONS + i), BENCH).number(),
        n -> n > VERSIONS);
  }

  private RegisteredVersion get(long i) {
    RegisteredVersion found = registry.find(MODEL, 1 + i).orElseThrow();
    require(found.version().reference().equals(ModelReference.of(MODEL, 1 + i)), "get");
    return found;
  }

  private List<VersionSearch.Found> search(String text) {
    return registry.search(VersionSearch.parse(text, () -> ZoneOffset.UTC));
  }

  private ModelVersion draft(long i) {
    ObjectNode draft = template.deepCopy();
    draft.put("number", 0);
    draft.put("fingerprint", Digest.of("registered by the benchmark " + i).toString());
    return Json.read(draft.toString(), ModelVersion.class);
  }

  private void timed(String work, int times, LongFunction<Object> call, LongPredicate isRight) {
    List<Long> taken = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      long start = System.nanoTime();
      Object answer = call.apply(i);
      taken.add(System.nanoTime() - start);
      require(!(answer instanceof Number n) || isRight.test(n.longValue()), work);
    }
    nanos.put(work, taken);
  }

  private static void require(boolean right, String work) {
    if (!right) {
      throw new IllegalStateException("A call of " + work + " has a wrong answer.");
    }
  }
}
