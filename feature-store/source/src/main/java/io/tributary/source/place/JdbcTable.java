package io.tributary.source.place;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.SeenValue;
import io.tributary.definition.Credential;
import io.tributary.definition.Source;
import io.tributary.definition.SourceInput;
import io.tributary.source.Contract;
import io.tributary.source.SourceRange;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;

/** A table of a database that is read by a watermark. */
public final class JdbcTable implements GrowingTable {
  private static final int ROWS_AT_ONCE = 10_000;
  private static final Set<Integer> ORDERED =
      Set.of(
          Types.SMALLINT,
          Types.INTEGER,
          Types.BIGINT,
          Types.NUMERIC,
          Types.DECIMAL,
          Types.REAL,
          Types.FLOAT,
          Types.DOUBLE,
          Types.VARCHAR,
          Types.CHAR,
          Types.DATE,
          Types.TIMESTAMP,
          Types.TIMESTAMP_WITH_TIMEZONE);

  private final Source source;
  private final SourceInput.Jdbc jdbc;
  private final Optional<Credential> credential;
  private final Contract contract;

  public JdbcTable(Source source, SourceInput.Jdbc jdbc, Optional<Credential> credential) {
    this.source = source;
    this.jdbc = jdbc;
    this.credential = credential;
    this.contract = Contract.of(source);
  }

  /** A column that is read. */
  private record Read(String name, int type, boolean withZone) {}

  @Override
  public String name() {
    return "table " + jdbc.table();
  }

