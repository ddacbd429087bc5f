package dev.cria;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which of Cria's packages depends on which; a package is what stands below dev.cria, with all in it. */
final class PackageGraph {
    private static final String ROOT = "dev.cria.";

    private final Map<String, TreeSet<String>> uses = new TreeMap<>();

    /** One package depends on another. */
    record Arrow(String from, String to) {
        @Override
        public String toString() {
            return from + " -> " + to;
        }
    }

    PackageGraph(JavaClasses classes) {
        for (JavaClass user : classes) {
            String from = name(user).orElse("");
            if (!from.isEmpty()) {
                TreeSet<String> used = uses.computeIfAbsent(from, _ -> new TreeSet<>());
                user.getDirectDependenciesFromSelf().stream()
                        .flatMap(dependency -> name(dependency.getTargetClass().getBaseComponentType()).stream())
                        .filter(to -> !to.equals(from))
                        .forEach(used::add);
            }
        }
    }

    /** Classes of dev.cria itself are what everyone may use, and belong to no package of the graph. */
    private static Optional<String> name(JavaClass c) {
        String name = c.getPackageName() + ".";
        if (!name.startsWith(ROOT) || name.equals(ROOT)) {
            return Optional.empty();
        }
        return Optional.of(name.substring(ROOT.length(), name.indexOf('.', ROOT.length())));
    }

    List<String> packages() {
        return List.copyOf(uses.keySet());
    }

    Stream<Arrow> arrows() {
        return uses.entrySet().stream().flatMap(e -> e.getValue().stream().map(to -> new Arrow(e.getKey(), to)));
    }

    /** Those that do not follow from others: a to c is left out where a uses b and b uses c. */
    List<Arrow> direct() {
        return arrows().filter(arrow -> uses.get(arrow.from()).stream()
                        .noneMatch(between -> !between.equals(arrow.to()) && reaches(between, arrow.to())))
                .toList();
    }

    private boolean reaches(String from, String to) {
        return uses.getOrDefault(from, new TreeSet<>()).stream().anyMatch(next -> next.equals(to) || reaches(next, to));
    }

    /** How many arrows lie below a package at most. */
    int height(String name) {
        return uses.get(name).stream()
                .map(this::height)
                .max(Comparator.naturalOrder())
                .map(height -> height + 1)
                .orElse(0);
    }
}
