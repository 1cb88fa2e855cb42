package io.tributary.report;

import java.util.List;

/** The answers to a page's questions, side by side where there is room. */
public record Answers(List<Answer> answers) implements Block {
  /** An answer: the verdict in a word, and what is behind it. */
  public record Answer(String question, Badge verdict, String text) {}

  public Answers {
    answers = List.copyOf(answers);
  }

  @Override
  public void write(Html html) {
    html.open("ul", "class", "answers");
    for (Answer answer : answers) {
      html.open("li").element("h3", answer.question());
      answer.verdict().write(html);
      html.element("p", answer.text()).close("li");
    }
    html.close("ul");
  }
}
