package io.tributary.definition;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A project that writes every key there is, for the tests. */
public final class FullProject {
  public static final Map<String, String> ENVIRONMENT =
      Map.of(
          "TILL_PASSWORD",
          "hunter2",
          "HOST",
          "host.acme",
          "MAIL_PASSWORD",
          "hunter3",
          "ALERTS_SECRET",
          "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

  private FullProject() {}

  /** Its files by path below the project's folder. */
  public static Map<String, String> files() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put(
        "tributary.yaml",
        """
        project: acme
        zone: Europe/Berlin
        lake: ${LAKE:-hdfs://acme/lake}
        online: rocksdb:/mnt/${HOST}/online
        lineage: [delta]
        retention: 365d
        suspect: warn
        serving: {record-predictions: 0.5, record-answers: 0.25}
        airflow:
          url: https://airflow.acme.org/team
        credentials:
          till:
            user: reader
            password: ${TILL_PASSWORD}
        notify:
          webhooks:
            on_call:
              url: https://alerts.acme.org/hook
              secret: ${ALERTS_SECRET}
              monitors: [baskets]
              changes: [promoted, rolled-back]
          mail:
            team:
              to: [ops@acme.org, data@acme.org]
              from: tributary@acme.org
              server: smtp.acme.org:465
              security: tls
              user: tributary
              password: ${MAIL_PASSWORD}
              monitors: [baskets]
              changes: [suspect]
        """);
    files.put("expectations/orders.json", "{\"name\": \"orders\", \"expectations\": []}\n");
    files.put(
        "sources/orders.yaml",
        """
        source: orders
        description: "One row an order: what, when."
        owner: shop
        read:
          format: csv
          path: in/orders-*.csv
          header: false
          nulls: [NA, "-", "null"]
          options:
            delimiter: ";"
            quote: "'"
        columns:
          id: bigint
          customer: {type: string, tags: [person, key]}
          amount: "decimal(10,2)"
          lines: array<struct<sku:string,n:int>>
          state: string
          placed: {type: timestamp, format: "dd.MM.yyyy HH:mm"}
          changed: timestamp
          version: bigint
        lookup:
          home:
            source: customers
            keys: [customer]
        derive:
          big: |
            amount > 100
            and state <> 'a, b: c # d'
          label: "concat('#', state, ': ', 'x')"
        event-key: [id]
        on-duplicate-key: refuse
        subject-key: customer
        event-time: placed
        known-time: changed
        tombstone: state = 'withdrawn'
        sequence: version
        zone: America/New_York
        expectations: orders.json
        expect-by: 05:30
        overdue: alert
        static: false
        """);
    files.put(
        "sources/customers.yaml",
        """
        source: customers
        description: Who buys.
        owner: shop
        read:
          path: in/customers.csv
        columns:
          customer: {type: string, was: [client, buyer]}
          since: {type: date, optional: true, was: joined}
        other-columns: ignore
        event-key: [customer]
        zone: UTC
        static: true
        """);
    files.put(
        "sources/visits.yaml",
        """
        source: visits
        description: One row a visit.
        owner: shop
        read:
          path: in/visits.csv
        columns:
          customer: string
          at: date
          pages: int
        event-time: at
        availability-delay: end-of-day + 90m
        """);
    files.put(
        "sources/payments.yaml",
        """
        source: payments
        read:
          format: jdbc
          url: jdbc:postgresql://till.acme:5432/shop
          table: public.payments
          watermark: number
          credentials: till
        columns:
          number: bigint
          paid: timestamp
        event-time: paid
        """);
    files.put(
        "sources/stock.yaml",
        """
        source: stock
        read:
          format: delta
          path: s3a://acme/stock
          change: op
          changed-at: counted
        columns:
          sku: string
          pieces: int
          op: string
          counted: timestamp
        event-key: [sku]
        event-time: counted
        known-time: counted
        tombstone: op = 'delete'
        """);
    files.put(
        "sources/clicks.yaml",
        """
        source: clicks
        read:
          format: json
          path: in/{from:yyyy-MM-dd}/clicks-*.jsonl
        columns:
          at: timestamp
        event-time: at
        """);
    files.put(
        "sources/baskets.yaml",
        """
        source: baskets
        description: Orders before they are placed.
        owner: shop
        query: |
          select id, customer, if(amount > 10, 'from, where', 'b') as kind,
            placed
          from orders
          where not big
        event-key: [id]
        event-time: placed
        zone: UTC
        """);
    files.put(
        "features/orders_1.yaml",
        """
        view: orders@1
        description: What somebody ordered.
        owner: shop
        entity: [customer]
        source: orders
        where: state <> 'over'
        features:
          n: count(*) over 1d, 7d, 7 calendar-days, 1 calendar-day in Europe/Berlin
          sum: sum(amount) where big and state in ('a', 'over') over 90m
          p: percentile(amount, 0.5) over 30d
          recent: last_k(state, 3) over 365d
          quiet: time_since_last() over 30d
          last_state: state
        derived:
          ratio: n_1d / n_7d
        ttl: 30d
        tie-break: [id, amount]
        on-ambiguity: refuse
        knowledge-time: off
        accuracy: snapshot
        publish-delay: 15m
        max-staleness: 2d
        online: false
        default:
          n_1d: 0
          last_state: "none: yet"
        zone: UTC
        tags: [shop, money]
        status: draft
        """);
    files.put(
        "features/orders_2.yaml",
        """
        view: orders@2
        description: What somebody ordered, newer.
        owner: shop
        entity: [customer]
        source: orders
        features:
          n: count(*) over 24h
        status: active
        """);
    files.put(
        "features/request.yaml",
        """
        view: request@1
        description: What a request says.
        owner: shop
        request:
          when: timestamp
          price: "decimal(10, 2)"
        features:
          hour: hour(when)
        derived:
          late: hour > 20
        default:
          hour: 12
        zone: UTC
        tags: [now]
        status: active
        """);
    files.put(
        "training-sets/next_order.yaml",
        """
        training-set: next_order
        description: Will it be withdrawn?
        rows:
          source: baskets
          as-of: placed - interval 1 hour
        label:
          name: withdrawn
          source: orders
          value: state = 'withdrawn'
          where: not big
        features:
          - orders@1
          - view: orders@2
            keys:
              customer: customer
            as: newer
            take: [n_24h]
          - view: request@1
            keys:
              when: placed
              price: id
        known-until: 2024-05-01T12:00:00+02:00
        """);
    files.put(
        "training-sets/spending.yaml",
        """
        training-set: spending
        description: How much is spent in the 90 days after?
        rows:
          source: baskets
          as-of: placed - interval 1 hour
        label:
          name: spent
          value: sum(amount) / count(*) from orders where not big
          where: count(*) > 0
          during: "[0d, 90d)"
          maturity: 2d
          keys: {customer: customer}
        features:
          - orders@1
        """);
    files.put(
        "training-sets/weekly.yaml",
        """
        training-set: weekly
        description: How much is spent in each week?
        rows:
          source: orders
          where: not big
          every: 7d
          entity: [customer]
          from: 2024-01-01
          to: 2024-06-03
        label:
          name: spent
          value: sum(amount) from orders
          during: "(0d, 7d]"
          keys: [customer]
        features:
          - orders@1
        """);
    files.put(
        "training-sets/called.yaml",
        """
        training-set: called
        description: Who was called, and what came of it.
        rows:
          source: calls
          where: agent <> 'test'
          as-of: called
        label:
          name: bought
          value: bought
          where: sure
        features:
          - orders@1
        """);
    files.put(
        "sources/calls.yaml",
        """
        source: calls
        static: true
        read:
          path: in/calls.csv
        columns:
          customer: string
          called: timestamp
          agent: string
          bought: boolean
          sure: boolean
        """);
    files.put(
        "models/called.yaml",
        """
        model: called
        training-set: called
        split:
          by: [customer, agent]
          salt: first
          train: 70% of 2024-01-01/2024-03-01
          validate: 12.5%
          test: 17.5% of 2024-03-01/2024-05-01
        network:
          - dense(8)
        """);
    files.put(
        "models/next_order.yaml",
        """
        model: next_order
        description: How likely it is.
        training-set: next_order
        split:
          train: 2024-01-01/2024-03-01
          validate: 2024-03-01/2024-04-01
          test: 2024-04-01/2024-05-01
        inputs:
          default: raw
          customer: embedding(4)
          kind: one-hot
          newer__n_24h: standardize
        network:
          - dense(32, tanh)
          - dropout(0.25)
        fit:
          updater: sgd
          learning-rate: 0.01
          batch: 64
          epochs: 3
          patience: 2
          seed: 7
        evaluate:
          metrics: [auc, brier]
          slices: [kind]
        admit:
          - auc >= 0.6
          - brier < baseline
        online: stale
        promote: by-hand
        margin: 0.01
        retrain:
          at-most-every: 14d
        problem: binary
        """);
    files.put(
        "scores/baskets.yaml",
        """
        scores: baskets
        description: Each basket.
        model: next_order@production
        rows: next_order
        decide: score > 0.5
        challengers: [candidate, 3]
        shadows: [2]
        decisions:
          challenger: score > 0.4
          3: score > 0.3
        """);
    files.put(
        "scores/champion.yaml",
        """
        scores: champion
        description: The first version.
        model: next_order@1
        rows: next_order
        """);
    files.put(
        "monitors/baskets.yaml",
        """
        monitor: baskets
        description: Is it still good?
        model: next_order
        scores: baskets
        window: 14
        inputs:
          psi: 0.1
        predictions:
          psi: 0.3
        bounds:
          score: [0.01, 0.99]
          mean: [0.2, 0.4]
        actuals:
          after: 7d
          auc-drop: 0.1
        matters: 0.02
        aside:
          - night: 2024-02-29
            reason: Ice on all roads.
        breach: alert
        """);
    files.put(
        "pipelines/nightly.yaml",
        """
        pipeline: nightly
        description: Every night.
        schedule: "30 5 * * 1-5"
        history: 2024-01-01/2024-05-01
        until: 2024-06-01
        train: [next_order]
        steps:
          - ingest orders
          - materialize
          - publish orders@2
          - training-set next_order
          - train next_order
          - score baskets
          - monitor
        """);
    return files;
  }

  static Project read(Path folder) throws IOException {
    write(folder, files());
    return ProjectReader.read(folder, ENVIRONMENT, Optional.empty());
  }

  public static void write(Path folder, Map<String, String> files) throws IOException {
    files.forEach(
        (name, text) -> {
          try {
            Files.createDirectories(folder.resolve(name).getParent());
            Files.writeString(folder.resolve(name), text);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
