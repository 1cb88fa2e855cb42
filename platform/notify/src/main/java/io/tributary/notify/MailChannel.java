package io.tributary.notify;

import io.tributary.definition.Credential;
import io.tributary.definition.Receiver;
import io.tributary.definition.Receiver.Mail;
import io.tributary.definition.Receiver.Security;
import io.tributary.definition.Secret;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Date;
import java.util.Properties;
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
    p.setProperty("mail.smtp.connectiontimeout", millis);
    p.setProperty("mail.smtp.timeout", millis);
    p.setProperty("mail.smtp.writetimeout", millis);
    return p;
  }

  @Override
  public void send(Notice notice) {
    try (Transport transport = session.getTransport()) {
      Message message = message(notice);
      transport.connect(
          mail.credential().flatMap(Credential::user).orElse(null),
          mail.credential().flatMap(Credential::password).map(Secret::reveal).orElse(null));
      transport.sendMessage(message, message.getAllRecipients());
    } catch (MessagingException e) {
      String why = "mail server %s: %s".formatted(mail.host(), e.getMessage());
      throw isFinal(e) ? Undelivered.refused(why, e) : Undelivered.away(why, e);
    }
  }

  /** Whether the server has said no for good, by a code of the five hundreds, or isn't trusted. */
  private static boolean isFinal(MessagingException e) {
    for (Exception each = e; each instanceof MessagingException m; each = m.getNextException()) {
      if (m.getNextException() instanceof SSLException
          || m instanceof AuthenticationFailedException
          || m instanceof SMTPSendFailedException sent && sent.getReturnCode() / 100 == 5
          || m instanceof SMTPSenderFailedException from && from.getReturnCode() / 100 == 5
          || m instanceof SMTPAddressFailedException to && to.getReturnCode() / 100 == 5) {
        return true;
      }
    }
    return false;
  }

  private MimeMessage message(Notice notice) throws MessagingException {
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
