package dev.cria.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cria.page.Numbers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opens the page in headless Chromium, where there is one, and does what a reader does. */
@Tag("slow")
final class ReportInBrowserTest {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");

    @TempDir
    Path directory;

    private Path page;

    @BeforeEach
    void makePage() throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(CHROMIUM), "no " + CHROMIUM);
        Path steady = directory.resolve("steady");
        new SyntheticRun(400, 4096).write(steady);
        Path lost = directory.resolve("lost");
        new SyntheticRun(400, 4096).withoutStateAt(160, steady).write(lost);
        page = Report.write(List.of(steady, lost), directory.resolve("report"));
    }

    @Test
    void pointerReadsValuesInEachPanelOfTheFigure() throws Exception {
        assertThat(after("""
            const panel = document.querySelectorAll("#figure-1 .panel")[1];
            const box = panel.querySelector("svg").getBoundingClientRect();
            panel.dispatchEvent(new PointerEvent("pointermove",
                {clientX: box.left + box.width / 2, clientY: box.top + 80}));
            say(document.querySelectorAll("#figure-1 .cross").length);
            say(panel.querySelector(".read").innerText.replace(/\\s+/g, " "));\
            """))
                .isEqualTo(
                        "6|step 190 steady %s lost %s|".formatted(validation("steady", 190), validation("lost", 190)));
    }

    @Test
    void keyReadsValuesToo() throws Exception {
        assertThat(after("""
            const panel = document.querySelector("#figure-1 .panel");
            panel.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowLeft", bubbles: true}));
            say(panel.querySelector(".read .x").innerText);\
            """)).isEqualTo("step 395|");
    }

    @Test
    void headingSortsByValueBothWays() throws Exception {
        assertThat(after("""
            const sorted = a => a.every((v, i) => i === 0 || a[i - 1] >= v);
            const wide = document.querySelector("#table-4 table");
            const steps = () => [...wide.tBodies[0].rows].map(r => Number(r.cells[0].dataset.value));
            const button = wide.querySelector("th button");
            button.click(); say(sorted(steps().reverse()) && steps().length > 3);
            button.click(); say(sorted(steps()));
            say(wide.querySelector("th").getAttribute("aria-sort"));\
            """)).isEqualTo("true|true|descending|");
    }

    @Test
    void pageIsNoWiderThanAPhone() throws Exception {
        assertThat(after("""
            const frame = document.createElement("iframe");
            frame.style = "width: 390px; height: 800px; border: 0";
            frame.src = "index.html";
            document.body.appendChild(frame);
            frame.onload = () => {
                const root = frame.contentDocument.documentElement;
                say(root.scrollWidth <= root.clientWidth);
                say(frame.contentDocument.querySelector(".panel svg.narrow").clientWidth > 300);
            };\
            """)).isEqualTo("true|true|");
    }

    @Test
    void restartTablesAreWholeOnADesktopAndATableThatIsCutOnAPhoneSaysSo() throws Exception {
        assertThat(after("""
            for (const id of ["restart-spikes", "restart-healing", "table-4"]) {
                const place = document.querySelector("#" + id + " .scroll");
                say(place.scrollWidth <= place.clientWidth && !document.querySelector("#" + id + " .sideways"));
            }
            const frame = document.createElement("iframe");
            frame.style = "width: 390px; height: 800px; border: 0";
            frame.src = "index.html";
            document.body.appendChild(frame);
            frame.onload = () => {
                const places = [...frame.contentDocument.querySelectorAll(".scroll")];
                const cut = places.filter(p => p.scrollWidth > p.clientWidth + 1);
                say(cut.length > 0);
                say(cut.every(p => p.previousElementSibling.innerText.startsWith("More columns") && p.tabIndex === 0));
            };\
            """)).isEqualTo("true|true|true|true|true|");
    }

    @Test
    void screenshotIsNotBlank() throws Exception {
        Path picture = directory.resolve("page.png");
        chromium(
                "--screenshot=" + picture,
                "--window-size=1280,1600",
                page.toUri().toString());
        var image = ImageIO.read(picture.toFile());
        assertThat(image.getWidth()).isEqualTo(1280);
        assertThat(IntStream.range(0, 1600)
                        .mapToObj(y -> image.getRGB(640, y))
                        .distinct()
                        .count())
                .isGreaterThan(5);
    }

    /** As the figure's own CSV has it, with the read-out's four digits. */
    private String validation(String run, int step) throws IOException {
        String line = Files.readAllLines(page.resolveSibling("figures/figure-1.csv")).stream()
                .filter(l -> l.startsWith("validation-loss,%s,%d,".formatted(run, step)))
                .findFirst()
                .orElseThrow();
        return Numbers.significant(Double.parseDouble(line.substring(line.lastIndexOf(',') + 1)), 4);
    }

    /** What the script says, once the page has loaded. */
    private String after(String script) throws Exception {
        String html = Files.readString(page);
        String probe = """
            <script>
            window.addEventListener("load", () => {
                const out = document.createElement("output");
                document.body.appendChild(out);
                const say = words => { out.textContent += words + "|"; };
                %s
            });
            </script></body>\
            """.formatted(script);
        Path probed = page.resolveSibling("probed.html");
        Files.writeString(probed, html.replace("</body>", probe));
        String dom = chromium(
                "--dump-dom",
                "--virtual-time-budget=3000",
                "--window-size=1280,1600",
                probed.toUri().toString());
        return dom.substring(dom.lastIndexOf("<output>") + 8, dom.lastIndexOf("</output>"));
    }

    private String chromium(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                CHROMIUM.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--allow-file-access-from-files",
                "--user-data-dir=" + directory.resolve("profile")));
        command.addAll(List.of(arguments));
        Path out = directory.resolve("chromium.out");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (!process.waitFor(180, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return Files.readString(out, StandardCharsets.UTF_8);
    }
}