  /** Begins a transaction that sees the table as it is now. */
  @Override
  public Reading open() {
    Properties properties = new Properties();
    credential.flatMap(Credential::user).ifPresent(u -> properties.put("user", u));
    credential.flatMap(Credential::password).ifPresent(p -> properties.put("password", p.reveal()));
    try {
      Connection connection = DriverManager.getConnection(jdbc.url(), properties);
      try {
        connection.setReadOnly(true);
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        return new Reading(connection);
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** One transaction. */
  final class Reading implements GrowingTable.Reading {
    private final Connection connection;
    private final String quote;
    private final List<Read> columns = new ArrayList<>();
    private final Read watermark;

    private Reading(Connection connection) throws SQLException {
      this.connection = connection;
      this.quote = connection.getMetaData().getIdentifierQuoteString().strip();
      try (PreparedStatement none =
              connection.prepareStatement("select * from " + table() + " where 1 = 0");
          ResultSet rows = none.executeQuery()) {
        ResultSetMetaData found = rows.getMetaData();
        List<String> names = new ArrayList<>();
        List<String> shown = new ArrayList<>();
        for (int i = 1; i <= found.getColumnCount(); i++) {
          names.add(found.getColumnName(i));
          shown.add(found.getColumnName(i) + " " + found.getColumnTypeName(i));
        }
        int[] places = contract.match("table " + jdbc.table(), names, shown);
        for (int place : places) {
          if (place != Contract.MISSING) {
            columns.add(
                new Read(
                    names.get(place),
                    found.getColumnType(place + 1),
                    found.getColumnType(place + 1) == Types.TIMESTAMP_WITH_TIMEZONE
                        || found.getColumnTypeName(place + 1).equalsIgnoreCase("timestamptz")));
          }
        }
        int mark = places[contract.find(jdbc.watermark())];
        if (mark == Contract.MISSING) {
          throw contract.broken(
              "table " + jdbc.table(),
              "it lacks its watermark " + jdbc.watermark() + ". Correct the source.");
        }
        this.watermark =
            columns.stream()
                .filter(c -> c.name().equals(names.get(mark)))
                .findFirst()
                .orElseThrow();
      }
    }

    @Override
    public Optional<SourceRange> news(Optional<SourceRange> delivered) {
      String before = delivered.map(SourceRange::upTo).orElse("");
      return greatest(before)
          .map(g -> new SourceRange(jdbc.watermark(), source.isStatic() ? "" : before, g));
    }

    /**
     * The greatest watermark, as text; empty when it is the one that has been delivered, or there
     * are no rows.
     *
     * @param delivered empty = nothing has been
     */
    private Optional<String> greatest(String delivered) {
      String column = quoted(watermark.name());
      try (PreparedStatement query =
              connection.prepareStatement(
                  "select max(" + column + "), count(*) - count(" + column + ") from " + table());
          ResultSet row = query.executeQuery()) {
        row.next();
        if (row.getLong(2) > 0) {
          throw contract.broken(
              "table " + jdbc.table(),
              "%,d rows have no %s, so that new ones can't be distinguished. Give them one."
                  .formatted(row.getLong(2), jdbc.watermark()));
        }
        Object greatest = value(row, 1, watermark);
        if (greatest == null) {
          return Optional.empty();
        }
        if (!delivered.isEmpty()) {
          int compared = compare(greatest, parsed(delivered));
          if (compared < 0) {
            throw contract.broken(
                "table " + jdbc.table(),
                "its greatest "
                    + jdbc.watermark()
                    + " is "
                    + greatest
                    + ", but "
                    + delivered
                    + " has been delivered: rows were removed, or the table was recreated. Restore"
                    + " it, or give the source a new name.");
          }
          if (compared == 0) {
            return Optional.empty();
          }
        }
        return Optional.of(greatest.toString());
      } catch (SQLException e) {
        throw failed(e);
      }
    }

    @Override
    public List<Staging.Kept> copy(SourceRange range, Staging staging) {
      try (Staging.Writing file = staging.begin(new Configuration())) {
        copy(range, file.out());
        return List.of(file.finish());
      } catch (IOException e) {
        throw staging.failed(e);
      }
    }

    private void copy(SourceRange range, OutputStream out) throws IOException {
      String column = quoted(watermark.name());
      String names = columns.stream().map(c -> quoted(c.name())).collect(Collectors.joining(", "));
      String order =
          columns.stream()
              .filter(c -> ORDERED.contains(c.type()) && !c.equals(watermark))
              .map(c -> ", " + quoted(c.name()))
              .collect(Collectors.joining());
      String sql =
          "select "
              + names
              + " from "
              + table()
              + " where "
              + (range.after().isEmpty() ? "" : column + " > ? and ")
              + column
              + " <= ? order by "
              + column
              + order;
      try (PreparedStatement query = connection.prepareStatement(sql);
          GZIPOutputStream packed = new GZIPOutputStream(out, 1 << 16);
          JsonGenerator json = new JsonFactory().createGenerator(packed)) {
        json.configure(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN.mappedFeature(), true);
        json.setRootValueSeparator(null);
        query.setFetchSize(ROWS_AT_ONCE);
        int at = 1;
        if (!range.after().isEmpty()) {
          query.setObject(at++, parsed(range.after()));
        }
        query.setObject(at, parsed(range.upTo()));
        try (ResultSet rows = query.executeQuery()) {
          while (rows.next()) {
            json.writeStartObject();
            for (int i = 0; i < columns.size(); i++) {
              json.writeFieldName(columns.get(i).name());
              write(json, value(rows, i + 1, columns.get(i)));
            }
            json.writeEndObject();
            json.writeRaw('\n');
          }
        }
      } catch (SQLException e) {
        throw failed(e);
      }
    }

    private Object parsed(String text) {
      return switch (watermark.type()) {
        case Types.DATE -> LocalDate.parse(text);
        case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE ->
            watermark.withZone() ? OffsetDateTime.parse(text) : LocalDateTime.parse(text);
        default -> new BigDecimal(text);
      };
    }

    private int compare(Object greatest, Object delivered) {
      if (greatest instanceof LocalDate day) {
        return day.compareTo((LocalDate) delivered);
      }
      if (greatest instanceof OffsetDateTime at) {
        return at.toInstant().compareTo(((OffsetDateTime) delivered).toInstant());
      }
      if (greatest instanceof LocalDateTime at) {
        return at.compareTo((LocalDateTime) delivered);
      }
      return new BigDecimal(greatest.toString()).compareTo((BigDecimal) delivered);
    }

    private String table() {
      return java.util.Arrays.stream(jdbc.table().split("\\.", -1))
          .map(this::quoted)
          .collect(Collectors.joining("."));
    }

    private String quoted(String name) {
      return quote + name + quote;
    }

    @Override
    public void close() {
      try {
        connection.rollback();
        connection.close();
      } catch (SQLException e) {
        throw failed(e);
      }
    }
  }

  private static Object value(ResultSet row, int at, Read column) throws SQLException {
    return switch (column.type()) {
      case Types.DATE -> row.getObject(at, LocalDate.class);
      case Types.TIMESTAMP, Types.TIMESTAMP_WITH_TIMEZONE ->
          column.withZone()
              ? row.getObject(at, OffsetDateTime.class)
              : row.getObject(at, LocalDateTime.class);
      // A number that is none, such as NaN, has no BigDecimal.
      case Types.NUMERIC, Types.DECIMAL -> number(row.getString(at));
      case Types.BIT, Types.BOOLEAN -> row.getObject(at);
      default -> row.getObject(at);
    };
  }

  private static Object number(String text) {
    return text != null && text.matches("-?[0-9]+(\\.[0-9]+)?") ? new BigDecimal(text) : text;
  }

  private static void write(JsonGenerator json, Object value) throws IOException, SQLException {
    if (value == null) {
      json.writeNull();
    } else if (value instanceof Boolean b) {
      json.writeBoolean(b);
    } else if (value instanceof Double d && !Double.isFinite(d)) {
      json.writeString(d.toString());
    } else if (value instanceof Float f && !Float.isFinite(f)) {
      json.writeString(f.toString());
    } else if (value instanceof Number) {
      json.writeNumber(value.toString());
    } else if (value instanceof byte[] bytes) {
      json.writeBinary(bytes);
    } else if (value instanceof Array array) {
      json.writeStartArray();
      for (Object element : (Object[]) array.getArray()) {
        write(json, element);
      }
      json.writeEndArray();
    } else {
      json.writeString(value.toString());
    }
  }

  private PlatformException failed(SQLException e) {
    String state = e.getSQLState() == null ? "" : e.getSQLState();
    String why =
        Optional.ofNullable(e.getMessage()).flatMap(m -> m.lines().findFirst()).orElse(state);
    String said = why.replaceAll("\\.$", "");
    boolean wrong = state.startsWith("42") && !state.equals("42501");
    boolean driver = state.equals("08001") && why.startsWith("No suitable driver");
    return new PlatformException(
        wrong || driver ? ErrorCode.INVALID_DEFINITION : ErrorCode.SERVER,
        "Cannot read table %s of source %s from %s: %s%s"
            .formatted(
                jdbc.table(),
                source.name(),
                jdbc.url(),
                state.startsWith("22") ? SeenValue.of(said) : said,
                driver
                    ? ". Put the database's JDBC driver on the class path."
                    : wrong
                        ? ". Correct the source's table."
                        : ". Check that the server answers and that the credentials may read the table."),
        e);
  }
}
