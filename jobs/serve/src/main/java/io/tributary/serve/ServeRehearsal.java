package io.tributary.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.check.CheckRehearsal;
import io.tributary.console.ServeCommand;
import io.tributary.console.Tributary;
import io.tributary.core.Json;
import io.tributary.definition.FeatureView;
import io.tributary.definition.ProjectReader;
import io.tributary.events.lake.LakeIdentity;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The training run of the class data archive of the commands that compute expressions without a
 * session: {@code bin/tributary} archives the classes that this loads. It checks a project, serves
 * it, and asks for the features of each view on demand.
 */
final class ServeRehearsal {
  private static final int TRIES = 600;

  private ServeRehearsal() {}

  /** Takes a project and the folder of a lake to make. */
  public static void main(String[] args) throws IOException, InterruptedException {
    String project = args[0];
    String lake = args[1];
    CheckRehearsal.main(new String[] {project, "--lake", lake});
    LakeIdentity.ensure(lake, new LakeIdentity.Build(Instant.EPOCH, "code", false));
    StringWriter said = new StringWriter();
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    Thread serving =
        new Thread(
            () ->
                Tributary.run(
                    new PrintWriter(said),
                    err,
                    "serve",
                    new ServeCommand(new CompiledViews()),
                    project,
                    "--lake=" + lake,
                    "--port=0",
                    "--json"));
    serving.start();
    for (int tries = 0; !said.toString().endsWith("\n"); tries++) {
      await(tries, "it does not start: " + said);
    }
    URI url = URI.create(Json.read(said.toString(), JsonNode.class).get("url").textValue());
    for (FeatureView view :
        ProjectReader.read(Path.of(project), System.getenv(), Optional.of(lake)).views().values()) {
      if (view.isOnDemand()) {
        ask(url.resolve("/features"), view);
      }
    }
    serving.interrupt();
    serving.join();
  }

  private static void await(int tries, String what) throws InterruptedException {
    if (tries == TRIES) {
      throw new IllegalStateException("Cannot rehearse serve: " + what);
    }
    TimeUnit.MILLISECONDS.sleep(100);
  }

  /** Asks until the view is compiled. */
  private static void ask(URI address, FeatureView view) throws IOException, InterruptedException {
    ObjectNode body = Json.mapper().createObjectNode();
    body.putArray("features").add(view.id().toString());
    ObjectNode nothing = body.putArray("entities").addObject();
    view.request().keySet().forEach(nothing::putNull);
    for (int tries = 0; ; tries++) {
      HttpURLConnection asked = (HttpURLConnection) address.toURL().openConnection();
      asked.setRequestProperty("Content-Type", "application/json");
      asked.setDoOutput(true);
      asked.getOutputStream().write(body.toString().getBytes(StandardCharsets.UTF_8));
      int status = asked.getResponseCode();
      asked.disconnect();
      if (status == HttpURLConnection.HTTP_OK) {
        return;
      }
      await(tries, "%s is answered with %s.".formatted(view.id(), status));
    }
  }
}
