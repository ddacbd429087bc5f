package dev.cria;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.cria.PackageGraph.Arrow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The picture of the packages in docs/architecture.md is of the packages that there are: {@code mvn -pl core test
 * -Dtest=PackagePictureTest -Dpicture=write} draws it anew. Arrows that follow from others are left out.
 */
final class PackagePictureTest {
    private static final Path PICTURE = Path.of("").toAbsolutePath().getParent().resolve("docs/images/packages.svg");
    private static final int WIDTH = 900;
    private static final int BOX_WIDTH = 104;
    private static final int BOX_HEIGHT = 34;
    private static final int ROW = 84;

    /** A package's box, by its centre. */
    private record Box(int x, int y) {}

    @Test
    void thePictureIsOfThePackagesThatThereAre() throws IOException {
        var classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.cria");
        String drawn = draw(new PackageGraph(classes));
        if ("write".equals(System.getProperty("picture"))) {
            Files.writeString(PICTURE, drawn);
        }
        assertThat(Files.readString(PICTURE))
                .as("run: mvn -pl core test -Dtest=PackagePictureTest -Dpicture=write")
                .isEqualTo(drawn);
    }

    private static String draw(PackageGraph graph) {
        Map<String, Box> boxes = boxes(graph);
        int bottom = boxes.values().stream().mapToInt(Box::y).max().orElseThrow() + ROW / 2;
        StringBuilder svg = new StringBuilder();
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">\n"
                .formatted(WIDTH, bottom));
        svg.append("<title>Cria's packages: each uses those that it points to, and theirs</title>\n");
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        svg.append("<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\""
                + " markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\""
                + " fill=\"#777777\"/></marker></defs>\n");
        for (Arrow arrow : graph.direct()) {
            svg.append(line(boxes.get(arrow.from()), boxes.get(arrow.to())));
        }
        boxes.forEach((name, box) -> svg.append(box(name, box)));
        return svg.append("</svg>\n").toString();
    }

    /** A row for each height, the packages that nothing in Cria is below at the bottom. */
    private static Map<String, Box> boxes(PackageGraph graph) {
        Map<Integer, List<String>> rows = new TreeMap<>();
        graph.packages().forEach(name -> rows.computeIfAbsent(graph.height(name), _ -> new ArrayList<>())
                .add(name));
        int highest = rows.size() - 1;
        Map<String, Box> boxes = new LinkedHashMap<>();
        rows.forEach((height, names) -> {
            for (int i = 0; i < names.size(); i++) {
                // Rows are shifted against each other, so that arrows over several rows miss the boxes between.
                int shift = height % 2 == 0 ? 0 : BOX_WIDTH / 2;
                int x = WIDTH * (2 * i + 1) / (2 * names.size()) + (names.size() == 1 ? shift - BOX_WIDTH / 4 : 0);
                boxes.put(names.get(i), new Box(x, ROW / 2 + (highest - height) * ROW));
            }
        });
        return boxes;
    }

    private static String line(Box from, Box to) {
        int start = from.y() + BOX_HEIGHT / 2;
        int end = to.y() - BOX_HEIGHT / 2;
        int bend = (end - start) / 2;
        return "<path d=\"M%d %d C%d %d %d %d %d %d\" fill=\"none\" stroke=\"#777777\" marker-end=\"url(#tip)\"/>\n"
                .formatted(from.x(), start, from.x(), start + bend, to.x(), end - bend, to.x(), end);
    }

    private static String box(String name, Box box) {
        return ("<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\" fill=\"#eef3f8\""
                        + " stroke=\"#5b7a99\"/><text x=\"%d\" y=\"%d\" text-anchor=\"middle\" font-size=\"14\""
                        + " fill=\"#1d2b3a\">%s</text>\n")
                .formatted(
                        box.x() - BOX_WIDTH / 2,
                        box.y() - BOX_HEIGHT / 2,
                        BOX_WIDTH,
                        BOX_HEIGHT,
                        box.x(),
                        box.y() + 5,
                        name);
    }
}
