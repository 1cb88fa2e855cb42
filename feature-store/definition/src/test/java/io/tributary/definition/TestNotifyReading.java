package io.tributary.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.definition.Receiver.Mail;
import io.tributary.definition.Receiver.Security;
import io.tributary.definition.Receiver.Webhook;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code notify} in {@code tributary.yaml}. */
class TestNotifyReading {
  @TempDir private Path folder;

  private Project read(String from, String to, Map<String, String> environment) throws IOException {
    Map<String, String> files = FullProject.files();
    String text = files.get("tributary.yaml");
    assertThat(text).contains(from);
    files.put("tributary.yaml", text.replace(from, to));
    FullProject.write(folder, files);
    return ProjectReader.read(folder, environment, Optional.empty());
  }

  @Test
  void readsWhoIsNotifiedOfWhat() throws IOException {
    List<Receiver> receivers = read("notify", "notify", FullProject.ENVIRONMENT).receivers();

    Webhook webhook = (Webhook) receivers.get(0);
    assertThat(webhook.name()).isEqualTo("on_call");
    assertThat(webhook.url()).isEqualTo(URI.create("https://alerts.acme.org/hook"));
    assertThat(webhook.secret().variable()).isEqualTo("ALERTS_SECRET");
    assertThat(webhook.monitors()).containsExactly("baskets");
    assertThat(webhook.gets("baskets")).isTrue();
    assertThat(webhook.gets("others")).isFalse();
    assertThat(webhook.changes()).containsExactly("promoted", "rolled-back");
    assertThat(receivers.get(1).changes()).containsExactly("suspect");
    assertThat(
            read("              changes: [suspect]\n".strip(), "", FullProject.ENVIRONMENT)
                .receivers()
                .get(1)
                .changes())
        .isEmpty();
    Mail mail = (Mail) receivers.get(1);
    assertThat(mail.to()).containsExactly("ops@acme.org", "data@acme.org");
    assertThat(mail.from()).isEqualTo("tributary@acme.org");
    assertThat(mail.host() + ":" + mail.port()).isEqualTo("smtp.acme.org:465");
    assertThat(mail.security()).isEqualTo(Security.TLS);
    Credential signsIn = mail.credential().orElseThrow();
    assertThat(signsIn.user()).contains("tributary");
    assertThat(signsIn.password().orElseThrow().reveal()).isEqualTo("hunter3");
    assertThat(receivers.toString()).doesNotContain("hunter3").doesNotContain("whsec_");
  }

  @Test
  void saysWhatIsWrongWithAReceiver() throws IOException {
    for (String[] edit :
        new String[][] {
          {
            "https://alerts.acme.org/hook",
            "http://alerts.acme.org/hook",
            "\"notify.webhooks.on_call.url\" is http, where anybody on the way reads each notice."
          },
          {
            "https://alerts",
            "https://me:hunter4@alerts",
            "\"notify.webhooks.on_call.url\" holds a user or a password (before the @)."
          },
          {
            "https://alerts.acme.org/hook",
            "alerts",
            "\"notify.webhooks.on_call.url\" is not an address of a server."
          },
          {
            "secret: ${ALERTS_SECRET}",
            "secret: ${HOST}",
            "\"notify.webhooks.on_call.secret\" is ${HOST}, which does not hold a signing key"
          },
          {
            "secret: ${ALERTS_SECRET}",
            "secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "A secret never stands in a file: write ${NAME} and set NAME."
          },
          {"security: tls", "security: none", "which would send the password in the clear"},
          {"user: tributary", "monitors: []", "key \"monitors\" stands twice"},
          {
            "user: tributary\n",
            "\n",
            "who signs in has a user and a password. Write both, or neither."
          },
          {"smtp.acme.org:465", "smtp.acme.org", "not a mail server. Write HOST:PORT"},
          {"[ops@acme.org, data@acme.org]", "ops", "not a mail address"},
          {
            "changes: [suspect]",
            "changes: [suspects]",
            "is the text \"suspects\"; it is one of registered, promoted, rolled-back, retired, held, released,"
                + " suspect, cleared. Did you mean \"suspect\"?"
          },
          {"team:", "on_call:", "\"notify\" has two receivers named \"on_call\"."},
          {
            "monitors: [baskets]",
            "monitors: [basket]",
            "\"notify.on_call\" names no monitor there is: \"basket\". Did you mean \"baskets\"?"
          },
        }) {
      assertThatThrownBy(() -> read(edit[0], edit[1], FullProject.ENVIRONMENT))
          .as(edit[1])
          .hasMessageContaining(edit[2])
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("hunter"));
    }
  }

  @Test
  void saysWhichSecretIsNotSet() {
    Map<String, String> without = new HashMap<>(FullProject.ENVIRONMENT);
    without.remove("ALERTS_SECRET");
    assertThatThrownBy(() -> read("notify", "notify", without))
        .hasMessageContaining(
            "\"notify.webhooks.on_call.secret\" needs the environment variable ALERTS_SECRET, which"
                + " is not set. Set it.");
  }
}
