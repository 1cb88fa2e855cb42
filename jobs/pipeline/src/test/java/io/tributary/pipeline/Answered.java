package io.tributary.pipeline;

import io.tributary.console.Tributary;
import io.tributary.runtime.JobMain;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a command answered. */
record Answered(int code, String out, String err) {
  static Answered by(String command, Path project, String lake, String... words) {
    List<String> line = new ArrayList<>(List.of(command));
    line.addAll(List.of(words));
    line.addAll(List.of("--project", project.toString(), "--lake", lake));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Tributary.run(
            new PrintWriter(out, true), new PrintWriter(err, true), line.toArray(String[]::new));
    return new Answered(code, out.toString(), err.toString());
  }

  /** What a heavy command did, as JSON; its progress is left out. */
  static Answered by(String command, JobMain.Body body, List<String> words) {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      List<String> line = new ArrayList<>(words);
      line.add("--json");
      int code = JobMain.run(command, line.toArray(String[]::new), body);
      return new Answered(code, out.toString(StandardCharsets.UTF_8), "");
    } finally {
      System.setOut(before);
    }
  }
}
