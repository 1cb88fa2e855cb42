package io.tributary.definition.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.core.ProjectRevision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestFolderRevision {
  @TempDir Path repository;
  private Path project;

  @BeforeEach
  void write() throws IOException {
    project = repository.resolve("a project");
    write("tributary.yaml", "project: tiny\n");
    write("sources/rides.yaml", "source: rides\n");
    write("expectations/rides.json", "{}\n");
  }

  private void write(String file, String text) throws IOException {
    Path path = project.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private String git(String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "git",
                "-C",
                repository.toString(),
                "-c",
                "user.name=ada",
                "-c",
                "user.email=ada@localhost",
                "-c",
                "commit.gpgsign=false"));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.strip();
  }

  private String commit() throws Exception {
    git("init", "-q");
    git("add", "-A");
    git("commit", "-q", "-m", "first");
    return git("rev-parse", "HEAD");
  }

  private ProjectRevision revision() {
    return FolderRevision.of(project);
  }

  @Test
  void withoutGitTheFilesAlone() throws IOException {
    ProjectRevision before = revision();
    assertThat(before.commit()).isEmpty();
    assertThat(before.dirty()).isFalse();

    write("data/rides.csv", "id\n1\n");
    assertThat(revision()).as("data are no definitions").isEqualTo(before);
    write("expectations/rides.json", "{ }\n");
    assertThat(revision().files()).isNotEqualTo(before.files());
    write("expectations/rides.json", "{}\n");
    assertThat(revision()).isEqualTo(before);
    Files.move(project.resolve("sources/rides.yaml"), project.resolve("sources/trips.yaml"));
    assertThat(revision().files()).as("names count").isNotEqualTo(before.files());
  }

  @Test
  void ofACommittedFolderItsCommit() throws Exception {
    String commit = commit();
    assertThat(revision().commit()).contains(commit);
    assertThat(revision().dirty()).isFalse();
  }

  @Test
  void anEditedOrNewOrDeletedDefinitionMakesItDirty() throws Exception {
    String commit = commit();
    ProjectRevision clean = revision();
    write("sources/rides.yaml", "source: rides # edited\n");
    assertThat(revision().dirty()).isTrue();
    assertThat(revision().commit()).contains(commit);
    assertThat(revision().files()).isNotEqualTo(clean.files());

    git("checkout", "-q", "--", ".");
    assertThat(revision()).isEqualTo(clean);
    write("features/new.yaml", "view: new@1\n");
    assertThat(revision().dirty()).as("untracked").isTrue();

    Files.delete(project.resolve("features/new.yaml"));
    Files.delete(project.resolve("sources/rides.yaml"));
    assertThat(revision().dirty()).as("deleted").isTrue();
  }

  @Test
  void whatIsNoDefinitionMakesNothingDirty() throws Exception {
    commit();
    ProjectRevision clean = revision();
    write("data/rides.csv", "id\n1\n");
    write("lake/tributary.json", "{}");
    for (String left : List.of(".rides.yaml.swp", ".#rides.yaml", "rides.yaml~")) {
      write("sources/" + left, "left by an editor");
    }
    Files.writeString(repository.resolve("README.md"), "elsewhere");
    assertThat(revision()).isEqualTo(clean);
  }

  @Test
  void anIgnoredDefinitionIsReadAndSoCounts() throws Exception {
    write(".gitignore", "features/secret.yaml\n");
    commit();
    ProjectRevision clean = revision();
    write("features/secret.yaml", "view: secret@1\n");
    assertThat(revision().files()).isNotEqualTo(clean.files());
    assertThat(revision().dirty()).as("no commit holds it").isTrue();
  }

  @Test
  void aRepositoryWithoutACommitHasNone() throws Exception {
    git("init", "-q");
    assertThat(revision().commit()).isEmpty();
    assertThat(revision().dirty()).isFalse();
  }
}
