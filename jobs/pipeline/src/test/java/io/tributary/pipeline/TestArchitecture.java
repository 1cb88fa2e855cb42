package io.tributary.pipeline;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import io.tributary.testing.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The arrows of {@code docs/architecture.md}, held over poms and class files. */
class TestArchitecture {
  private static final Path ROOT = Folders.repository();
  private static final Path FIXTURES = ROOT.resolve("jobs/pipeline/target/test-classes");

  /** Modules whose commands and readers must start without a session. */
  private static final String[] SESSION_FREE =
      packages(
          "core",
          "text",
          "events",
          "notify",
          "definition",
          "expression",
          "analysis",
          "online",
          "registry",
          "console",
          "check",
          "serve");

  /** Modules on the class path of the light commands, which has no Spark at all. */
  private static final String[] LIGHT =
      packages(
          "core",
          "text",
          "events",
          "notify",
          "definition",
          "online",
          "serving",
          "drift",
          "model",
          "registry",
          "report",
          "console");

  private static final String[] LEARNING = packages("model", "train", "score");

  private static final String OFFLINE = "io.tributary.offline";

  private static Map<String, Set<String>> allowed;
  private static Map<String, Set<String>> rooms;
  private static JavaClasses written;

  @BeforeAll
  static void readDocumentationAndClasses() throws IOException {
    allowed = ModuleTable.allowed(Files.readString(ROOT.resolve("docs/architecture.md")));
    rooms = ModuleTable.allowed(Files.readString(ROOT.resolve("feature-store/offline/README.md")));
    written =
        new ClassFileImporter()
            .importPaths(
                allowed.keySet().stream()
                    .map(folder -> ROOT.resolve(folder).resolve("target/classes"))
                    .filter(Files::isDirectory)
                    .toList());
  }

  @Test
  void documentsEachModule() {
    assertThat(allowed.keySet())
        .containsExactlyInAnyOrderElementsOf(ModuleTable.modules(ROOT))
        .hasSizeGreaterThan(10);
    assertThat(written).hasSizeGreaterThan(100);
  }

  @Test
  void drawsTheArrowsThatAreDocumented() {
    assertThat(ModuleTable.drawn(ROOT)).isEqualTo(allowed);
  }

  @Test
  void onlyTestsUseWhatIsForTestsWhichUsesNothingOfOurs() {
    assertThat(ModuleTable.drawn(ROOT)).containsEntry("platform/testing", Set.of());
    assertThat(ModuleTable.drawn(ROOT).values()).noneMatch(u -> u.contains("platform/testing"));
    assertThat(written.stream().filter(type -> moduleOf(type).equals("testing")))
        .isNotEmpty()
        .allMatch(
            type ->
                type.getDirectDependenciesFromSelf().stream()
                    .map(use -> use.getTargetClass())
                    .noneMatch(used -> isOurs(used) && !moduleOf(used).equals("testing")));
  }

  /** Rooms of the offline store, by the last part of their packages. */
  @Test
  void drawsTheArrowsBetweenRoomsThatAreDocumented() {
    Map<String, Set<String>> drawn = new TreeMap<>();
    written.stream()
        .filter(TestArchitecture::isOffline)
        .forEach(
            type ->
                type.getDirectDependenciesFromSelf().stream()
                    .map(use -> use.getTargetClass())
                    .filter(TestArchitecture::isOffline)
                    .filter(used -> !roomOf(used).equals(roomOf(type)))
                    .forEach(
                        used ->
                            drawn
                                .computeIfAbsent(roomOf(type), room -> new TreeSet<>())
                                .add(roomOf(used))));
    rooms.keySet().forEach(room -> drawn.putIfAbsent(room, Set.of()));
    assertThat(drawn).isEqualTo(rooms).hasSizeGreaterThan(10);
    rooms.keySet().forEach(room -> assertThat(reached(room)).doesNotContain(room));
  }

  private static Set<String> reached(String room) {
    Set<String> reached = new TreeSet<>(rooms.get(room));
    for (int before = -1; before != reached.size(); ) {
      before = reached.size();
      List.copyOf(reached).forEach(next -> reached.addAll(rooms.get(next)));
    }
    return reached;
  }

  @Test
  void noticesAnArrowThatIsNotDocumented(@TempDir Path tree) throws IOException {
    Files.writeString(
        tree.resolve("pom.xml"),
        "<project><modules><module>jobs/score</module><module>jobs/train</module></modules></project>");
    pom(tree, "jobs/train", "tributary-core");
    pom(tree, "jobs/score", "tributary-train");

    assertThat(ModuleTable.drawn(tree))
        .isEqualTo(Map.of("jobs/train", Set.of(), "jobs/score", Set.of("jobs/train")))
        .isNotEqualTo(ModuleTable.allowed("| `jobs/train` | a | |\n| `jobs/score` | b | |\n"));
  }

  @TestFactory
  Stream<DynamicTest> holds() {
    return rules()
        .map(rule -> DynamicTest.dynamicTest(rule.getDescription(), () -> rule.check(written)));
  }

  /**
   * A rule that no class can break holds nothing: each is broken by a class written to break it.
   */
  @TestFactory
  Stream<DynamicTest> isBrokenByAFixture() {
    JavaClasses fixtures = new ClassFileImporter().importPath(FIXTURES);
    return rules()
        .map(
            rule ->
                DynamicTest.dynamicTest(
                    rule.getDescription(),
                    () -> assertThat(rule.evaluate(fixtures).hasViolation()).isTrue()));
  }

