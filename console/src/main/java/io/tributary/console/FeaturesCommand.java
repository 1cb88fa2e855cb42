package io.tributary.console;

import io.tributary.core.ErrorCode;
import io.tributary.core.Interval;
import io.tributary.core.PlatformException;
import io.tributary.definition.FeatureView;
import io.tributary.definition.Project;
import io.tributary.definition.ViewId;
import io.tributary.online.Answer;
import io.tributary.online.KeyCodec;
import io.tributary.online.OnlineStore;
import io.tributary.online.OnlineStores;
import io.tributary.online.Publication;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tributary features}: lists views and reads the online store. */
final class FeaturesCommand {
  private FeaturesCommand() {}

  /** {@code tributary features list}. */
  @Command
  static final class ListViews implements Runnable {
    @Mixin private ProjectOptions options;

    @Override
    public void run() {
      Project project = options.project();
      try (OnlineStore store = OnlineStores.open(project.online())) {
        List<Listed> views = new ArrayList<>();
        for (FeatureView view : project.views().values()) {
          views.add(
              Listed.of(view, view.isOnDemand() ? Optional.empty() : store.publication(view.id())));
        }
        if (options.json()) {
          options.print(views);
          return;
        }
        TextTable columns =
            new TextTable("VIEW", "ENTITY", "FEATURES", "PUBLISHED FOR", "ROWS", "DESCRIPTION");
        for (Listed v : views) {
          columns.add(
              v.view(),
              String.join(", ", v.entity()),
              v.features().size(),
              v.publishedFor().map(Instant::toString).orElse("-"),
              v.rows().map(Object::toString).orElse(""),
              v.description());
        }
        columns.print(options.out());
      }
    }

    private record Listed(
        ViewId view,
        List<String> entity,
        List<String> features,
        Optional<Instant> publishedFor,
        Optional<Long> rows,
        String description) {
      static Listed of(FeatureView view, Optional<Publication> published) {
        return new Listed(
            view.id(),
            view.isOnDemand() ? List.of("(on demand)") : view.entity(),
            view.featureNames(),
            published.map(Publication::instant),
            published.map(Publication::rows),
            view.description());
      }
    }
  }

  /** {@code tributary features show}. */
  @Command
  static final class Show implements Runnable {
    @Mixin private ProjectOptions options;

    @Parameters(paramLabel = "VIEW", description = "As in carrier_history@1.")
    private String view;

    @Override
    public void run() {
      ShowCommand.show(options, view);
    }
  }

  /** {@code tributary features get}. */
  @Command
  static final class Get implements Runnable {
    @Mixin private ProjectOptions options;

    @Parameters(index = "0", paramLabel = "VIEW", description = "As in carrier_history@1.")
    private String view;

    @Parameters(
        index = "1..*",
        arity = "1..*",
        paramLabel = "KEY",
        description = "One value for each column of the view's entity, in order.")
    private List<String> key;

    @Option(
        names = "--at",
        paramLabel = "INSTANT",
        description = "The instant of the question, which decides what has expired (default: now).")
    private String at;

    @Override
    public void run() {
      Project project = options.project();
      ViewId id = ViewId.parse(view);
      FeatureView defined = project.views().get(id);
      if (defined != null && defined.isOnDemand()) {
        throw new PlatformException(
            ErrorCode.INVALID_REQUEST,
            "Cannot read features of %s: it is computed on demand from what a request brings %s, and nothing of it is stored. Use it in a training set or in scores, whose rows bring that."
                .formatted(id, defined.request().keySet()));
      }
      Instant when = at == null ? Instant.now() : Interval.instant(at, project.zone());
      try (OnlineStore store = OnlineStores.open(project.online())) {
        List<Object> typed = KeyCodec.parse(store.inForce(id).view().keys(), key);
        List<Answer> answers = store.read(id, typed, when);
        if (options.json()) {
          options.print(answers);
          return;
        }
        TextTable columns = new TextTable("FEATURE", "VALUE", "STATUS", "EVENT", "TRUE FOR");
        for (Answer a : answers) {
          columns.add(
              a.feature(),
              a.value().map(Object::toString).orElse("-"),
              a.status().name().toLowerCase(java.util.Locale.ROOT)
                  + (a.isDefault() ? " (default)" : ""),
              a.eventTime().map(Instant::toString).orElse("-"),
              a.publishedFor().map(Instant::toString).orElse("-"));
        }
        columns.print(options.out());
      }
    }
  }
}
