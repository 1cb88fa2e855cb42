package io.tributary.console;

import io.tributary.console.airflow.Airflow;
import io.tributary.console.airflow.DagRun;
import io.tributary.console.airflow.Following;
import io.tributary.console.airflow.NightlyDag;
import io.tributary.console.airflow.Nights;
import io.tributary.console.airflow.Patience;
import io.tributary.console.airflow.SignIn;
import io.tributary.core.Durations;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.definition.AirflowAddress;
import io.tributary.definition.Project;
import io.tributary.definition.Receiver;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** A project, and the Airflow that runs it. */
record AirflowProject(Project project, Airflow airflow) {
  /** DAGs of a project beside its pipelines', by the last word of their ids. */
  static final List<String> FURTHER = List.of("history", "train", "retrain", "backfill", "clean");

  /** The options of commands that stay until something has ended. */
  static final class Staying {
    @Option(
        names = "--every",
        paramLabel = "DURATION",
        defaultValue = "2s",
        description = "How often it looks (default: ${DEFAULT-VALUE}).")
    private String every;

    @Option(
        names = "--patience",
        paramLabel = "DURATION",
        defaultValue = "10m",
        description =
            "How long a server is waited for that is away, as while it is restarted (default: ${DEFAULT-VALUE}).")
    private String patience;

    Patience patience() {
      return Patience.ofFollowing(positive("--patience", patience));
    }

    Following following(AirflowProject airflow, Consumer<String> out) {
      return new Following(airflow.airflow(), airflow.project().zone(), every(), out);
    }

    void pause() {
      Following.pause(every());
    }

    private Duration every() {
      return positive("--every", every);
    }

    private static Duration positive(String option, String text) {
      Duration duration = Durations.parse(text);
      if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot use %s %s: it is less than a second. Name more, as in 10s."
                .formatted(option, text));
      }
      return duration;
    }
  }

  /** The one that a command is about. */
  static AirflowProject of(ProjectOptions options, Patience patience) {
    Project project = options.project();
    URI url = url(options, project);
    SignIn signIn = SignIn.of(options.environment());
    if ("http".equalsIgnoreCase(url.getScheme()) && !Receiver.isThisMachine(url.getHost())) {
      options.warn(
          "%s is http: anybody on the way there can read who signs in. Name an https address."
              .formatted(url));
    }
    return new AirflowProject(project, Airflow.at(url, signIn, patience, options::warn));
  }

  /**
   * Who signs in is told to a server that the environment names too, or that is this machine: a
   * project is other people's, and may name any.
   */
  private static URI url(ProjectOptions options, Project project) {
    String named = options.environment().getOrDefault("TRIBUTARY_AIRFLOW_URL", "");
    if (named.isBlank()) {
      URI url =
          project
              .airflow()
              .orElseThrow(
                  () ->
                      new PlatformException(
                          ErrorCode.INVALID_REQUEST,
                          "Cannot ask Airflow about project %s: nobody says where it is. Set TRIBUTARY_AIRFLOW_URL, as in http://HOST:8080."
                              .formatted(project.name())));
      if (!Receiver.isThisMachine(url.getHost())) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot sign in at %s: only tributary.yaml of project %s names it, and who signs in is told to no server that the environment does not name. Where it is yours, set TRIBUTARY_AIRFLOW_URL=%s."
                .formatted(url, project.name(), url));
      }
      return url;
    }
    try {
      return AirflowAddress.parse(named);
    } catch (IllegalArgumentException e) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST, "Cannot use TRIBUTARY_AIRFLOW_URL: it " + e.getMessage(), e);
    }
  }

  Nights nights() {
    return new Nights(project.zone());
  }

  NightlyDag dag(String id) {
    return new NightlyDag(airflow, id, nights());
  }

  /** The tag that its DAGs have. */
  String tag() {
    return "tributary:" + project.name();
  }

  /** The pool that its tasks run in. */
  String pool() {
    return "tributary-" + project.name();
  }

  /** The id of one of its DAGs. */
  String id(String word) {
    return project.name() + "." + word;
  }

  /** The id that a word names: as it is, or the last part of one of the project's. */
  String named(String word) {
    return word.contains(".") ? word : id(word);
  }

  /** The DAG of its pipeline. */
  String nightly(String doing) {
    return id(project.pipeline(doing, List.of()).name());
  }

  /** A DAG that a word names; without one that of the pipeline. */
  String dag(String doing, Optional<String> word) {
    return word.map(this::named).orElseGet(() -> nightly(doing));
  }

  /** Whether a word names one of the project's DAGs, and not a run or a task. */
  private boolean isDag(String word) {
    return word.startsWith(project.name() + ".")
        || FURTHER.contains(word)
        || project.pipelines().containsKey(word);
  }

  /**
   * Words of a command line, {@code [DAG] REST…}.
   *
   * @param most how many may follow the DAG
   */
  Words words(String doing, List<String> words, int most) {
    boolean named = !words.isEmpty() && isDag(words.get(0));
    List<String> rest = named ? words.subList(1, words.size()) : words;
    if (rest.size() > most) {
      throw new PlatformException(
          ErrorCode.INVALID_REQUEST,
          "Cannot %s: \"%s\" is too much, where \"%s\" is no DAG of project %s. See --help."
              .formatted(doing, rest.get(rest.size() - 1), words.get(0), project.name()));
    }
    return new Words(
        dag(doing, named ? Optional.of(words.get(0)) : Optional.empty()), List.copyOf(rest));
  }

  /** A DAG and what follows it on a command line. */
  record Words(String dag, List<String> rest) {}

  /** The run that a word names: by its id, or as the day of a night. */
  DagRun run(String doing, String dag, String word) {
    if (Nights.isDay(word)) {
      return dag(dag).run(doing, Nights.parse(word));
    }
    return airflow
        .run(dag, word)
        .orElseThrow(
            () -> {
              airflow.dag(doing, dag);
              return new PlatformException(
                  ErrorCode.NOT_FOUND,
                  "Cannot %s %s: DAG %s has no such run. See tributary airflow status."
                      .formatted(doing, word, dag));
            });
  }
}