  private static Stream<ArchRule> rules() {
    return Stream.of(
        noClasses()
            .that(resideInAnyPackage(SESSION_FREE))
            .should()
            .dependOnClassesThat()
            .haveNameMatching(
                "org\\.apache\\.spark\\.(sql\\.(SparkSession|SQLContext)|SparkContext|api\\.java\\.JavaSparkContext).*")
            .as("no session in what must work without one"),
        noClasses()
            .that(resideInAnyPackage(LIGHT))
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.apache.spark..", "scala.."))
            .as("no Spark or Scala on the class path of the light commands"),
        noClasses()
            .that(resideOutside(packages("quality")))
            .should()
            .dependOnClassesThat(resideInAPackage("com.amazon.deequ.."))
            .as("Deequ only in quality"),
        noClasses()
            .that(resideOutside(LEARNING))
            .should()
            .dependOnClassesThat(
                resideInAnyPackage("org.deeplearning4j..", "org.nd4j..", "org.datavec.."))
            .as("DL4J and ND4J only in model, train and score"),
        noClasses()
            .that(resideOutside(packages("model")))
            .should()
            .dependOnClassesThat(resideInAPackage("ai.onnxruntime.."))
            .as("ONNX Runtime only in model"),
        noClasses()
            .that(resideOutside(packages("events")))
            .should()
            .dependOnClassesThat(resideInAPackage("io.delta.kernel.."))
            .as("Delta Kernel only in events"),
        noClasses()
            .that(resideOutside("io.tributary.online.rocksdb..", "io.tributary.bench.."))
            .should()
            .dependOnClassesThat(
                resideInAnyPackage("org.rocksdb..", "io.tributary.online.rocksdb.."))
            .as(
                "RocksDB, and the store of its files, only in online.rocksdb and what is measured beside it"),
        noClasses()
            .that(resideOutside("io.tributary.online.redis..", "io.tributary.bench.."))
            .should()
            .dependOnClassesThat(
                resideInAnyPackage("redis.clients..", "io.tributary.online.redis.."))
            .as(
                "Redis' client, and the store of its server, only in online.redis and what is measured beside it"),
        noClasses()
            .that(resideInAnyPackage(OFFLINE + ".engine..", OFFLINE + ".internal.reference.."))
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.apache.spark..", "scala.."))
            .as("no Spark in the point-in-time engine and its reference"),
        ArchRuleDefinition.classes()
            .that(
                DescribedPredicate.describe(
                    "are in the offline store", TestArchitecture::isOffline))
            .should(useOnly("the documented rooms", TestArchitecture::mayEnter))
            .as("rooms of the offline store use only those that they may use"),
        ArchRuleDefinition.classes()
            .should(useOnly("the documented modules", TestArchitecture::mayUse))
            .as("classes use only the modules that their module may use"),
        ArchRuleDefinition.classes()
            .should(useOnly("what is not internal to another", TestArchitecture::isOpenTo))
            .as("what is internal to a module is used by it alone"));
  }

  private static ArchCondition<JavaClass> useOnly(String what, Use allowed) {
    return new ArchCondition<>("use only " + what) {
      @Override
      public void check(JavaClass user, ConditionEvents events) {
        user.getDirectDependenciesFromSelf().stream()
            .filter(use -> isOurs(use.getTargetClass()))
            .filter(use -> !allowed.ok(user, use.getTargetClass()))
            .forEach(use -> events.add(SimpleConditionEvent.violated(user, use.getDescription())));
      }
    };
  }

  /** Whether one class may use another. */
  private interface Use {
    boolean ok(JavaClass user, JavaClass used);
  }

  private static boolean mayUse(JavaClass user, JavaClass used) {
    Set<String> names = new TreeSet<>(List.of("core", moduleOf(user)));
    reach(moduleOf(user), names);
    return names.contains(moduleOf(used));
  }

  /**
   * What a module's dependencies bring along may be used as well: records of lower modules travel
   * in results.
   */
  private static void reach(String module, Set<String> names) {
    allowed.forEach(
        (folder, uses) -> {
          if (ModuleTable.name(folder).equals(module)) {
            uses.stream()
                .map(ModuleTable::name)
                .filter(names::add)
                .forEach(next -> reach(next, names));
          }
        });
  }

  private static boolean mayEnter(JavaClass user, JavaClass used) {
    return !isOffline(used)
        || roomOf(user).equals(roomOf(used))
        || rooms.getOrDefault(roomOf(user), Set.of()).contains(roomOf(used));
  }

  private static boolean isOffline(JavaClass type) {
    return (type.getPackageName() + ".").startsWith(OFFLINE + ".");
  }

  private static String roomOf(JavaClass type) {
    String name = type.getPackageName();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static boolean isOpenTo(JavaClass user, JavaClass used) {
    return moduleOf(user).equals(moduleOf(used)) || !used.getPackageName().contains(".internal");
  }

  private static boolean isOurs(JavaClass type) {
    return type.getPackageName().startsWith("io.tributary.");
  }

  private static String moduleOf(JavaClass type) {
    return type.getPackageName().split("\\.", -1)[2];
  }

  private static String[] packages(String... modules) {
    return Stream.of(modules).map(module -> "io.tributary." + module + "..").toArray(String[]::new);
  }

  private static DescribedPredicate<JavaClass> resideOutside(String... packages) {
    return DescribedPredicate.not(resideInAnyPackage(packages));
  }

  private static void pom(Path tree, String folder, String... uses) throws IOException {
    StringBuilder pom = new StringBuilder("<project><dependencies>");
    for (String use : List.of(uses)) {
      pom.append("<dependency><artifactId>").append(use).append("</artifactId></dependency>");
    }
    Files.createDirectories(tree.resolve(folder));
    Files.writeString(tree.resolve(folder).resolve("pom.xml"), pom + "</dependencies></project>");
  }
}
