package io.tributary.notify;

import io.tributary.definition.Credential;
import io.tributary.definition.Receiver;
import io.tributary.definition.Receiver.Mail;
import io.tributary.definition.Receiver.Security;
import io.tributary.definition.Secret;
import jakarta.mail.Address;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;

/**
 * Sends notices as mail, one each, whose Message-ID is made of the notice's id. What replaces a
 * former notice refers to its mail, so that mail programs show both together.
 */
final class MailChannel implements Channel {
  private final Mail mail;
  private final Session session;
  private final Map<String, Addresses> known = new ConcurrentHashMap<>();

  MailChannel(Mail mail, Duration attempt) {
    this.mail = mail;
    this.session = Session.getInstance(properties(mail, attempt));
  }

  private static Properties properties(Mail mail, Duration attempt) {
    String millis = String.valueOf(attempt.toMillis());
    boolean local = Receiver.isThisMachine(mail.host());
    Properties p = new Properties();
    p.setProperty("mail.transport.protocol", "smtp");
    p.setProperty("mail.smtp.host", mail.host());
    p.setProperty("mail.smtp.port", String.valueOf(mail.port()));
    p.setProperty("mail.smtp.auth", String.valueOf(mail.credential().isPresent()));
    p.setProperty("mail.smtp.ssl.enable", String.valueOf(mail.security() == Security.TLS));
    p.setProperty("mail.smtp.ssl.checkserveridentity", "true");
    p.setProperty(
        "mail.smtp.starttls.enable", String.valueOf(mail.security() == Security.STARTTLS));
    p.setProperty(
        "mail.smtp.starttls.required",
        String.valueOf(mail.security() == Security.STARTTLS && !local));
    // One address that is gone must not keep the others from hearing of it.
    p.setProperty("mail.smtp.sendpartial", "true");
    p.setProperty("mail.smtp.connectiontimeout", millis);
    p.setProperty("mail.smtp.timeout", millis);
    p.setProperty("mail.smtp.writetimeout", millis);
    return p;
  }

  @Override
  public void send(Dispatch notice) {
    Addresses addresses = known.computeIfAbsent(notice.id(), id -> new Addresses());
    try (Transport transport = session.getTransport()) {
      Message message = message(notice);
      transport.connect(
          mail.credential().flatMap(Credential::user).orElse(null),
          mail.credential().flatMap(Credential::password).map(Secret::reveal).orElse(null));
      addresses.sendBy(transport, message);
    } catch (MessagingException e) {
      Undelivered undelivered = undelivered(e, addresses);
      throw addresses.reached.isEmpty() ? undelivered : undelivered.toSome();
    }
    if (!addresses.refused.isEmpty()) {
      throw Undelivered.refused(refused(addresses), null).toSome();
    }
  }

  /** What became of each address of one notice, over all attempts of this process. */
  private static final class Addresses {
    private final Set<Address> reached = new HashSet<>();
    private final Set<Address> refused = new LinkedHashSet<>();

    /** Sends to those that have said neither yes nor no. */
    void sendBy(Transport transport, Message message) throws MessagingException {
      Address[] left =
          Arrays.stream(message.getAllRecipients())
              .filter(address -> !reached.contains(address) && !refused.contains(address))
              .toArray(Address[]::new);
      try {
        transport.sendMessage(message, left);
        reached.addAll(List.of(left));
      } catch (SendFailedException e) {
        reached.addAll(all(e.getValidSentAddresses()));
        refused.addAll(all(e.getInvalidAddresses()));
        if (reached.isEmpty()
            || reached.size() + refused.size() < message.getAllRecipients().length) {
          throw e;
        }
      }
    }

    private static List<Address> all(Address[] addresses) {
      return addresses == null ? List.of() : List.of(addresses);
    }
  }

  private String refused(Addresses addresses) {
    return "mail server %s does not take %s"
        .formatted(
            mail.host(),
            addresses.refused.stream().map(Address::toString).collect(Collectors.joining(", ")));
  }

  /**
   * By whether the server, or an address, has said no for good, by a code of the five hundreds, or
   * isn't trusted.
   */
  private Undelivered undelivered(MessagingException thrown, Addresses addresses) {
    StringBuilder why =
        new StringBuilder("mail server %s: %s".formatted(mail.host(), thrown.getMessage()));
    boolean refused = false;
    boolean denied = false;
    for (Exception each = thrown;
        each instanceof MessagingException m;
        each = m.getNextException()) {
      denied |=
          m.getNextException() instanceof SSLException
              || m instanceof AuthenticationFailedException
              || m instanceof SMTPSenderFailedException from && from.getReturnCode() / 100 == 5;
      refused |= m instanceof SMTPSendFailedException sent && sent.getReturnCode() / 100 == 5;
      if (m instanceof SMTPAddressFailedException to) {
        refused |= to.getReturnCode() / 100 == 5;
        why.append(" (").append(to.getAddress()).append(": ");
        why.append(String.valueOf(to.getMessage()).strip()).append(')');
      }
    }
    if (denied) {
      return Undelivered.denied(why.toString(), thrown);
    }
    return refused && addresses.reached.isEmpty()
        ? Undelivered.refused(why.toString(), thrown)
        : Undelivered.away(why.toString(), thrown);
  }

  private MimeMessage message(Dispatch notice) throws MessagingException {
    MimeMessage message =
        new MimeMessage(session) {
          @Override
          protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", messageId(notice.id()));
          }
        };
    message.setFrom(new InternetAddress(mail.from()));
    for (String to : mail.to()) {
      message.addRecipient(Message.RecipientType.TO, new InternetAddress(to));
    }
    message.setSubject("[tributary] " + notice.title(), StandardCharsets.UTF_8.name());
    message.setSentDate(Date.from(notice.at()));
    message.setHeader("Auto-Submitted", "auto-generated");
    if (notice.replaces().isPresent()) {
      message.setHeader("References", messageId(notice.replaces().get()));
    }
    message.setText(notice.text(), StandardCharsets.UTF_8.name());
    message.saveChanges();
    return message;
  }

  private String messageId(String notice) {
    return "<" + notice + "." + mail.name() + mail.from().substring(mail.from().indexOf('@')) + ">";
  }
}
