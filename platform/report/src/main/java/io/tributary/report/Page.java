package io.tributary.report;

import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Properties;

/**
 * A page in one file: its style, its scripts and its data are in it. Its content security policy
 * allows those scripts and that style by their digests and nothing else, so that a browser asks no
 * network for anything. Texts and tables need no script. The same page always gives the same bytes.
 *
 * @param subtitle what the page is of and when, in a line
 */
public record Page(String title, String subtitle, List<Section> sections) {
  /** The library of charts, {@code docs/decisions/0038}. */
  private static final String CHARTS = "org.webjars.npm/uplot";

  public Page {
    sections = List.copyOf(sections);
  }

  /** As HTML. */
  public String html() {
    String charts = webjar("dist/uPlot.iife.min.js");
    String script = own("page.js");
    String style = webjar("dist/uPlot.min.css") + own("page.css");
    Html html =
        new Html()
            .own("<!doctype html>\n")
            .open("html", "lang", "en")
            .open("head")
            .open("meta", "charset", "utf-8")
            .open(
                "meta",
                "http-equiv",
                "Content-Security-Policy",
                "content",
                "default-src 'none'; script-src %s %s; style-src %s; base-uri 'none'; form-action 'none'"
                    .formatted(digest(charts), digest(script), digest(style)))
            .open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
            .open("meta", "name", "color-scheme", "content", "light dark")
            .element("title", title)
            .open("style")
            .own(style)
            .close("style")
            .close("head")
            .own("\n")
            .open("body")
            .open("header")
            .element("h1", title)
            .element("p", subtitle)
            .close("header")
            .open("main")
            .own("\n");
    for (Section section : sections) {
      html.open("section").element("h2", section.title());
      section.blocks().forEach(block -> block.write(html));
      html.close("section").own("\n");
    }
    html.close("main")
        .open("noscript")
        .element("p", "Charts are drawn by a script. Their numbers stand below each.")
        .close("noscript")
        .own("\n<!-- Charts are drawn by uPlot, under this licence:\n\n")
        .own(webjar("LICENSE"))
        .own("\n-->\n")
        .open("script")
        .own(charts)
        .close("script")
        .open("script")
        .own(script)
        .close("script")
        .close("body")
        .close("html");
    return html.own("\n").toString();
  }

  /** Writes it into a file, which it replaces. */
  public void write(Path file) {
    try {
      Files.writeString(file, html());
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot write page %s: %s. Name a file in a folder that exists and can be written."
              .formatted(file, e),
          e);
    }
  }

  private static String webjar(String name) {
    Properties properties = new Properties();
    try (InputStream in = open("/META-INF/maven/" + CHARTS + "/pom.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text(
        "/META-INF/resources/webjars/%s/%s/%s"
            .formatted(
                properties.getProperty("artifactId"), properties.getProperty("version"), name));
  }

  private static String own(String name) {
    return text("/io/tributary/report/" + name);
  }

  private static String text(String resource) {
    try (InputStream in = open(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String resource) {
    InputStream in = Page.class.getResourceAsStream(resource);
    if (in == null) {
      throw new PlatformException(
          ErrorCode.BUG,
          "Cannot make a page: the class path has no %s. Report this as a bug."
              .formatted(resource));
    }
    return in;
  }

  private static String digest(String content) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
