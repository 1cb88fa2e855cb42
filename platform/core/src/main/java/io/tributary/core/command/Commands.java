package io.tributary.core.command;

import io.tributary.core.JobKey;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The catalogue of commands: the one place that lists them, a command a line. All else that names
 * commands is generated from it or compared with it by a test: {@code bin/commands}, by which
 * {@code bin/tributary} starts the right JVM; what {@code --help} prints; the steps of a pipeline;
 * the table in {@code docs/submit.md}.
 *
 * <p>The columns are those of {@link CommandEntry}. A command without a main class has subcommands;
 * one with a main class may have some, which stand before it: the launcher takes the first that
 * fits.
 */
public final class Commands {
  private static final String CATALOGUE =
      """
      words              | class path | main class                        | works on      | operands          | required options                           | interval | what it does
      init               | light      | console.InitCommand               | project       | DIR               |                                            | none     | make a project that runs as it is
      doctor             | light      | console.DoctorCommand             | lake          |                   |                                            | none     | examine machine, project and lake, and say who must act
      upgrade            | light      | console.UpgradeCommand            | lake          |                   |                                            | none     | bring a lake that an older build wrote up to this build's format
      show               | light      | console.ShowCommand               | definition    | [THING]           |                                            | none     | a definition as it stands with all its defaults
      pipeline           | light      | console.PipelineCommand           | pipeline      | [NAME]            |                                            | none     | what a pipeline runs, in which order, and what each step needs
      features           | light      |                                   | view          |                   |                                            | none     | feature views: list them, show one, read the online store
      features list      | light      | console.FeaturesCommand$ListViews | view          |                   |                                            | none     | the feature views, and what is published of each
      features show      | light      | console.FeaturesCommand$Show      | view          | VIEW              |                                            | none     | a feature view, completed with its defaults
      features get       | light      | console.FeaturesCommand$Get       | view          | VIEW KEY…         |                                            | none     | the online store's answer for one entity
      serve              | serving    | serve.ServeMain                   | project       |                   |                                            | none     | serve the published features over HTTP
      token              | light      |                                   | project       |                   |                                            | none     | who may ask a server of the project: make, list, revoke tokens
      token create       | light      | console.TokenCommand$Create       | project       | NAME              | --role ROLE                                | none     | make a token, and print it this once
      token list         | light      | console.TokenCommand$ListTokens   | project       |                   |                                            | none     | the tokens that are good, what they open, when they were last used
      token revoke       | light      | console.TokenCommand$Revoke       | project       | NAME              | --reason TEXT                              | none     | say that a token is good no longer
      registry           | light      |                                   | model         |                   |                                            | none     | model versions: find, show, compare; promote, roll back, retire
      registry list      | light      | console.RegistryCommand$ListModels| model         |                   |                                            | none     | the models and their versions that may be used
      registry search    | light      | console.SearchCommand             | model-version | [EXPRESSION]      |                                            | none     | versions by measures, tags, aliases, status, dates, author
      registry show      | light      | console.RegistryCommand$Show      | model-version | VERSION           |                                            | none     | one version with all that it is from
      registry compare   | light      | console.CompareCommand            | model-version | VERSION VERSION…  |                                            | none     | versions side by side: measures, parameters, inputs, definitions
      registry card      | heavy      | train.ModelCardMain               | model-version | VERSION           | --html FILE                                | none     | a version's card as a page: how good, how surely, blind spots
      registry challenge | heavy      | train.ChallengeMain               | model-version | VERSION           |                                            | none     | a version beside the one in production, on the same rows
      registry evaluate  | heavy      | train.EvaluateMain                | model-version | VERSION           |                                            | none     | measure a version on labelled rows that it was not fitted to
      registry register  | light      | console.RegisterCommand           | model         | DIR               |                                            | none     | register a model that was trained elsewhere, from its files
      registry history   | light      | console.RegistryCommand$History   | model         | [MODEL]           |                                            | none     | everything that was done to a model, or to all
      registry promote   | light      | console.RegistryCommand$Promote   | model-version | VERSION [ALIAS]   | --reason TEXT                              | none     | let an alias stand for a version that its rules and a comparison admit
      registry rollback  | light      | console.RegistryCommand$Rollback  | model         | MODEL [ALIAS]     | --reason TEXT                              | none     | let an alias stand for the version that it stood for before
      registry unblock   | light      | console.RegistryCommand$Unblock   | model         | MODEL             | --reason TEXT                              | none     | allow promotions again that a breach blocks
      registry retire    | light      | console.RegistryCommand$Retire    | model-version | VERSION           | --reason TEXT                              | none     | say that a version must not be used any more
      registry describe  | light      | console.VersionNotes$Describe     | model-version | VERSION TEXT      |                                            | none     | say what a version is, for people
      registry tag       | light      | console.VersionNotes$Tag          | model-version | VERSION [TAG…]    |                                            | none     | set tags of a version, key=value, or remove them
      registry hold      | light      | console.VersionNotes$Hold         | model-version | VERSION           | --reason TEXT                              | none     | hold a version, so that nothing of it goes
      registry release   | light      | console.VersionNotes$Release      | model-version | VERSION           | --reason TEXT                              | none     | end the hold of a version
      registry export    | light      | console.ArchiveCommands$Export    | model-version | VERSION           | --to FILE                                  | none     | write a version to a file that another lake imports
      registry import    | light      | console.ArchiveCommands$Import    | model         | FILE              |                                            | none     | register a version that another lake exported
      runs               | light      | console.RunsCommand               | run           | [RUN]             |                                            | none     | what ran in the lake, how it ended, what it cost
      lineage            | light      | console.LineageCommand            | thing         | THING             |                                            | none     | where a thing comes from, and what was made of it
      trace              | light      | console.TraceCommand              | thing         | THING             |                                            | none     | what a prediction, model or table was made of, back to files
      trace --verify     | heavy      | pipeline.VerifyMain               | thing         | PREDICTION…       | --verify                                   | optional | derive each link of predictions again: proven, or broken
      reproduce          | heavy      | pipeline.ReproduceMain            | thing         | THING             |                                            | none     | make a training set or a model again, and compare to the bit
      impact --exact     | heavy      | pipeline.ExactImpactMain          | thing         | THING             | --exact                                    | none     | recompute what an impact lists: which predictions change
      impact             | light      | console.ImpactCommand             | thing         | THING             |                                            | none     | what was made from a delivery, view, run or model
      diff               | heavy      | pipeline.DiffMain                 | definition    | [THING] [THING]   |                                            | none     | in what definitions differ: in meaning, or in wording
      airflow            | light      |                                   | airflow       |                   |                                            | none     | the Airflow that runs the project: status, runs, backfills
      airflow status     | light      | console.AirflowCommand$Status     | airflow       |                   |                                            | none     | its processes, the project's DAGs and their last runs
      airflow trigger    | light      | console.AirflowCommand$Trigger    | airflow       | [DAG]             |                                            | optional | start a run of a DAG, once for a night
      airflow follow     | light      | console.AirflowCommand$Follow     | airflow       | [DAG] RUN         |                                            | none     | stay until a run has ended, and say how
      airflow logs       | light      | console.AirflowCommand$Logs       | airflow       | [DAG] RUN [TASK]  |                                            | none     | what the tasks of a run wrote
      airflow clear      | light      | console.AirflowCommand$Clear      | airflow       | [DAG] RUN         |                                            | none     | let tasks of a run go again
      airflow backfill   | light      | console.BackfillCommand           | airflow       | ACTION            |                                            | none     | nights that have passed: create, list, watch, pause, cancel
      airflow setup      | light      | console.AirflowCommand$Setup      | airflow       |                   |                                            | none     | prepare an Airflow for the project: version, DAGs, pool
      airflow demo       | light      | console.DemoCommand               | airflow       |                   |                                            | none     | a local Airflow with the project's DAGs, to look at
      notify             | light      | console.NotifyCommand             | project       |                   |                                            | none     | deliver notices that their receivers have not got yet
      check              | serving    | check.CheckMain                   | project       |                   |                                            | none     | everything that can be known of a project without running it
      run                | heavy      | pipeline.RunMain                  | pipeline      | [PIPELINE]        |                                            | optional | the whole nightly flow, interval by interval
      ingest             | heavy      | ingest.IngestMain                 | source        | [SOURCE…]         |                                            | optional | load what was delivered, judge it, quarantine bad rows
      quarantine         | heavy      |                                   | source        |                   |                                            | none     | show what is held back, and release rows that are good
      quarantine show    | heavy      | ingest.quarantine.QuarantineMain  | source        | SOURCE            |                                            | none     | what is held back of a source, and for which reasons
      quarantine release | heavy      | ingest.quarantine.QuarantineMain  | source        | SOURCE            | --because TEXT                             | none     | release rows that are good as they are
      materialize        | heavy      | features.MaterializeMain          | view          | [VIEW…]           |                                            | required | take feature snapshots of an interval
      publish            | heavy      | features.PublishMain              | view          | [VIEW…]           |                                            | required | publish the snapshots online
      consistency        | heavy      | features.ConsistencyMain          | project       |                   |                                            | optional | compare what servers answered with what was published
      training-set       | heavy      | features.TrainingSetMain          | training-set  | [NAME…]           |                                            | none     | build a training set, point-in-time correct
      join               | heavy      | pipeline.JoinMain                 | rows          |                   | --rows FILE --features VIEW,… --out FOLDER | none     | features for the rows of a file, with or without a lake
      explain            | heavy      | pipeline.ExplainMain              | feature       | VIEW@N.FEATURE    | --key COLUMN=VALUE --at INSTANT            | none     | how one feature of one entity came by its value
      amend              | heavy      | pipeline.AmendMain                | view          | VIEW@N            | --reason TEXT                              | none     | give a view's version another meaning; name what becomes stale
      clean              | heavy      | pipeline.CleanMain                | lake          |                   |                                            | none     | remove what nobody needs any more; say who keeps the rest
      train              | heavy      | train.TrainMain                   | model         | [MODEL…]          |                                            | none     | fit, evaluate and register a model
      retrain            | heavy      | pipeline.RetrainMain              | model         | [MODEL…]          |                                            | none     | train again what breaches decided, and compare with the champion
      score              | heavy      | score.ScoreMain                   | scores        | [SCORES…]         |                                            | required | score an interval's rows with a registered model
      monitor show       | heavy      | monitor.MonitorShowMain           | monitor       | [MONITOR…]        |                                            | optional | what a monitor's verdicts say of a night, in words and as a page
      monitor            | heavy      | monitor.MonitorMain               | monitor       | [MONITOR…]        |                                            | required | answer a monitor's questions for an interval's scores
      """;

