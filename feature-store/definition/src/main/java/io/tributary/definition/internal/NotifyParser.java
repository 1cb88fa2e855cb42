package io.tributary.definition.internal;

import io.tributary.definition.Credential;
import io.tributary.definition.Receiver;
import io.tributary.definition.Receiver.Mail;
import io.tributary.definition.Receiver.Security;
import io.tributary.definition.Receiver.Webhook;
import io.tributary.definition.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What stands below {@code notify} in {@code tributary.yaml}. */
final class NotifyParser {
  private static final Pattern SERVER_TEXT =
      Pattern.compile("([A-Za-z0-9.-]+|\\[[0-9a-fA-F:]+]):(\\d{1,5})");
  private static final Pattern ADDRESS_TEXT = Pattern.compile("[^\\s@<>,;\"]+@[^\\s@<>,;\"]+");

  private static final YamlKey<List<String>> MONITORS =
      YamlKey.withDefault(
          "monitors",
          Structures.distinct(YamlTypes.NAME_TYPE),
          "[]",
          "Of which monitors' breaches; empty = of all.");

  private static final YamlKey<List<String>> CHANGES =
      YamlKey.withDefault(
          "changes",
          Structures.distinct(YamlTypes.choice(Receiver.CHANGES)),
          "[]",
          "Of which changes in the registry; empty = of none. `suspect` and `cleared` are marks, of"
              + " models and of other things.");

  private static final YamlKey<URI> URL =
      YamlKey.required(
          "url",
          YamlTypes.scalar("an address", "https://alerts.acme.org/hook", NotifyParser::url),
          "Where each notice goes, by POST: https, on this machine also http. No redirect is followed.");
  private static final YamlKey<Secret> SECRET =
      YamlKey.required(
          "secret",
          secret("${ALERTS_SECRET}", NotifyParser::key),
          "What each is signed with (Standard Webhooks), ${NAME}: `whsec_` and 24 to 64 bytes in base"
              + " 64, as the receiver has it.");

  private static final YamlType<String> ADDRESS =
      YamlTypes.scalar("a mail address", "ops@acme.org", NotifyParser::address);
  private static final YamlKey<List<String>> TO =
      YamlKey.required("to", Structures.oneOrMore(ADDRESS), "Who gets each notice.");
  private static final YamlKey<String> FROM = YamlKey.required("from", ADDRESS, "The sender.");

  /** A host and a port. */
  private record Server(String host, int port) {
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  private static final YamlKey<Server> SERVER =
      YamlKey.required(
          "server",
          YamlTypes.scalar("HOST:PORT", "smtp.acme.org:587", NotifyParser::server),
          "The mail server (SMTP).");
  private static final YamlKey<Security> SECURITY =
      YamlKey.withDefault(
          "security",
          YamlTypes.choice(Security.class),
          "starttls",
          "`starttls` upgrades the connection or sends nothing, `tls` begins with TLS, `none` sends in"
              + " the clear. To this machine `starttls` is used where it is offered.");
  private static final YamlKey<String> USER =
      YamlKey.optional("user", YamlTypes.TEXT, "nobody signs in", "Who signs in there.");
  private static final YamlKey<Secret> PASSWORD =
      YamlKey.optional(
          "password",
          secret("${MAIL_PASSWORD}", (value, secret) -> Optional.of(secret)),
          "no password",
          "The password, ${NAME}.");

  private static final YamlKey<Map<String, Receiver>> WEBHOOKS =
      YamlKey.withDefault(
          "webhooks",
          Structures.map(
              YamlTypes.NAME_TYPE,
              Structures.object(
                  "a webhook", List.of(URL, SECRET, MONITORS, CHANGES), NotifyParser::webhook),
              (entry, receiver) -> receiver.apply(entry.key())),
          "{}",
          "Servers, under names of your choice.");
  private static final YamlKey<Map<String, Receiver>> MAIL =
      YamlKey.withDefault(
          "mail",
          Structures.map(
              YamlTypes.NAME_TYPE,
              Structures.object(
                  "mail",
                  List.of(TO, FROM, SERVER, SECURITY, USER, PASSWORD, MONITORS, CHANGES),
                  NotifyParser::mail),
              (entry, receiver) -> receiver.apply(entry.key())),
          "{}",
          "People, under names of your choice.");

