package io.tributary.console;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A small project for commands that ask an Airflow. */
record AirflowProjectFolder(Path folder) {
  static AirflowProjectFolder write(Path folder, String more) throws IOException {
    Files.createDirectories(folder.resolve("sources"));
    Files.createDirectories(folder.resolve("pipelines"));
    Files.writeString(
        folder.resolve("tributary.yaml"),
        "project: tiny\nzone: America/New_York\nlake: lake\n" + more);
    Files.writeString(
        folder.resolve("sources/rides.yaml"),
        "source: rides\nread: {path: f.csv}\ncolumns: {id: int, at: timestamp}\nevent-time: at\n");
    Files.writeString(
        folder.resolve("pipelines/nightly.yaml"),
        "pipeline: nightly\nschedule: \"0 6 * * *\"\nsteps: [ingest]\n");
    return new AirflowProjectFolder(folder);
  }

  /** The environment of somebody who signs in. */
  static Map<String, String> environment(URI url, String user, String password) {
    Map<String, String> environment = new HashMap<>();
    environment.put("TRIBUTARY_AIRFLOW_URL", url.toString());
    environment.put("TRIBUTARY_AIRFLOW_USER", user);
    environment.put("TRIBUTARY_AIRFLOW_PASSWORD", password);
    return environment;
  }

  /** What a command said. */
  record Said(int code, String out, String err) {}

  Said run(Map<String, String> environment, String... words) {
    return run(new StringWriter(), environment, words);
  }

  /**
   * @param err what it says on standard error, while it runs
   */
  Said run(StringWriter err, Map<String, String> environment, String... words) {
    List<String> all = new ArrayList<>(List.of("airflow"));
    all.addAll(List.of(words));
    all.add("--project=" + folder);
    StringWriter out = new StringWriter();
    int code =
        Tributary.run(
            new PrintWriter(out), new PrintWriter(err), environment, all.toArray(String[]::new));
    return new Said(code, out.toString(), err.toString());
  }
}