  /** Those that a pipeline's steps may name, in the order in which messages list them. */
  private static final List<String> STEPS =
      List.of("ingest", "materialize", "publish", "training-set", "train", "score", "monitor");

  private static final Map<String, CommandEntry> ALL = new LinkedHashMap<>();

  static {
    CATALOGUE.lines().skip(1).map(Commands::entry).forEach(entry -> ALL.put(entry.words(), entry));
  }

  private Commands() {}

  private static CommandEntry entry(String line) {
    String[] cell = Arrays.stream(line.split("\\|", -1)).map(String::strip).toArray(String[]::new);
    return new CommandEntry(
        cell[0],
        ClassPath.valueOf(constant(cell[1])),
        cell[2].isEmpty() ? Optional.empty() : Optional.of("io.tributary." + cell[2]),
        Subject.valueOf(constant(cell[3])),
        cell[4],
        cell[5],
        IntervalUse.valueOf(constant(cell[6])),
        cell[7]);
  }

  private static String constant(String text) {
    return text.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /** All commands that can be run, in the order of help and docs. */
  public static List<CommandEntry> all() {
    return ALL.values().stream().filter(c -> c.main().isPresent()).toList();
  }

  /** The first words that a user can type: commands, and those that have subcommands. */
  public static List<CommandEntry> first() {
    return ALL.values().stream().filter(c -> c.subcommand().isEmpty()).toList();
  }

  /** The subcommands of a command; may be empty. */
  public static List<CommandEntry> below(String command) {
    return ALL.values().stream()
        .filter(c -> c.subcommand().isPresent() && c.command().equals(command))
        .toList();
  }

  /** The command of these words: {@code run}, {@code registry}, {@code registry show}. */
  public static Optional<CommandEntry> find(String words) {
    return Optional.ofNullable(ALL.get(words));
  }

  /** The commands that may be steps of a pipeline. */
  public static List<CommandEntry> steps() {
    return STEPS.stream().map(ALL::get).toList();
  }

  /**
   * What a run of a step does, by kind and name, {@code scores departures}; empty for a job that is
   * no step, as a user's own.
   */
  public static Optional<String> definition(JobKey run) {
    return STEPS.contains(run.job())
        ? Optional.of(ALL.get(run.job()).subject().text() + " " + run.subject())
        : Optional.empty();
  }

  /**
   * The contents of {@code bin/commands}: the class path and main class of each command that is not
   * light.
   */
  public static String launchers() {
    return all().stream()
        .filter(c -> c.classPath() != ClassPath.LIGHT)
        .map(c -> String.join("\t", c.words(), c.classPath().text(), c.main().orElseThrow()) + "\n")
        .collect(Collectors.joining());
  }

  /** The table in {@code docs/submit.md}, a command a line. */
  public static String submitTable() {
    return all().stream()
        .filter(CommandEntry::isSubmitted)
        .map(
            c ->
                "| `tributary %s` | `%s` | `%s` |\n"
                    .formatted(
                        c.words(),
                        c.main().orElseThrow(),
                        (c.subcommand().orElse("") + " " + c.arguments()).strip()))
        .collect(
            Collectors.joining("", "| command | `--class` | arguments |\n|---|---|---|\n", ""));
  }
}
