package io.tributary.pipeline;

import io.tributary.console.Tributary;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a light command answered. */
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
}
