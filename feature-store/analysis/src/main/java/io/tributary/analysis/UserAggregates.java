package io.tributary.analysis;

import io.tributary.core.Digest;
import io.tributary.core.ErrorCode;
import io.tributary.core.PlatformException;
import io.tributary.core.aggregate.MergeableAggregate;
import io.tributary.definition.Aggregate;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The classes of aggregates that a project brings itself: what the class path has of them. */
public final class UserAggregates {
  private UserAggregates() {}

  /**
   * A new object of an aggregate's class.
   *
   * @throws PlatformException INVALID_DEFINITION when there is no such class, it is no {@link
   *     MergeableAggregate}, or can't be made with these parameters
   */
  @SuppressWarnings("unchecked")
  public static MergeableAggregate<Object> make(Aggregate aggregate) {
    Class<?> type = type(aggregate);
    List<Double> parameters = aggregate.parameters();
    Class<?>[] types = new Class<?>[parameters.size()];
    Arrays.fill(types, double.class);
    try {
      Constructor<?> constructor = type.getConstructor(types);
      return (MergeableAggregate<Object>) constructor.newInstance(parameters.toArray());
    } catch (ReflectiveOperationException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw refused(
          "class "
              + type.getName()
              + " can't be made"
              + (parameters.isEmpty() ? "" : " with the parameters " + parameters)
              + " ("
              + cause
              + "). Give it a public constructor of "
              + (parameters.isEmpty() ? "no parameter" : parameters.size() + " double")
              + ".");
    }
  }

  private static Class<?> type(Aggregate aggregate) {
    String name = aggregate.implementation().orElseThrow();
    Class<?> type;
    try {
      type = Class.forName(name, true, loader());
    } catch (ClassNotFoundException | LinkageError e) {
      throw refused(
          "no class \""
              + name
              + "\" is on the class path ("
              + e
              + "). Put its jar into TRIBUTARY_CLASSPATH, or name it with --jars where spark-submit starts the job.");
    }
    if (!MergeableAggregate.class.isAssignableFrom(type)) {
      throw refused(
          "class " + name + " is no " + MergeableAggregate.class.getName() + ". Implement it.");
    }
    return type;
  }

  private static ClassLoader loader() {
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    return context == null ? UserAggregates.class.getClassLoader() : context;
  }

  private static PlatformException refused(String why) {
    return new PlatformException(ErrorCode.INVALID_DEFINITION, why);
  }

  /** Of the bytes of its class and of the classes declared in it; of no others that it calls. */
  static Digest digest(Aggregate aggregate) {
    StringBuilder all = new StringBuilder();
    withMembers(type(aggregate))
        .sorted(Comparator.comparing(Class::getName))
        .forEach(c -> all.append(c.getName()).append(' ').append(bytes(c).hex()).append('\n'));
    return Digest.of(all.toString());
  }

  private static Stream<Class<?>> withMembers(Class<?> type) {
    return Stream.concat(
        Stream.of(type),
        Arrays.stream(type.getDeclaredClasses()).flatMap(UserAggregates::withMembers));
  }

  private static Digest bytes(Class<?> type) {
    String name = type.getName();
    String file = name.substring(name.lastIndexOf('.') + 1) + ".class";
    try (InputStream in = type.getResourceAsStream(file)) {
      if (in == null) {
        throw refused(
            "the bytes of class " + name + " can't be read. Load it from a jar or a folder.");
      }
      return Digest.of(in.readAllBytes());
    } catch (IOException e) {
      throw new PlatformException(
          ErrorCode.STORAGE,
          "Cannot read class " + name + ": " + e.getMessage() + ". Try again.",
          e);
    }
  }
}
