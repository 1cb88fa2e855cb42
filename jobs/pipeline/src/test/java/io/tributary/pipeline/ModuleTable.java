package io.tributary.pipeline;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/**
 * The arrows between modules, by folder: as the documentation allows them and as the poms draw
 * them.
 */
final class ModuleTable {
  static final String EVERYTHING_SEES = "platform/core";

  private static final Pattern ROW =
      Pattern.compile("^\\| \\[?`([^`]+)`]? \\|[^|]*\\|([^|]*)\\|$", Pattern.MULTILINE);

  private ModuleTable() {}

  /** What the table under "Modules" of {@code docs/architecture.md} allows. */
  static Map<String, Set<String>> allowed(String documentation) {
    Map<String, String> folders = new TreeMap<>();
    Map<String, String> cells = new TreeMap<>();
    Matcher row = ROW.matcher(documentation);
    while (row.find()) {
      folders.put(name(row.group(1)), row.group(1));
      cells.put(row.group(1), row.group(2).strip());
    }
    Map<String, Set<String>> allowed = new TreeMap<>();
    cells.forEach(
        (folder, cell) -> {
          Set<String> uses = new TreeSet<>();
          if (!cell.isEmpty()) {
            Arrays.stream(cell.split(",", -1))
                .map(name -> folders.getOrDefault(name.strip(), name.strip()))
                .forEach(uses::add);
          }
          allowed.put(folder, uses);
        });
    return allowed;
  }

  /** The modules that the parent pom names. */
  static List<String> modules(Path root) {
    return texts(children(document(root.resolve("pom.xml")), "modules"), "module");
  }

  /** What each module's pom depends on but for its tests, without {@link #EVERYTHING_SEES}. */
  static Map<String, Set<String>> drawn(Path root) {
    Map<String, String> folders =
        modules(root).stream()
            .collect(Collectors.toMap(folder -> "tributary-" + name(folder), folder -> folder));
    Map<String, Set<String>> drawn = new TreeMap<>();
    for (String folder : modules(root)) {
      Set<String> uses = new TreeSet<>();
      for (Element dependencies :
          children(document(root.resolve(folder).resolve("pom.xml")), "dependencies")) {
        for (Element dependency : children(dependencies, "dependency")) {
          String artifact = texts(List.of(dependency), "artifactId").get(0);
          if (folders.containsKey(artifact)
              && !texts(List.of(dependency), "scope").contains("test")) {
            uses.add(folders.get(artifact));
          }
        }
      }
      uses.remove(EVERYTHING_SEES);
      drawn.put(folder, uses);
    }
    return drawn;
  }

  static String name(String folder) {
    return folder.substring(folder.lastIndexOf('/') + 1);
  }

  private static Element document(Path pom) {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(pom.toFile())
          .getDocumentElement();
    } catch (IOException | SAXException | ParserConfigurationException e) {
      throw new IllegalStateException("Cannot read " + pom, e);
    }
  }

  private static List<Element> children(Element parent, String tag) {
    List<Element> found = new ArrayList<>();
    for (Node child = parent.getFirstChild(); child != null; child = child.getNextSibling()) {
      if (child instanceof Element element && element.getTagName().equals(tag)) {
        found.add(element);
      }
    }
    return found;
  }

  private static List<String> texts(List<Element> parents, String tag) {
    return parents.stream()
        .flatMap(parent -> children(parent, tag).stream())
        .map(element -> element.getTextContent().strip())
        .toList();
  }
}