  static final YamlKey<List<Receiver>> NOTIFY =
      YamlKey.withDefault(
          "notify",
          Structures.object("who is notified", List.of(WEBHOOKS, MAIL), NotifyParser::receivers),
          "{}",
          "Who is notified when a monitor finds a breach, whatever else the breach leads to, and of"
              + " changes in the registry: after the work that found or made them, and by `tributary"
              + " notify` for what could not be delivered then.");

  private NotifyParser() {}

  private static Optional<List<Receiver>> receivers(YamlFields f) {
    Map<String, Receiver> webhooks = f.or(WEBHOOKS, Map.of());
    Map<String, Receiver> mail = f.or(MAIL, Map.of());
    mail.keySet().stream()
        .filter(webhooks::containsKey)
        .forEach(
            name ->
                f.problem(
                    MAIL,
                    "\"notify\" has two receivers named \""
                        + name
                        + "\". Rename one, as what was delivered to whom is kept by name."));
    List<Receiver> all = new ArrayList<>(webhooks.values());
    all.addAll(mail.values());
    return Optional.of(all);
  }

  private static Optional<Function<String, Receiver>> webhook(YamlFields f) {
    Optional<URI> url = f.find(URL);
    Optional<Secret> secret = f.find(SECRET);
    List<String> monitors = f.or(MONITORS, List.of());
    List<String> changes = f.or(CHANGES, List.of());
    return url.isEmpty() || secret.isEmpty()
        ? Optional.empty()
        : Optional.of(name -> new Webhook(name, url.get(), secret.get(), monitors, changes));
  }

  private static Optional<Function<String, Receiver>> mail(YamlFields f) {
    Optional<List<String>> to = f.find(TO);
    Optional<String> from = f.find(FROM);
    Optional<Server> server = f.find(SERVER);
    Optional<Security> security = f.find(SECURITY);
    Optional<Secret> password = f.find(PASSWORD);
    Optional<String> user = f.find(USER);
    List<String> monitors = f.or(MONITORS, List.of());
    List<String> changes = f.or(CHANGES, List.of());
    if (user.isPresent() != password.isPresent() && !f.lacks(user.isPresent() ? PASSWORD : USER)) {
      return Optional.empty();
    }
    if (user.isPresent() != password.isPresent()) {
      f.problem(
          user.isPresent() ? USER : PASSWORD,
          "who signs in has a user and a password. Write both, or neither.");
    }
    if (!f.complete()) {
      return Optional.empty();
    }
    if (security.equals(Optional.of(Security.NONE))
        && password.isPresent()
        && !Receiver.isThisMachine(server.orElseThrow().host())) {
      f.problem(
          SECURITY,
          "\"security\" is none, which would send the password in the clear. Write starttls or tls,"
              + " or take user and password out.");
      return Optional.empty();
    }
    return Optional.of(
        name ->
            new Mail(
                name,
                to.orElseThrow(),
                from.orElseThrow(),
                server.orElseThrow().host(),
                server.orElseThrow().port(),
                security.orElseThrow(),
                user.map(u -> new Credential(user, password)),
                monitors,
                changes));
  }

  private static YamlType<Secret> secret(
      String example, java.util.function.BiFunction<YamlValue, Secret, Optional<Secret>> check) {
    YamlType<Secret> written =
        new YamlType<>(
            "the name of an environment variable in ${}",
            example,
            List.of(),
            value -> Optional.empty());
    return new YamlType<>(
        written.name(),
        written.example(),
        List.of(),
        value ->
            value
                .origin()
                .variables()
                .flatMap(v -> v.secret(value, written))
                .flatMap(secret -> check.apply(value, secret)));
  }

