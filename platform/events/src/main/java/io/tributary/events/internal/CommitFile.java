package io.tributary.events.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.core.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The actions of one commit file that light readers use.
 *
 * @param version the commit's version
 * @param modified the file's modification time, milliseconds since 1970
 */
public record CommitFile(
    long version,
    long modified,
    Optional<JsonNode> commitInfo,
    Optional<JsonNode> metadata,
    Optional<JsonNode> protocol,
    List<FileAction> added,
    List<FileAction> removed) {
  /** The tag of the file that a fold adds: the version that it folds. */
  static final String FOLDS = "folds";

  /**
   * A data file that was added or removed.
   *
   * @param path as the log has it: relative to the table and URL-escaped, or absolute
   * @param folds the version folded, for a file that a fold has written; else −1
   * @param deleted when a removed file was, milliseconds since 1970; −1 where nothing says so
   */
  public record FileAction(String path, boolean dataChange, long folds, long deleted) {}

  /**
   * The version up to which the added files have all rows, if the commit is a fold of an event log.
   */
  Optional<Long> folds() {
    return added.stream().map(FileAction::folds).filter(f -> f >= 0).max(Long::compare);
  }

  /** Reads a commit file; {@link IOException} when it is not one. */
  static CommitFile parse(long version, long modified, byte[] json) throws IOException {
    Optional<JsonNode> info = Optional.empty();
    Optional<JsonNode> metadata = Optional.empty();
    Optional<JsonNode> protocol = Optional.empty();
    List<FileAction> added = new ArrayList<>();
    List<FileAction> removed = new ArrayList<>();
    int actions = 0;
    try (JsonParser parser = Json.mapper().getFactory().createParser(json)) {
      while (parser.nextToken() != null) {
        expect(parser, JsonToken.START_OBJECT);
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.getCurrentName();
          parser.nextToken();
          actions++;
          switch (name) {
            case "commitInfo" -> info = Optional.of(parser.readValueAsTree());
            case "metaData" -> metadata = Optional.of(parser.readValueAsTree());
            case "protocol" -> protocol = Optional.of(parser.readValueAsTree());
            case "add" -> added.add(file(parser));
            case "remove" -> removed.add(file(parser));
            default -> parser.skipChildren();
          }
        }
      }
    }
    if (actions == 0) {
      throw new IOException("it holds no action");
    }
    return new CommitFile(version, modified, info, metadata, protocol, added, removed);
  }

  private static FileAction file(JsonParser parser) throws IOException {
    expect(parser, JsonToken.START_OBJECT);
    String path = "";
    boolean dataChange = true;
    long folds = -1;
    long deleted = -1;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.getCurrentName();
      parser.nextToken();
      switch (name) {
        case "path" -> path = parser.getText();
        case "deletionTimestamp" -> deleted = parser.getValueAsLong(-1);
        case "dataChange" -> dataChange = parser.getBooleanValue();
        case "tags" -> {
          JsonNode tags = parser.readValueAsTree();
          folds = tags.path(FOLDS).asLong(-1);
        }
        default -> parser.skipChildren();
      }
    }
    return new FileAction(path, dataChange, folds, deleted);
  }

  private static void expect(JsonParser parser, JsonToken token) throws IOException {
    if (parser.currentToken() != token) {
      throw new IOException(
          "an action is expected at " + parser.getTokenLocation().offsetDescription());
    }
  }
}