  private static Optional<Secret> key(YamlValue value, Secret secret) {
    if (Webhook.key(secret).isEmpty()) {
      value.problem(
          value.subject()
              + " is ${"
              + secret.variable()
              + "}, which does not hold a signing key: \"whsec_\" and 24 to 64 bytes in base 64. Set it"
              + " to the key that the receiver has, or make one: echo whsec_$(openssl rand -base64"
              + " 32).");
      return Optional.empty();
    }
    return Optional.of(secret);
  }

  private static Optional<URI> url(YamlValue value, String text) {
    URI url;
    try {
      url = new URI(text.strip());
    } catch (URISyntaxException e) {
      value.problem(value.subject() + " is no address: " + e.getReason() + ". Correct it.");
      return Optional.empty();
    }
    if (url.getRawUserInfo() != null) {
      value.problem(
          value.subject()
              + " holds a user or a password (before the @). Take it out: each notice is signed with"
              + " \"secret\".");
      return Optional.empty();
    }
    boolean https = "https".equalsIgnoreCase(url.getScheme());
    boolean http = "http".equalsIgnoreCase(url.getScheme());
    if (url.getHost() == null || !https && !http) {
      value.problem(
          value.subject()
              + " is not an address of a server. Write it as in https://alerts.acme.org/hook.");
      return Optional.empty();
    }
    if (http && !Receiver.isThisMachine(url.getHost())) {
      value.problem(
          value.subject()
              + " is http, where anybody on the way reads each notice. Write https; only on this"
              + " machine may it be http.");
      return Optional.empty();
    }
    return Optional.of(url);
  }

  private static Optional<String> address(YamlValue value, String text) {
    if (!ADDRESS_TEXT.matcher(text.strip()).matches()) {
      value.problem(
          value.subject()
              + " is "
              + value.found()
              + ", not a mail address. Write it as in ops@acme.org.");
      return Optional.empty();
    }
    return Optional.of(text.strip());
  }

  private static Optional<Server> server(YamlValue value, String text) {
    Matcher m = SERVER_TEXT.matcher(text.strip());
    if (!m.matches() || Integer.parseInt(m.group(2)) > 65_535) {
      value.problem(
          value.subject()
              + " is "
              + value.found()
              + ", not a mail server. Write HOST:PORT, as in smtp.acme.org:587.");
      return Optional.empty();
    }
    return Optional.of(new Server(m.group(1), Integer.parseInt(m.group(2))));
  }

  static Map<String, Object> render(List<Receiver> receivers) {
    Map<String, Object> webhooks = new LinkedHashMap<>();
    Map<String, Object> mails = new LinkedHashMap<>();
    for (Receiver receiver : receivers) {
      Map<String, Object> tree = new LinkedHashMap<>();
      if (receiver instanceof Webhook webhook) {
        tree.put("url", webhook.url().toString());
        tree.put("secret", webhook.secret().toString());
        webhooks.put(webhook.name(), tree);
      } else if (receiver instanceof Mail mail) {
        tree.put("to", mail.to());
        tree.put("from", mail.from());
        tree.put("server", mail.host() + ":" + mail.port());
        tree.put("security", YamlTypes.kebab(mail.security()));
        mail.credential()
            .ifPresent(
                c -> {
                  tree.put("user", c.user().orElseThrow());
                  tree.put("password", c.password().orElseThrow().toString());
                });
        mails.put(mail.name(), tree);
      }
      tree.put("monitors", receiver.monitors());
      tree.put("changes", receiver.changes());
    }
    Map<String, Object> notify = new LinkedHashMap<>();
    notify.put("webhooks", webhooks);
    notify.put("mail", mails);
    return notify;
  }
}
